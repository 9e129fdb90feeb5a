package mrkdwn

import (
	"strings"
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
