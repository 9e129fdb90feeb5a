package mrkdwn

import (
	"strings"
	"unicode/utf8"
)

// Code shows a value as a code span; nothing is shown as a dash.
func Code(s string, most int) string {
	s = fit(hushed(OneLine(s)), most-2, escaped)
	if s == "" {
		s = "–"
	}
	return "`" + s + "`"
}

// CodeBlocks show the last lines of a value as they are, since the end of a log
// says what went wrong: at most that many units of them, in blocks of so many,
// which end between lines where they can.
func CodeBlocks(s string, most, each int) []string {
	s = strings.Trim(visible(s, true), "\n")
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
