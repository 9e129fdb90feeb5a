package templates

import (
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// include puts in the phases and steps of other procedures where a file includes
// them. Their inputs, vars, values, messages and troubleshooting come along, below
// one's own.
func (l *library) include(f *written, r *resolved) {
	in := includer{l: l, f: f, r: r, taken: map[string]bool{}}
	var phases []source.Phase
	for _, ph := range r.file.Phases {
		if !ph.Include.Written() {
			ph.Steps = in.steps(ph.Steps)
			phases = append(phases, ph)
			continue
		}
		in.alone(ph.ID, ph.Title, ph.When)
		if from := in.from(ph.Include); from != nil {
			phases = append(phases, from.file.Phases...)
		}
	}
	if r.file.Phases != nil {
		r.file.Phases = phases
	}
	r.file.Rollback.Steps, r.file.After, r.file.Failure.Steps = in.steps(r.file.Rollback.Steps), in.steps(r.file.After), in.steps(r.file.Failure.Steps)
}

type includer struct {
	l     *library
	f     *written
	r     *resolved
	taken map[string]bool
}

// from is what is included, with what comes along. Nil: it can't be.
func (in *includer) from(id strict.Text) *resolved {
	from := in.l.use(in.f, in.r, id, "includes")
	if from == nil || in.taken[id.Value] {
		return from
	}
	in.taken[id.Value] = true
	f := &in.r.file
	f.Inputs = byID(from.file.Inputs, f.Inputs, func(i source.Input) string { return i.ID.Value })
	f.Vars, f.Values, f.Messages = merged(from.file.Vars, f.Vars), merged(from.file.Values, f.Values), merged(from.file.Messages, f.Messages)
	f.Troubleshooting = append(f.Troubleshooting[:len(f.Troubleshooting):len(f.Troubleshooting)], from.file.Troubleshooting...)
	return from
}

func (in *includer) steps(steps []source.Step) []source.Step {
	var out []source.Step
	for _, s := range steps {
		if !s.Include.Written() {
			out = append(out, s)
			continue
		}
		in.alone(s.ID, s.Title, s.Uses, s.When)
		if from := in.from(s.Include); from != nil {
			for _, ph := range from.file.Phases {
				out = append(out, ph.Steps...)
			}
		}
	}
	return out
}

// alone: what is included stands there as it is.
func (in *includer) alone(others ...strict.Text) {
	for _, o := range others {
		if o.Written() {
			in.r.wrong(o, "include", "include stands alone: what is included comes as it is", "take this away, or write the steps out")
			return
		}
	}
}
