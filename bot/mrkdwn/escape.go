package mrkdwn

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tidy drops what cannot be seen, which copying brings along, and makes hyphens
// of the characters that look like one.
func Tidy(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u00AD', '\u200B', '\u200C', '\u200D', '\u2060', '\uFEFF':
			return -1
		case '\u2010', '\u2011', '\u2012', '\u2212', '\uFE63', '\uFF0D':
			return '-'
		}
		return r
	}, text)
}

// Unescape undoes what Slack does to three characters of a command's text.
func Unescape(text string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}

// Every value that comes from a person or a system passes through one of the
// functions here before it stands in a message. Lengths are in UTF-16 units,
// the strictest way in which a character can be counted, after escaping.
// https://docs.slack.dev/messaging/formatting-message-text

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

// Code shows a value as a code span; nothing is shown as a dash.
func Code(s string, most int) string {
	s = fit(OneLine(s), most-2, escaped)
	if s == "" {
		s = "–"
	}
	return "`" + s + "`"
}

// CodeBlocks show the last lines of a value as they are, since the end of a log
// says what went wrong: at most that many units of them, in blocks of so many,
// which end between lines where they can.
func CodeBlocks(s string, most, each int) []string {
	s = strings.Trim(clean(s, true), "\n")
	if s == "" {
		return nil
	}
	const fence = "```"
	each -= 2*len(fence) + 2
	var out []string
	for rest := fitEnd(s, most); rest != ""; {
		part := Cut(rest, each)
		rest = strings.TrimPrefix(rest[len(part):], "\n")
		if part = strings.TrimRight(part, "\n"); strings.TrimSpace(part) != "" {
			out = append(out, fence+"\n"+part+"\n"+fence)
		}
	}
	return out
}

// Plain shortens a value for a plain_text object, which is not parsed.
func Plain(s string, most int) string {
	return fit(OneLine(s), most, func(r rune) string { return string(r) })
}

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

// fit writes s, rune by rune, into at most that many units.
func fit(s string, most int, write func(rune) string) string {
	var b strings.Builder
	n, keep := 0, 0 // keep: how many bytes leave room for the ellipsis
	for _, r := range s {
		w := write(r)
		n += Units(w)
		if n > most {
			return strings.TrimRight(b.String()[:keep], " ") + ellipsis
		}
		b.WriteString(w)
		if n < most {
			keep = b.Len()
		}
	}
	return b.String()
}

// fitEnd writes the end of s into at most that many units.
func fitEnd(s string, most int) string {
	n := 0
	for i := len(s); i > 0; {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		n += Units(escaped(r))
		if n > most-1 {
			s = ellipsis + s[i:]
			break
		}
		i -= size
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteString(escaped(r))
	}
	return b.String()
}

// Units counts UTF-16 units.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

const NameMax = 80 // of people, services, versions

const TitleMax = 120 // of steps
