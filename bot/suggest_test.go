package bot

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"web", "worker", "decanting-service", "billing-api", "billing-ui"}
	for word, want := range map[string]string{
		"wbe": "web", "Web": "web", "weeb": "web", "decanting-servcie": "decanting-service",
		"decanting": "decanting-service", "wrker": "worker", "billing-ap": "billing-api",
		"zzz": "", "": "", "x": "", "something-else": "", "billing-ux": "billing-ui",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	if got := nearest("a", nil); got != "" {
		t.Errorf("nearest of none is %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"web", "web", 0}, {"web", "", 3}, {"web", "wbe", 1}, {"ca", "abc", 3},
		{"kitten", "sitting", 3}, {"größe", "grösse", 2}, {long(1000), "web", 1000},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("from %.10q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("from %q to %.10q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
