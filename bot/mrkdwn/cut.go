package mrkdwn

import (
	"regexp"
	"strings"
)

const MessageMax = 3900 // chat.update takes 4,000

// Cut returns the beginning of a text, at most that many units, ending between
// lines or words where it can, and never inside <…> or &…;.
func Cut(s string, most int) string {
	if Units(s) <= most {
		return s
	}
	n, end, line, word := 0, 0, 0, 0
	open := false
	for i, r := range s {
		if n += Units(string(r)); n > most {
			break
		}
		if open {
			open = r != '>' && r != ';' && r != '\n'
		} else {
			open = r == '<' || r == '&' && entity.MatchString(s[i:])
		}
		if open {
			continue
		}
		end = i + len(string(r))
		switch r {
		case '\n':
			line = end
		case ' ':
			word = end
		}
	}
	switch {
	case line > len(s[:end])/2:
		return s[:line]
	case word > 0:
		return s[:word]
	case end > 0:
		return s[:end]
	}
	return s[:len(fit(s, most-1, func(r rune) string { return string(r) }))-len(ellipsis)]
}

// EscapeLines escapes a person's words and keeps their lines.
func EscapeLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(s), "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = Escape(line, MessageMax)
	}
	return strings.Join(lines, "\n")
}

var entity = regexp.MustCompile(`^&(amp|lt|gt);`)

// JoinWithin puts side by side what has room there.
func JoinWithin(parts []string, most int) string {
	line := ""
	for _, p := range parts {
		if line != "" {
			p = line + " · " + p
		}
		if Units(p) > most {
			break
		}
		line = p
	}
	return line
}

// Clip cuts text to so many characters.
func Clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// Quote shows a text as somebody else's words.
func Quote(text string, most int) string {
	lines := strings.Split(EscapeLines(text), "\n")
	out := strings.Join(lines, "\n> ")
	return "> " + Cut(out, max(most, 4*TitleMax))
}
