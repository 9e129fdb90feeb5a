package bot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// How much of a value stands in a line.
const (
	nameMax  = 80  // of people, services, versions
	titleMax = 120 // of steps
)

// clock is a time of day, shown in the zone of whoever reads it.
func clock(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{time}|%s UTC>", t.Unix(), t.UTC().Format("15:04"))
}

// ago says how long ago something happened; the reader's client keeps it
// current, so that its passing needs no edit.
func ago(happened string, t time.Time) string {
	return fmt.Sprintf("<!date^%d^%s {ago}|%s at %s UTC>", t.Unix(), happened, happened, t.UTC().Format("15:04"))
}

// span is a duration as people say it.
func span(d time.Duration) string {
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

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// join lists words: a, b and c. Of more than most, the rest is counted.
func join(words []string, last string, most int) string {
	if extra := len(words) - most; extra > 0 {
		words = append(slices.Clone(words[:most]), fmt.Sprintf("%d more", extra))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// name is a person's name, escaped.
func name(n names, p deployer.Person) string {
	s := n.Person(p)
	if s == "" {
		s = p.Name
	}
	return escape(s, nameMax)
}

// holders names the people of a role, escaped, without calling them; not is
// left out.
func holders(n names, role, not string) []string {
	var out []string
	for _, s := range n.Role(role) {
		if s = escape(s, nameMax); s != not {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		who := "somebody of " + escape(role, nameMax)
		if not != "" {
			who += " other than " + not
		}
		return []string{who}
	}
	return out
}

// deciders names who may decide what becomes of a deployment.
func deciders(d deployer.Deployment, n names) []string {
	out := []string{name(n, d.Requester)}
	for _, role := range d.Deciders() {
		for _, who := range holders(n, role, "") {
			if !slices.Contains(out, who) {
				out = append(out, who)
			}
		}
	}
	return out
}

// sentence puts a full stop behind words that have none.
func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") || strings.HasSuffix(s, ellipsis) {
		return s
	}
	return s + "."
}

// trimStop takes the full stop away, where something follows on the same line.
func trimStop(s string) string { return strings.TrimSuffix(s, ".") }

// paragraph joins sentences, of which some may be empty.
func paragraph(sentences ...string) string {
	out := ""
	for _, s := range sentences {
		if out != "" && s != "" && s[0] != '\n' {
			out += " "
		}
		out += s
	}
	return strings.TrimRight(out, "\n")
}

// capital begins a text with a capital letter.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
