package mrkdwn

import (
	"fmt"
	"slices"
	"strings"
)

const Dash = " – "

// Join lists words: a, b and c. Of more than most, the rest is counted.
func Join(words []string, last string, most int) string {
	if extra := len(words) - most; extra > 0 {
		words = append(slices.Clone(words[:most]), fmt.Sprintf("%d more", extra))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// Sentence puts a full stop behind words that have none. Unlike the core's, which
// ends a reason so that words can follow, it leaves alone what was cut short and
// what ends with a colon: people read it as it is.
func Sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") || strings.HasSuffix(s, ellipsis) {
		return s
	}
	return s + "."
}

// TrimStop takes the full stop away, where something follows on the same line.
func TrimStop(s string) string { return strings.TrimSuffix(s, ".") }

// Paragraph joins sentences, of which some may be empty.
func Paragraph(sentences ...string) string {
	out := ""
	for _, s := range sentences {
		if out != "" && s != "" && s[0] != '\n' {
			out += " "
		}
		out += s
	}
	return strings.TrimRight(out, "\n")
}

// Capital begins a text with a capital letter.
func Capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
