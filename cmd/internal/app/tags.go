package app

import (
	"cmp"
	"slices"
	"strings"
)

// newestFirst orders tags by the numbers in them, the highest first. A
// registry tells no dates and lists tags by their letters (distribution-spec,
// "Listing Tags"), so that v1.10 would stand before v1.9.
func newestFirst(tags []string) []string {
	out := slices.Clone(tags)
	slices.SortStableFunc(out, func(a, b string) int { return compareTags(b, a) })
	return out
}

// compareTags compares part by part; runs of digits count as numbers.
func compareTags(a, b string) int {
	for a != "" && b != "" {
		x, restA := part(a)
		y, restB := part(b)
		if c := compareParts(x, y); c != 0 {
			return c
		}
		a, b = restA, restB
	}
	return cmp.Compare(len(a), len(b))
}

func compareParts(x, y string) int {
	if !digit(x[0]) || !digit(y[0]) {
		return strings.Compare(x, y)
	}
	x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y))
}

// part cuts off the first run of digits, or of anything else.
func part(s string) (first, rest string) {
	i := 1
	for i < len(s) && digit(s[i]) == digit(s[0]) {
		i++
	}
	return s[:i], s[i:]
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
