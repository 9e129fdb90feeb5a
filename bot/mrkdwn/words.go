package mrkdwn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Abbreviation is what the time's zone is called then, such as EST or UTC-03.
func Abbreviation(t time.Time) string {
	name, _ := t.Zone()
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return "UTC" + name
	}
	return name
}

const Dash = " – "

// Date is a day and time, in the zone of whoever reads it.
func Date(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s UTC>", t.Unix(), t.UTC().Format("2 Jan 15:04"))
}

// Clock is a time of day, shown in the zone of whoever reads it.
func Clock(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{time}|%s UTC>", t.Unix(), t.UTC().Format("15:04"))
}

// Ago says how long ago something happened; the reader's client keeps it
// current, so that its passing needs no edit.
func Ago(happened string, t time.Time) string {
	return fmt.Sprintf("<!date^%d^%s {ago}|%s at %s UTC>", t.Unix(), happened, happened, t.UTC().Format("15:04"))
}

// Span is a duration as people say it.
func Span(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case d < time.Minute:
		return strconv.Itoa(max(int(d.Round(time.Second)/time.Second), 0)) + " s"
	case minutes < 100:
		return strconv.Itoa(minutes) + " min"
	case minutes%60 == 0:
		return strconv.Itoa(minutes/60) + " h"
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}

// Count is a number with its noun.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

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

// Sentence puts a full stop behind words that have none.
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
