package mrkdwn

import (
	"regexp"
	"strings"
)

// Cut returns the beginning of a text, at most that many units. It ends between
// lines where it can, else between words, else within a word. It ends inside a
// <…> or an &…; only where the text begins with one that is too long.
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

// Units counts UTF-16 units, the strictest way in which Slack may count characters.
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
