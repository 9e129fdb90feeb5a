package deployer

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
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

// Placeholders are the names that a procedure's words may use in braces.
var Placeholders = []string{
	"id", "service", "from", "to", "what", "retailer", "environment", "requester", "approvers", "reason", "tam", "procedure",
	"step", "why", "risk", "downtime", "start", "end", "duration", "impact", "next-update", "notice",
	"stays",
}

// ClientPlaceholders are the only ones in words for clients.
var ClientPlaceholders = []string{"start", "end", "duration", "impact", "next-update"}

// Mentions are placeholders that call people and not only name them. The name
// of a role stands behind MentionRole.
var Mentions = []string{"@requester", "@approvers", "@tam"}

// MentionRole begins a placeholder that calls the people of a role.
const MentionRole = "@role:"

// Texts are all texts of a procedure in which something can be named: conditions, and
// words for people and systems.
func (p Procedure) Texts() []string {
	out := slices.Concat(valuesOf(p.Messages), valuesOf(p.Titles), valuesOf(p.Values), valuesOf(p.Vars))
	for _, ph := range p.Phases {
		out = append(out, ph.When, ph.Else)
	}
	for _, t := range p.Troubles {
		out = append(out, t.texts()...)
	}
	for _, steps := range p.parts() {
		for _, s := range steps {
			out = append(out, s.Texts()...)
		}
	}
	return slices.DeleteFunc(out, func(t string) bool { return t == "" })
}

// Texts are all texts of a step in which something can be named.
func (s Step) Texts() []string {
	out := []string{s.Title, s.When, s.Else, s.EachOf, s.Expect, s.How, s.Troubleshooting, s.Deadline}
	for _, l := range s.Links {
		out = append(out, l.Title, l.Link)
	}
	for _, t := range s.Troubles {
		out = append(out, t.texts()...)
	}
	return append(out, s.With.Texts()...)
}

func (t Trouble) texts() []string {
	return append([]string{t.Symptom, t.Diagnosis, t.Fix}, t.Causes...)
}

// Texts are all texts among the values.
func (v Values) Texts() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		one := v[name]
		out = append(append(append(out, one.Text), one.List...), valuesOf(one.Texts)...)
		for _, i := range one.Items {
			out = append(out, i.Title, i.Link)
		}
		for _, row := range one.Rows {
			out = append(out, valuesOf(row)...)
		}
		for _, in := range one.Inputs {
			out = append(out, in.Label, in.Default, in.When, in.OptionsOf, in.Help)
		}
	}
	return slices.DeleteFunc(out, func(t string) bool { return t == "" })
}

// valuesOf are the values of a map, in the order of their names.
func valuesOf(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[name])
	}
	return out
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

// Foreign is the first character of a version that is not a letter, digit or sign
// of ASCII, if there is one. Tags hold none: what looks like the one that is meant
// would be another.
func Foreign(s string) (r rune, found bool) {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return r, true
		}
	}
	return 0, false
}
