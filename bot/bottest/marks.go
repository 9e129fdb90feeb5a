package bottest

import (
	"regexp"
	"strings"
	"unicode"
)

// Marks are what Slack makes of a text in mrkdwn besides its characters: bold,
// italic and struck runs, code, emoji, quotes and lists, and what stands in <…>.
// Where its documentation leaves open whether something is one, it is.
// https://docs.slack.dev/messaging/formatting-message-text
func Marks(text string) []string {
	var out []string
	for i, part := range strings.Split(text, "```") {
		if i%2 == 1 {
			out = append(out, "code block")
			continue
		}
		for line := range strings.SplitSeq(part, "\n") {
			if m := lineMark.FindStringSubmatch(line); m != nil {
				out = append(out, "line "+strings.TrimLeft(m[1], "0123456789"))
			}
			out = append(out, inline(line)...)
		}
	}
	return out
}

var (
	lineMark = regexp.MustCompile(`^\s*((?:>|&gt;)+|[-•◦*] |[0-9]+[.)] )`)
	brackets = regexp.MustCompile(`^<([^<>\n]+)>`)
	codeSpan = regexp.MustCompile("^`[^`\n]+`")
	emoji    = regexp.MustCompile(`^:([\p{L}\p{M}\p{N}_+'-]+):`)
)

// inline are the marks of one line.
func inline(line string) []string {
	var out []string
	before := ' '
	for i := 0; i < len(line); {
		rest := line[i:]
		r := []rune(rest)[0]
		size := len(string(r))
		switch {
		case codeSpan.MatchString(rest):
			out, size = append(out, "code"), len(codeSpan.FindString(rest))
		case brackets.MatchString(rest):
			m := brackets.FindStringSubmatch(rest)
			target, label, _ := strings.Cut(m[1], "|")
			out, size = append(append(out, "<"+target+">"), inline(label)...), len(m[0])
		case r == ':' && isEmoji(rest):
			out, size = append(out, "emoji"), len(emoji.FindString(rest))
		case strings.ContainsRune("*_~", r) && !inWord(before):
			if end := closing(rest, byte(r)); end > 0 {
				out, size = append(append(out, string(r)), inline(rest[1:end])...), end+1
			}
		}
		before = []rune(line[:i+size])[len([]rune(line[:i+size]))-1]
		i += size
	}
	return out
}

// isEmoji: of digits alone there are two, and the time of a day is none.
func isEmoji(s string) bool {
	m := emoji.FindStringSubmatch(s)
	return m != nil && (strings.ContainsFunc(m[1], func(r rune) bool { return !unicode.IsDigit(r) }) || m[1] == "100" || m[1] == "1234")
}

// closing is where a style ends that begins a text, or 0.
func closing(s string, mark byte) int {
	next := []rune(s[1:] + " ")[0]
	if unicode.IsSpace(next) || byte(next) == mark {
		return 0
	}
	for j := 2; j < len(s); j++ {
		if skip := brackets.FindString(s[j:]) + codeSpan.FindString(s[j:]); skip != "" {
			j += len(skip) - 1
			continue
		}
		after := []rune(s[j:] + " ")
		if s[j] == mark && s[j-1] != ' ' && !inWord(after[1]) {
			return j
		}
	}
	return 0
}

func inWord(r rune) bool { return r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
