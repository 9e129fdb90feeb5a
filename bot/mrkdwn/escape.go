package mrkdwn

import (
	"regexp"
	"strings"
	"unicode"
)

const ellipsis = "…"

// Escape makes a value safe inside mrkdwn, on one line: it mentions nobody, links
// nowhere and opens no code.
func Escape(s string, most int) string { return fit(OneLine(s), most, escaped) }

// digest is the hash of an image. Nobody reads it whole: its first digits tell
// one from another.
var digest = regexp.MustCompile(`(sha256:[0-9a-f]{12})[0-9a-f]{52}`)

// Shorten is what a system or a person gave as one, for people to read.
func Shorten(s string, most int) string {
	return Escape(digest.ReplaceAllString(s, "$1"+ellipsis), most)
}

// Plain shortens a value for a plain_text object, which is not parsed.
func Plain(s string, most int) string {
	return fit(OneLine(s), most, func(r rune) string { return string(r) })
}

// EscapeLines escapes a person's words and keeps their lines.
func EscapeLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(s), "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = Escape(line, MessageMax)
	}
	return strings.Join(lines, "\n")
}

// Quote shows a text as somebody else's words.
func Quote(text string, most int) string {
	lines := strings.Split(EscapeLines(text), "\n")
	out := strings.Join(lines, "\n> ")
	return "> " + Cut(out, max(most, 4*TitleMax))
}

// broadcast is what calls everybody in a channel.
var broadcast = regexp.MustCompile(`(?i)@(here|channel|everyone)`)

// OneLine puts a value on one line and breaks up what calls a whole channel.
func OneLine(s string) string {
	s = strings.Join(strings.Fields(clean(s, false)), " ")
	return broadcast.ReplaceAllString(s, "@\u2060$1")
}

// clean drops what cannot be seen and what reorders text that can, so that a
// value reads as what it is.
func clean(s string, lines bool) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines, r == '\t':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}

func escaped(r rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '`':
		return "ˋ" // the letter that looks like it
	}
	return string(r)
}
