package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/stationmaster/stationmaster/deployer"
)

// marks are the characters of ASCII that mean something in Markdown wherever they stand, in
// CommonMark or in GitHub's form of it, also in a table.
const marks = "\\`*_[]<|~&$"

// escape is a text of people or systems within a line of Markdown: it reads as it was
// written, and does nothing. Its lines become one.
func escape(text string) string {
	var b strings.Builder
	line := []rune(strings.Join(strings.Fields(text), " "))
	for i, r := range line {
		before, after := ' ', ' '
		if i > 0 {
			before = line[i-1]
		}
		if i+1 < len(line) {
			after = line[i+1]
		}
		switch {
		case deployer.Unseen(r) && !joins(r):
			fmt.Fprintf(&b, `\<U+%04X>`, r)
		case r == '@' && !wordy(before) && wordy(after):
			b.WriteString("@\u2060") // nobody is called: the joiner takes no room
		case strings.ContainsRune(marks, r), begins(line[:i], r, after), links(before, r, after):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// joins are unseen characters that letters and emoji hold for good reason.
func joins(r rune) bool {
	return r == '\u200c' || r == '\u200d' || unicode.Is(unicode.Variation_Selector, r)
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// begins reports whether a character behind that would begin a heading, a list or a quote,
// or end a heading.
func begins(before []rune, r, after rune) bool {
	n := len(before)
	switch r {
	case '.', ')':
		return n > 0 && after == ' ' && !slices.ContainsFunc(before, func(b rune) bool { return b < '0' || b > '9' })
	case '#':
		return n == 0 || before[n-1] == ' '
	}
	return n == 0 && strings.ContainsRune(">-+=", r)
}

// links reports whether a character would have something linked by itself, or be part of
// the name of an emoji.
func links(before, r, after rune) bool {
	switch r {
	case '.':
		return before == 'w' || before == 'W'
	case ':':
		return after == '/' || !wordy(before) && (wordy(after) || after == '+' || after == '-')
	}
	return false
}

// block is a text of several lines as code, which does nothing either.
func block(text string) string {
	text = strings.Map(func(r rune) rune {
		if deployer.Unseen(r) && !unicode.IsSpace(r) && !joins(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + strings.TrimRight(text, "\n") + "\n" + fence + "\n"
}

// linked is a link with its label.
func linked(l link) string {
	at := strings.NewReplacer("<", "%3C", ">", "%3E", `\`, "%5C", "|", "%7C", "`", "%60", " ", "%20", "\n", "%0A").Replace(l.url)
	return "[" + escape(l.label) + "](<" + at + ">)"
}
