package kube

import (
	"slices"
	"strings"
)

// shown bounds how many names a refusal lists.
const shown = 8

// instead says which of the names was probably meant, or which there are.
func instead(typed string, names []string) string {
	if len(names) == 0 {
		return "There is none."
	}
	slices.Sort(names)
	best, least := "", max(2, len(typed)/3)+1
	for _, n := range names {
		if d := distance(strings.ToLower(typed), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	if best != "" {
		return "Did you mean " + best + "?"
	}
	if len(names) > shown {
		return "There are " + strings.Join(names[:shown], ", ") + " and more."
	}
	if len(names) == 1 {
		return "There is only " + names[0] + "."
	}
	return "There are " + strings.Join(names, ", ") + "."
}

// distance is how many characters must be changed, added or dropped to turn a
// into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
