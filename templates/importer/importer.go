// Package importer makes a procedure of a document: its headings become phases, its lists
// steps or checklists, its code and the rest of its sentences how a step is done. Every
// step is a confirm, so that the procedure can be run as it is; which of them a machine
// can do is for people to say.
package importer

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// A draft is a procedure that a document comes to.
type draft struct {
	id, title string
	about     []string
	phases    []*phase
	notes     []string // what a person should look at
	ids       map[string]bool
	inner     int // links that led within a site
}

type phase struct {
	id, title string
	line      int
	steps     []step
}

type step struct {
	id, title, how string
	items          []item
	links          []link
	estimate       time.Duration
}

type item struct{ title, url string }

// Import makes a procedure of a document in Markdown, or in text like it. The file's name
// is said in it, and where the document has no title it is one. The result validates, and
// says at its top what a person should look at. The error says that there was nothing to
// make steps of.
func Import(file string, document []byte) ([]byte, error) {
	text := clean(strings.ReplaceAll(string(document), "\t", "    "))
	d := &draft{ids: map[string]bool{}, title: cmp.Or(clean(strings.TrimSuffix(file, path.Ext(file))), "A procedure")}
	text = d.front(text)
	d.sections(read(text))
	d.id = d.name(d.title, "procedure")
	if d.count() == 0 {
		return nil, fmt.Errorf("import %s: there is no list and no heading with text in it, so there is nothing to make steps of", file)
	}
	return d.write(file), nil
}

// clean takes away what YAML does not bear.
func clean(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r == '\u00a0', r == '\u2028', r == '\u2029', r == '\u0085':
			return ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r == '\ufeff', r == '\ufffe', r == '\uffff', r == utf8.RuneError:
			return -1
		}
		return r
	}, text)
}

var frontTitle = regexp.MustCompile(`(?m)^title:\s*["']?(.*?)["']?\s*$`)

// front takes away what a site's generator has at the top of a page, but for the title.
func (d *draft) front(text string) string {
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return text
	}
	front, body, ok := strings.Cut(rest, "\n---\n")
	if !ok {
		return text
	}
	if m := frontTitle.FindStringSubmatch(front); m != nil && m[1] != "" {
		d.title = bare(m[1])
	}
	return strings.Repeat("\n", strings.Count(front, "\n")+3) + body // so that lines keep their numbers
}

var (
	purpose = regexp.MustCompile(`(?i)^(purpose|overview|about|introduction|background|scope|summary|when to use)\b`)
	aside   = regexp.MustCompile(`(?i)(goes? wrong|rollback|roll back|rolling back|troubleshoot|incident|escalat|contacts?$|references?$|appendix)`)
)

// sections makes phases of them.
func (d *draft) sections(all []section) {
	for i, s := range all {
		if s.level == 1 && i == 1 && s.title != "" {
			d.title = s.title
		}
		switch {
		case len(s.entries) == 0 && (purpose.MatchString(s.title) || s.level == 0 || s.level == 1 && i == 1):
			d.about = append(d.about, d.texts(s.intro, nil)...)
			continue
		case len(s.entries) == 0 && len(s.intro) == 0:
			continue
		}
		steps := d.steps(s)
		p := d.phase(all, i, len(steps) == 1)
		for _, step := range steps {
			step.id = d.name(step.title, "step")
			p.steps = append(p.steps, step)
		}
		if aside.MatchString(s.title) {
			d.note("line %d, %q: what is done only when something goes wrong belongs under failure, rollback or troubleshooting", s.line, s.title)
		}
	}
}

// phase is the one that the steps of a section go into. A single step is no phase of its
// own where the heading above it has none.
func (d *draft) phase(all []section, at int, single bool) *phase {
	if up := all[at].parent; single && up > 0 && all[up].level > 1 && len(all[up].entries) == 0 {
		at = up
	}
	if n := len(d.phases); n > 0 && d.phases[n-1].line == max(all[at].line, 1) {
		return d.phases[n-1]
	}
	p := &phase{title: all[at].title, line: max(all[at].line, 1)}
	p.title = cmp.Or(p.title, d.title)
	p.id = d.name(p.title, "phase")
	d.phases = append(d.phases, p)
	return p
}

// steps makes steps of a section: of each entry of a numbered list one, of a list with
// bullets one with a checklist, of text alone one.
func (d *draft) steps(s section) []step {
	var out []step
	for at := 0; at < len(s.entries); {
		end := at + 1
		if !s.entries[at].ordered {
			for end < len(s.entries) && !s.entries[end].ordered {
				end++
			}
			out = append(out, d.checklist(s.title, s.entries[at:end]))
		} else {
			out = append(out, d.step(s.entries[at].text, s.entries[at].entries))
		}
		at = end
	}
	if len(out) == 0 {
		return []step{d.step(append([]string{s.title + "."}, s.intro...), nil)}
	}
	first := &out[0]
	var found []link
	first.how = strings.TrimSpace(strings.Join(append(d.texts(s.intro, &found), first.how), "\n"))
	first.links = append(found, first.links...)
	return out
}

// step makes one of texts, the first sentence of which is its title, and of the list below.
func (d *draft) step(texts []string, list []*entry) step {
	var s step
	texts, s.estimate = timed(texts)
	plain := d.texts(texts, &s.links)
	if len(plain) > 0 {
		var rest string
		if s.title, rest = sentence(plain[0]); rest == "" {
			plain = plain[1:]
		} else {
			plain[0] = rest
		}
	}
	d.items(&s, list, &plain)
	s.title = cmp.Or(s.title, "As it is written")
	s.how = strings.Join(plain, "\n")
	return s
}

// checklist makes one step of a list with bullets.
func (d *draft) checklist(title string, list []*entry) step {
	var s step
	var how []string
	d.items(&s, list, &how)
	s.title = cmp.Or(title, d.title)
	s.how = strings.Join(how, "\n")
	return s
}

// items makes a checklist of a list, with everything below its entries. What does not fit
// into a line of it is how the step is done.
func (d *draft) items(s *step, list []*entry, how *[]string) {
	for _, e := range list {
		texts, took := timed(e.text)
		s.estimate = max(s.estimate, took)
		var found []link
		plain := d.texts(texts, &found)
		if len(plain) > 0 && plain[0] != "" {
			title, rest := sentence(plain[0])
			it := item{title: title}
			if len(found) > 0 {
				it.url = found[0].url
				s.links = append(s.links, found[1:]...)
			}
			if title != "" {
				s.items = append(s.items, it)
			}
			if rest != "" {
				*how = append(*how, rest)
			}
			*how = append(*how, plain[1:]...)
		}
		d.items(s, e.entries, how)
	}
}

// timed takes an estimate out of texts.
func timed(texts []string) (rest []string, took time.Duration) {
	for _, t := range texts {
		if t, n := estimate(t); t != "" {
			rest, took = append(rest, t), max(took, n)
		} else {
			took = max(took, n)
		}
	}
	return rest, took
}

// texts are the same without marks and links, which are found where somebody wants them.
func (d *draft) texts(texts []string, found *[]link) []string {
	var out []string
	for _, t := range texts {
		if !strings.HasPrefix(t, "```") {
			rest, links, inner := links(t)
			if d.inner += inner; found != nil {
				t = rest
				*found = append(*found, links...)
			} else if inner > 0 {
				t = rest
			}
			t = bare(t)
		}
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

func (d *draft) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

func (d *draft) count() (steps int) {
	for _, p := range d.phases {
		steps += len(p.steps)
	}
	return steps
}
