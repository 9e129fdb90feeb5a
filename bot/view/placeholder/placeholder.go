// Package placeholder puts values into the words of a procedure: for {paths} in braces, and in the addresses of links.
package placeholder

import (
	"regexp"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

// written is a link that the words of a procedure hold: its address, and its label.
var written = regexp.MustCompile(`<(https?://[^|>\s]+)(?:\|([^>]*))?>`)

// FillLinks puts the values into the addresses of links, each escaped for where
// it stands. A link that lacks one is its label alone.
func FillLinks(words string, args map[string]string) string {
	return written.ReplaceAllStringFunc(words, func(link string) string {
		parts := written.FindStringSubmatch(link)
		if !braced.MatchString(parts[1]) {
			return link
		}
		address, err := urltemplate.Link(parts[1]).For(args)
		if err != nil {
			return parts[2]
		}
		return strings.Replace(link, parts[1], address, 1)
	})
}

// braced is a path in braces, such as {steps.ticket.key}, or one in two, which
// stands for the braces themselves.
var braced = regexp.MustCompile(`\{\{(@?[a-zA-Z][a-zA-Z0-9_.:-]*)\}\}|\{(@?[a-zA-Z][a-zA-Z0-9_.:-]*)\}`)

// Fill puts the values into the words. A placeholder that nobody knows stays
// visible, so that its writer sees it; {{name}} is {name}. Value gets to know whether
// its line holds nothing else, so that a list has a line for each there. Of the
// spaces around a value that is empty, one is left.
func Fill(words string, value func(path string, alone bool) (string, bool)) string {
	words = strings.ToValidUTF8(words, "\uFFFD")
	var out strings.Builder
	last := 0
	for _, at := range braced.FindAllStringSubmatchIndex(words, -1) {
		out.WriteString(words[last:at[0]])
		last = at[1]
		if at[2] >= 0 {
			out.WriteString("{" + words[at[2]:at[3]] + "}")
			continue
		}
		if v, ok := value(words[at[4]:at[5]], alone(words, at[0], at[1])); ok {
			out.WriteString(v)
			if v == "" && spaced(words, at[0], at[1]) {
				last++
			}
		} else {
			out.WriteString(words[at[0]:at[1]])
		}
	}
	return out.String() + words[last:]
}

// spaced reports whether a space stands on either side of what lies between, or one
// behind it where a line begins.
func spaced(words string, from, to int) bool {
	return strings.HasPrefix(words[to:], " ") && (from == 0 || words[from-1] == ' ' || words[from-1] == '\n')
}

// alone reports whether nothing else stands on the line of what lies between.
func alone(words string, from, to int) bool {
	before, after := words[:from], words[to:]
	before = before[strings.LastIndexByte(before, '\n')+1:]
	after, _, _ = strings.Cut(after, "\n")
	return strings.TrimSpace(before) == "" && strings.TrimSpace(after) == ""
}

// Known puts values on one line into words. Times are those of a zone: what stands in a
// StepTitle is no place for the reader's clock.
func Known(values map[string]string, zone *time.Location) func(path string, alone bool) (string, bool) {
	return func(path string, _ bool) (string, bool) {
		value, ok := values[path]
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			value = at.In(zone).Format("2 Jan 15:04 MST")
		}
		return mrkdwn.OneLine(value), ok
	}
}

// bold is what mrkdwn sets in bold.
var bold = regexp.MustCompile(`\*([^*\n]+)\*`)

// Unmarked are words as plain text: an address behind the label of its link, and nothing bold.
func Unmarked(words string) string {
	words = written.ReplaceAllStringFunc(words, func(link string) string {
		parts := written.FindStringSubmatch(link)
		if parts[2] == "" {
			return parts[1]
		}
		return parts[2] + " (" + parts[1] + ")"
	})
	return bold.ReplaceAllString(words, "$1")
}
