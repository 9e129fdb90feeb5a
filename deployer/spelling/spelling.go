// Package spelling reads what people type: it finds the word that was most likely meant, and
// how long something lasts.
package spelling

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Suggest asks whether the candidate that is nearest to a word was meant, or is
// "" where none is near.
func Suggest(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return "Did you mean " + near + "?"
	}
	return ""
}

// SuggestAs asks the same within a sentence, with the candidate in a format such
// as %q.
func SuggestAs(format, word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return "did you mean " + fmt.Sprintf(format, near) + "?"
	}
	return ""
}

// Nearest returns the candidate that was most likely meant by word, or "" if
// none is near. Case does not count; a word that one of them begins with does.
func Nearest(word string, candidates []string) string {
	word = strings.ToLower(word)
	best, least := "", 1+max(1, len([]rune(word))/3)
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		d := distance(word, strings.ToLower(c))
		if d >= least && len(word) >= 3 && strings.HasPrefix(strings.ToLower(c), word) {
			d = least - 1
		}
		if d < least && d < len(word) {
			best, least = c, d
		}
	}
	return best
}

// distance counts the typing mistakes between two words: a letter too many,
// missing, wrong, or swapped with its neighbour (Damerau and Levenshtein, each
// letter changed at most once).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 256 || len(y) > 256 {
		return max(len(x), len(y))
	}
	var before []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next := make([]int, len(y)+1)
		next[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(y)]
}

// spanMax is the longest part of a time that people write.
const spanMax = 10 * 365 * 24 * time.Hour

// span is one part of a time as people write it.
var span = regexp.MustCompile(`^(\d{1,6})(w|d|h|m|s)`)

// ParseSpan reads how long something lasts, as people write it: 30s, 15m, 1h30m, 2d,
// 1w, in falling units. A number without a unit is none.
func ParseSpan(text string) (time.Duration, error) {
	const units = "wdhms"
	unit := []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second}
	var sum time.Duration
	last, rest := -1, text
	for rest != "" {
		m := span.FindStringSubmatch(rest)
		if m == nil {
			return 0, fmt.Errorf("%q is no time such as 30s, 15m, 1h30m, 2d or 1w", text)
		}
		at := strings.Index(units, m[2])
		if at <= last {
			return 0, fmt.Errorf("%q has its units in the wrong order; write it like 1h30m", text)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil || time.Duration(n) > spanMax/unit[at] {
			return 0, fmt.Errorf("%q is longer than anything lasts", text)
		}
		sum, last, rest = sum+time.Duration(n)*unit[at], at, rest[len(m[0]):]
	}
	if text == "" {
		return 0, errors.New("a time is missing, such as 15m")
	}
	return sum, nil
}
