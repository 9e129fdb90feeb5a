package templates

import (
	"fmt"

	"github.com/stationmaster/stationmaster/templates/strict"
)

// A report collects what is wrong with a file, and what is probably not meant.
type report struct {
	own      string                 // the file's name
	via      map[string]strict.Text // by the name of another file: where this one names it
	read     strict.Problems        // what was wrong when the file was read
	problems strict.Problems
	warnings strict.Problems
}

// wrong reports a mistake. What stands in another file fits there, and not here: it
// is reported where that is extended or included.
func (r *report) wrong(at strict.Text, code, what, hint string) {
	r.add(at.Wrong(code, what, hint))
}

func (r *report) add(p strict.Problem) {
	if p.File == "" {
		p.File = r.own
	}
	if p.File != r.own {
		at := r.via[p.File]
		p.Why = fmt.Sprintf("%s:%d:%d does not fit here: %s", p.File, p.Line, p.Column, p.Why)
		p.File, p.Line, p.Column = r.own, at.Line, at.Column
	}
	r.problems = append(r.problems, p)
}

// doubt notes what is allowed and probably not meant. What stands in another file
// was doubted there.
func (r *report) doubt(at strict.Text, code, what, hint string) {
	if p := at.Wrong(code, what, hint); p.File == "" || p.File == r.own {
		p.File = r.own
		r.warnings = append(r.warnings, p)
	}
}

// mine reports whether a text stands in the file itself.
func (r *report) mine(t strict.Text) bool { return t.File() == r.own }

// where is the line of a text, with its file where that is another one.
func (r *report) where(t strict.Text) string {
	if r.mine(t) {
		return fmt.Sprintf("line %d", t.Line)
	}
	return fmt.Sprintf("line %d of %s", t.Line, t.File())
}
