package strict

import (
	"regexp"
	"slices"
	"strings"
)

// keyLine is a line with a key, which may be the first of an entry of a list: what stands
// before the key, the key, and its value.
var keyLine = regexp.MustCompile(`^( *(?:- +)?)([\w.-]+):(?: +(.*))?$`)

// A row is a line as its indentation is seen: where its key and its dash stand, counted
// from 0; -1: there is none.
type row struct {
	number    int
	key, dash int
	name      string // of the key
	value     string // behind it
}

// row is that of a line. Up and down go to the next one with something in it.
func (s *source) row(number int) row {
	line := s.line(number)
	out := row{number: number, key: -1, dash: -1}
	if indent := len(line) - len(strings.TrimLeft(line, " ")); strings.HasPrefix(line[indent:], "- ") {
		out.dash = indent
	}
	if m := keyLine.FindStringSubmatch(line); m != nil {
		out.key, out.name, out.value = len(m[1]), m[2], m[3]
	}
	return out
}

func (s *source) beside(number, step int) row {
	for number += step; number > 0 && number <= len(s.lines); number += step {
		if text := strings.TrimSpace(s.line(number)); text != "" && text[0] != '#' {
			return s.row(number)
		}
	}
	return row{key: -1, dash: -1}
}

// misplaced says what is wrong with where a line begins that YAML could not read, where that
// can be told from the lines around it. Known are the keys that may stand in the file.
func misplaced(from *source, line int, known []string) (at Text, what, hint string) {
	this, above, below := from.row(line), from.beside(line, -1), from.beside(line, 1)
	put := func(line, column int) Text { return Text{Line: line, Column: column + 1, from: from} }
	right := func(r row, of string) (Text, string, string) {
		return put(r.number, r.key), "this key stands one column right of " + of, "move it left"
	}
	switch isKey := this.key >= 0 && this.dash < 0; {
	case isKey && above.key >= 0 && above.value != "" && this.key == above.key+1 && (below.key != this.key || below.dash >= 0):
		return right(this, above.name)
	case isKey && above.key == this.key+1 && above.dash < 0 && below.key == this.key && below.dash < 0:
		return right(above, this.name)
	case isKey && above.dash >= 0 && this.key == above.dash+2 && above.key > this.key:
		return put(above.number, above.dash), "the keys below do not stand in the column of the one behind this -", "leave one space behind it"
	case this.dash < 0:
	case above.value != "" && this.dash >= above.key && above.key >= 0 && slices.Contains(known, "steps") && !from.isStep(above):
		return put(line, this.dash), "a list begins here, and the line before has a value already", "is steps: missing above?"
	default:
		if other := from.dashBefore(line); other.number > 0 && max(this.dash-other.dash, other.dash-this.dash) <= 2 && this.dash != other.dash {
			return put(line, this.dash), "this - does not stand in the column of the one before it, in line " + itoa(other.number), "move one of the two, with what belongs to it"
		}
	}
	return Text{}, "", ""
}

// isStep reports whether the entry of a list to which a line belongs says what it does, so
// that nothing stands below it.
func (s *source) isStep(r row) bool {
	for first := r.key; r.key >= 0; r = s.beside(r.number, -1) {
		if r.key == first && r.name == "uses" {
			return true
		}
		if r.dash >= 0 {
			break
		}
	}
	return false
}

// dashBefore is the nearest line above that begins with a dash.
func (s *source) dashBefore(line int) row {
	r := s.beside(line, -1)
	for r.number > 0 && r.dash < 0 {
		r = s.beside(r.number, -1)
	}
	return r
}
