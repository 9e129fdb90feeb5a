package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// idMax bounds an id, in characters.
const idMax = 32

var notInID = regexp.MustCompile(`[^a-z0-9]+`)

// name makes an id of a title, one that nothing else has.
func (d *draft) name(title, otherwise string) string {
	id := strings.Trim(notInID.ReplaceAllString(strings.ToLower(title), "-"), "-")
	if len(id) > idMax {
		id = id[:idMax]
		if at := strings.LastIndexByte(id, '-'); at > idMax/2 {
			id = id[:at]
		}
		id = strings.TrimRight(id, "-")
	}
	if id == "" {
		id = otherwise
	}
	unique := id
	for n := 2; d.ids[unique]; n++ {
		unique = id + "-" + strconv.Itoa(n)
	}
	d.ids[unique] = true
	return unique
}

// write makes the file.
func (d *draft) write(file string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Made from %s: %s in %s. Each is confirmed by a person, so it can be run as it is.\n", strings.Join(strings.Fields(file), " "), counted(d.count(), "step"), counted(len(d.phases), "phase"))
	b.WriteString("# Look at, before you trust it:\n")
	for _, note := range append(d.notes, d.general()...) {
		fmt.Fprintf(&b, "# - %s\n", note)
	}
	fmt.Fprintf(&b, "id: %s\ntitle: %s\n", d.id, quoted(d.title))
	b.WriteString("services: none\n")
	if len(d.about) > 0 {
		field(&b, "", "about", strings.Join(d.about, "\n\n"))
	}
	b.WriteString("\nphases:\n")
	for i, p := range d.phases {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "  - id: %s\n    title: %s\n    steps:\n", p.id, quoted(p.title))
		for _, s := range p.steps {
			s.write(&b)
		}
	}
	return b.Bytes()
}

// general is what is to be looked at in every procedure that was a document.
func (d *draft) general() []string {
	out := []string{
		"owner: who keeps it right; no document says so in a way that a program can read",
		"who does each step: they are all the requester's; with: {role: …} gives one to others",
		"what a machine can do: `stationmaster procedure kinds` lists it, and uses: says it",
		"titles: what is so when the step is done (“The ticket is linked”), so that the card reads as a report",
		"approve, failure, rollback, announcements: what a document has only in its sentences",
		"services: many, as soon as a step rolls something out",
	}
	if d.inner > 0 {
		out = append(out, fmt.Sprintf("%s within the site of the document left out; their words are there", counted(d.inner, "link")))
	}
	return out
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

const indent = "        "

func (s step) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "      - id: %s\n%stitle: %s\n%suses: confirm\n", s.id, indent, quoted(s.title), indent)
	if s.estimate > 0 {
		fmt.Fprintf(b, "%sestimate: %s\n", indent, written(s.estimate))
	}
	if len(s.items) > 0 {
		fmt.Fprintf(b, "%swith:\n%s  items:\n", indent, indent)
	}
	for _, it := range s.items {
		if it.url != "" {
			fmt.Fprintf(b, "%s    - {title: %s, link: %s}\n", indent, within(it.title), within(it.url))
		} else {
			fmt.Fprintf(b, "%s    - %s\n", indent, quoted(it.title))
		}
	}
	if s.how != "" {
		field(b, indent, "how", s.how)
	}
	if len(s.links) > 0 {
		fmt.Fprintf(b, "%slinks:\n", indent)
	}
	labels := map[string]int{}
	for _, l := range s.links {
		if l.label == "" {
			l.label = "link"
		}
		if labels[l.label]++; labels[l.label] > 1 {
			l.label += " " + strconv.Itoa(labels[l.label])
		}
		fmt.Fprintf(b, "%s  %s: %s\n", indent, quotedKey(l.label), quoted(l.url))
	}
}

// written is a duration as a procedure has it.
func written(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// field writes a text of one line or of several.
func field(b *bytes.Buffer, indent, key, text string) {
	if !strings.Contains(text, "\n") || strings.HasPrefix(text, " ") {
		fmt.Fprintf(b, "%s%s: %s\n", indent, key, quoted(text))
		return
	}
	fmt.Fprintf(b, "%s%s: |\n", indent, key)
	for line := range strings.Lines(literal(text)) {
		if line = strings.TrimRight(line, " \n"); line != "" {
			line = indent + "  " + line
		}
		b.WriteString(line + "\n")
	}
}

var (
	hole   = regexp.MustCompile(`\{(@?[A-Za-z0-9_][A-Za-z0-9_.:-]*(?:\[[^\]]*\])?[A-Za-z0-9_.]*)\}`)
	shell  = regexp.MustCompile(`\$\{([A-Za-z_]\w*)\}(\W|$)`)
	dollar = regexp.MustCompile(`\$(\{+)`)
)

// literal is a text in which nothing is a value: braces that would hold one are doubled,
// and ${NAME} of a shell is $NAME.
func literal(text string) string {
	text = shell.ReplaceAllString(text, "$$$1$2")
	text = dollar.ReplaceAllString(text, "$$ $1")
	return hole.ReplaceAllString(text, "{{$1}}")
}

var plainText = regexp.MustCompile(`^[A-Za-z“][A-Za-z0-9 ,.()/'’“”+–…-]*[A-Za-z0-9.)”…]$`)

// quoted is a text as YAML takes it for one, with braces as literal has them.
func quoted(text string) string { return scalar(literal(text)) }

// scalar leaves a text as it is where YAML can take it for nothing else.
func scalar(text string) string {
	lower := strings.ToLower(text)
	if plainText.MatchString(text) && lower != "true" && lower != "false" && lower != "null" && lower != "yes" && lower != "no" && lower != "on" && lower != "off" {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}

// within is the same between braces, where a comma parts one from the next.
func within(text string) string {
	if out := quoted(text); !strings.Contains(out, ",") || strings.HasPrefix(out, `"`) {
		return out
	}
	return `"` + literal(text) + `"`
}

// quotedKey is a key, in which braces hold nothing.
func quotedKey(text string) string { return scalar(text) }
