package mrkdwn

import (
	"regexp"
	"strings"
	"unicode"
)

const ellipsis = "…"

// Escape makes a value safe inside mrkdwn, on one line: it mentions nobody, links
// nowhere, opens no code, and nothing in it is a style, an emoji, a quote or a
// list. Slack has no way to escape those: what would begin or end a style is
// written with a sign that looks like it, and an invisible joiner parts the rest.
func Escape(s string, most int) string { return unstyled(fit(parted(OneLine(s)), most, escaped)) }

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

// Bare shortens a value for a text that is no object, such as the title of a task. Slack
// calls it plain and says no more: what would call somebody elsewhere is parted.
func Bare(s string, most int) string {
	return fit(calls.ReplaceAllString(parted(OneLine(s)), "<"+string(joiner)+"$1"), most, func(r rune) string { return string(r) })
}

// calls is what begins a mention.
var calls = regexp.MustCompile(`<([@!#])`)

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

func hushed(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	return broadcast.ReplaceAllString(s, "@"+string(joiner)+"$1")
}

// OneLine puts a value on one line, as what it is.
func OneLine(s string) string { return strings.Join(strings.Fields(visible(s, false)), " ") }

// leading is what makes a quote or a list of the line that it begins.
var leading = regexp.MustCompile(`^(>|([-•◦▪+]|[0-9]+[.)])( |$))`)

// parted puts a joiner where Slack would else see more than characters: into what
// calls a channel, into the names of emoji, and before what begins a quote or a list.
func parted(s string) string {
	s = hushed(s)
	if leading.MatchString(s) {
		s = string(joiner) + s
	}
	if !strings.Contains(s, ":") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if b.WriteByte(s[i]); s[i] != ':' {
			continue
		}
		rest := s[i+1:]
		name := emojiName(rest)
		closed := strings.HasPrefix(rest[name:], ":")
		open := name == len(rest) && !(isTime(rest) && i > 0 && s[i-1] >= '0' && s[i-1] <= '9') // our own colon may follow
		if name > 0 && (closed || open) {
			b.WriteRune(joiner)
		}
	}
	return b.String()
}

// emojiName is how many bytes the name of an emoji could have that begins a text.
func emojiName(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("_+'-", r)
	})
	if end < 0 {
		return len(s)
	}
	return end
}

// isTime: the minutes of 22:00 are no emoji.
func isTime(s string) bool { return len(s) == 2 && strings.Trim(s, "0123456789") == "" }

// unstyled writes the signs of bold, italic and struck text so that they are
// none. Within a word, and alone between spaces, Slack leaves them as they are.
func unstyled(s string) string {
	if !strings.ContainsAny(s, "*_~") {
		return s
	}
	in := []rune(s)
	for i, r := range in {
		sign, ok := alike[r]
		if !ok {
			continue
		}
		before, after := ' ', ' '
		inside := i > 0 && i < len(in)-1
		if inside {
			before, after = in[i-1], in[i+1]
		}
		if !inside || !(wordASCII(before) && wordASCII(after) || before == ' ' && after == ' ') {
			in[i] = sign
		}
	}
	return string(in)
}

// alike are signs that look like those that mean a style, and mean none.
var alike = map[rune]rune{'*': '∗', '_': 'ˍ', '~': '∼'}

func wordASCII(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
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
