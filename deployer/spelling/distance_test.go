package spelling

import (
	"strings"
	"testing"
)

func TestDistanceCountsTypingMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"web", "web", 0}, {"web", "", 3}, {"web", "wbe", 1}, {"ca", "abc", 3},
		{"kitten", "sitting", 3}, {"größe", "grösse", 2}, {strings.Repeat("x", 1000), "web", 1000},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("from %.10q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("from %q to %.10q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
