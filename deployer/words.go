package deployer

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Sentence ends a reason with a full stop, so that words can follow it.
func Sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// Count is a number with its noun: 1 pod, 2 pods.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Span is a duration without noughts at its end: 1h30m, 2h.
func Span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// SpanInWords is a duration in full words, to the minute.
func SpanInWords(d time.Duration) string {
	minutes := max(int(d.Round(time.Minute)/time.Minute), 1)
	switch hours := minutes / 60; {
	case hours == 0:
		return Count(minutes, "minute")
	case minutes%60 == 0:
		return Count(hours, "hour")
	default:
		return Count(hours, "hour") + " " + Count(minutes%60, "minute")
	}
}

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

// Unseen reports whether a character can't be seen where it stands: it takes no
// room, turns around what stands beside it, or is blank without being a space.
// Letters that join and emoji hold some of these for good reason.
func Unseen(r rune) bool {
	switch {
	case unicode.IsSpace(r):
		return false
	case r == '\u2800', r == '\U0001D159': // the empty pattern of Braille, the empty head of a note
		return true
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // formatting by its class, and seen
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// Blank reports whether there is nothing to read in a text: a reason of that is none.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !Unseen(r) && !unicode.IsMark(r) })
}

// said is what somebody gave as a reason or a comment; "" where there is nothing to read.
func said(s string) string {
	if Blank(s) {
		return ""
	}
	return strings.TrimSpace(s)
}

// Foreign is the first character of a name or a version that is not a letter,
// digit or sign of ASCII, or 0. Services, tags and keys hold none: what looks
// like the one that is meant would be another.
func Foreign(s string) rune {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return r
		}
	}
	return 0
}
