package bot

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// Every value that comes from a person or a system passes through one of the
// functions here before it stands in a message. Lengths are in UTF-16 units,
// the strictest way in which a character can be counted, after escaping.
// https://docs.slack.dev/messaging/formatting-message-text

const ellipsis = "…"

// escape makes a value safe inside mrkdwn, on one line: it mentions nobody, links
// nowhere and opens no code.
func escape(s string, most int) string { return fit(oneLine(s), most, escaped) }

// digest is the hash of an image. Nobody reads it whole: its first digits tell
// one from another.
var digest = regexp.MustCompile(`(sha256:[0-9a-f]{12})[0-9a-f]{52}`)

// shorten is what a system or a person gave as one, for people to read.
func shorten(s string, most int) string {
	return escape(digest.ReplaceAllString(s, "$1"+ellipsis), most)
}

// code shows a value as a code span; nothing is shown as a dash.
func code(s string, most int) string {
	s = fit(oneLine(s), most-2, escaped)
	if s == "" {
		s = "–"
	}
	return "`" + s + "`"
}

// codeBlocks show the last lines of a value as they are, since the end of a log
// says what went wrong: at most that many units of them, in blocks of so many,
// which end between lines where they can.
func codeBlocks(s string, most, each int) []string {
	s = strings.Trim(clean(s, true), "\n")
	if s == "" {
		return nil
	}
	const fence = "```"
	each -= 2*len(fence) + 2
	var out []string
	for rest := fitEnd(s, most); rest != ""; {
		part := cut(rest, each)
		rest = strings.TrimPrefix(rest[len(part):], "\n")
		if part = strings.TrimRight(part, "\n"); strings.TrimSpace(part) != "" {
			out = append(out, fence+"\n"+part+"\n"+fence)
		}
	}
	return out
}

// plain shortens a value for a plain_text object, which is not parsed.
func plain(s string, most int) string {
	return fit(oneLine(s), most, func(r rune) string { return string(r) })
}

var broadcast = regexp.MustCompile(`(?i)@(here|channel|everyone)`)

// oneLine puts a value on one line and breaks up what calls a whole channel.
func oneLine(s string) string {
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
		n += units(w)
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
		n += units(escaped(r))
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

// units counts UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// markdownText is a text object. Verbatim: nothing in it becomes a link or a mention
// that is not written as one.
func markdownText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

// plainText is a text object in which nothing has a meaning, not even emoji.
func plainText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// section is a paragraph of mrkdwn that is shown whole: what a tired person
// needs does not hide behind "See more".
func section(text string) *slack.SectionBlock {
	return slack.NewSectionBlock(markdownText(text), nil, nil, slack.SectionBlockOptionExpand(true))
}
