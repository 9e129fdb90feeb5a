package app

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTagsComeNewestFirst(t *testing.T) {
	t.Parallel()
	for _, want := range [][]string{
		{"v1.10.0", "v1.9.1", "v1.9.0", "v1"},
		{"24-02-05.619-hotfix.627", "24-02-05.619", "24-02-01.602", "23-12-30.9"},
		{"v6", "v5-slow", "v4-missing", "v3-crash", "v2", "v1"},
		{"latest", "007", "6"},
	} {
		got := slices.Clone(want)
		slices.Sort(got) // as a registry lists them
		if got = newestFirst(got); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

// The order is one: else sorting would depend on how the registry lists.
func TestTagsHaveOneOrder(t *testing.T) {
	t.Parallel()
	tag := rapid.StringMatching(`[a-z0-9_][a-z0-9._-]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := tag.Draw(t, "a"), tag.Draw(t, "b"), tag.Draw(t, "c")
		if compareTags(a, b) != -compareTags(b, a) {
			t.Fatalf("%s and %s: %d, the other way %d", a, b, compareTags(a, b), compareTags(b, a))
		}
		if compareTags(a, b) < 0 && compareTags(b, c) < 0 && compareTags(a, c) >= 0 {
			t.Fatalf("%s < %s < %s, and yet %d", a, b, c, compareTags(a, c))
		}
	})
}
