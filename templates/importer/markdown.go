package importer

import (
	"regexp"
	"strings"
)

// A section is a heading, with what stands below it up to the next one.
type section struct {
	title   string
	level   int // 0: what stands above the first heading
	line    int
	parent  int // its place among the sections; -1: none
	intro   []string
	entries []*entry
}

// An entry is one of a list, with everything that belongs to it.
type entry struct {
	ordered bool
	line    int
	text    []string // paragraphs, and code with its fences
	entries []*entry
}

// A reader goes through a document line by line.
type reader struct {
	lines    []string
	at       int // the line that is read
	sections []section
	open     []opened
	fence    string // what ends the code that it is in; "": it is in none
	plain    bool   // the document has none of Markdown's headings
	shell    bool   // it is in commands that nothing marks as code
	apart    bool   // a blank line stands before
}

// An opened entry is one that what follows may still belong to.
type opened struct {
	indent int
	entry  *entry
}

var (
	heading  = regexp.MustCompile(`^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$`)
	boldLine = regexp.MustCompile(`^\s{0,3}\*\*(?:Step\s+\d+\s*[:.]\s*)?([^*]+?):?\*\*:?\s*$`)
	listItem = regexp.MustCompile(`^(\s*)([-*+•]|\d{1,4}[.)]|[a-z]{1,4}[.)])\s+(?:\[[ xX]\]\s*)?(.*)$`)
	fenced   = regexp.MustCompile("^\\s*(```+|~~~+)")
	marked   = regexp.MustCompile(`(?m)^#{2,6}\s`)
)

// read takes a document apart. One without headings of a second level has none of
// Markdown's: there a short line above a list is one, and # begins a comment of a shell.
func read(text string) []section {
	r := &reader{lines: strings.Split(text, "\n"), sections: []section{{parent: -1}}, plain: !marked.MatchString(text)}
	for ; r.at < len(r.lines); r.at++ {
		line := r.lines[r.at]
		switch {
		case r.code(line):
			continue
		case strings.TrimSpace(line) == "":
			r.apart = true
			continue
		}
		line = untag(line)
		if strings.TrimSpace(line) == "" {
			continue
		}
		if !r.heading(line) && !r.item(line) && !r.command(line) {
			r.paragraph(line)
		}
		r.apart = false
	}
	r.leave()
	return r.sections
}

// command takes a line of a shell in a document where nothing marks it: from a comment up
// to the next heading or list.
func (r *reader) command(line string) bool {
	if !r.plain || !r.shell && !strings.HasPrefix(line, "# ") {
		return false
	}
	if !r.shell {
		r.shell = true
		r.add("```")
	}
	r.extend("\n" + strings.TrimRight(line, " "))
	return true
}

// leave ends the commands.
func (r *reader) leave() {
	if r.shell {
		r.extend("\n```")
		r.shell = false
	}
}

// code takes a line of a block of code, or one that begins or ends it.
func (r *reader) code(line string) bool {
	m := fenced.FindStringSubmatch(line)
	switch {
	case r.fence == "" && m == nil:
		return false
	case r.fence == "":
		r.fence = m[1]
		r.leave()
		r.add("```")
		return true
	case m != nil && strings.HasPrefix(m[1], r.fence) && strings.TrimSpace(line) == m[1]:
		r.fence = ""
		r.extend("\n```")
		r.apart = true
		return true
	}
	if strings.Trim(line, "| ") != "" || line == "" { // else the edge of a table that was copied
		r.extend("\n" + strings.TrimRight(line, " "))
	}
	return true
}

// heading begins a section, if the line is one's heading.
func (r *reader) heading(line string) bool {
	s := section{line: r.at + 1}
	switch m, bold := heading.FindStringSubmatch(line), boldLine.FindStringSubmatch(line); {
	case r.plain && m != nil && !r.first():
		return false
	case m != nil:
		s.level, s.title = len(m[1]), m[2]
	case bold != nil:
		s.level, s.title = 7, bold[1]
	case !r.plain || !short(line):
		return false
	case r.above(short):
		s.level, s.title = 2, strings.TrimSpace(line)
	case r.above(listItem.MatchString), r.above(heading.MatchString):
		s.level, s.title = 3, strings.TrimSpace(line)
	default:
		return false
	}
	r.leave()
	s.title = bare(s.title)
	for s.parent = len(r.sections) - 1; s.parent > 0 && r.sections[s.parent].level >= s.level; {
		s.parent--
	}
	r.sections, r.open = append(r.sections, s), nil
	return true
}

// first reports whether nothing but blank lines stands above.
func (r *reader) first() bool { return len(r.sections) == 1 && len(r.sections[0].intro) == 0 }

// above reports whether the line stands directly above one of a sort.
func (r *reader) above(sort func(string) bool) bool {
	return r.at+1 < len(r.lines) && sort(r.lines[r.at+1])
}

var shortLine = regexp.MustCompile(`^[A-Z][\w/&()+ '.-]{2,50}[\w)]$`)

// short reports whether a line may be a heading that is not marked as one.
func short(line string) bool {
	return shortLine.MatchString(line) && len(strings.Fields(line)) <= 6
}

// item begins an entry of a list, if the line does.
func (r *reader) item(line string) bool {
	m := listItem.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	indent := len(m[1])
	letter := m[2][0] >= 'a' && m[2][0] <= 'z'
	if letter && (len(r.open) == 0 || indent < 2) {
		return false // a word, not the letter of a list
	}
	r.leave()
	for len(r.open) > 0 && indent < r.open[len(r.open)-1].indent+2 {
		r.open = r.open[:len(r.open)-1]
	}
	e := &entry{ordered: !isOneOf(m[2], "-*+•"), line: r.at + 1}
	if strings.TrimSpace(m[3]) != "" {
		e.text = []string{strings.TrimSpace(m[3])}
	}
	if len(r.open) > 0 {
		in := r.open[len(r.open)-1].entry
		in.entries = append(in.entries, e)
	} else {
		in := &r.sections[len(r.sections)-1]
		in.entries = append(in.entries, e)
	}
	r.open = append(r.open, opened{indent, e})
	return true
}

// paragraph takes a line of text: it goes on with what stands above, unless a blank line
// lies between.
func (r *reader) paragraph(line string) {
	if line = strings.Trim(line, "| "); strings.Trim(line, "-=_*:| ") == "" {
		return // a rule across the page, or of a table
	}
	if r.apart || !r.extend(" "+line) {
		r.add(line)
	}
}

// texts are those that a paragraph belongs to now: of the innermost entry, or of the
// section's last one, since a note stands below what it is about.
func (r *reader) texts() *[]string {
	s := &r.sections[len(r.sections)-1]
	switch {
	case len(r.open) > 0:
		return &r.open[len(r.open)-1].entry.text
	case len(s.entries) > 0:
		return &s.entries[len(s.entries)-1].text
	}
	return &s.intro
}

func (r *reader) add(text string) {
	t := r.texts()
	*t = append(*t, text)
}

// extend goes on with the last text, if there is one.
func (r *reader) extend(text string) bool {
	t := r.texts()
	if len(*t) == 0 || r.fence == "" && !r.shell && strings.HasSuffix((*t)[len(*t)-1], "\n```") && text != "\n```" {
		return false
	}
	(*t)[len(*t)-1] += text
	return true
}

// isOneOf reports whether a mark is one of some.
func isOneOf(mark, marks string) bool { return strings.Contains(marks, mark) }
