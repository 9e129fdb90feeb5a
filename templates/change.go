package templates

import (
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// change lays changes over the steps and phases of what is extended.
func (r *resolved) change(changes []source.Change) {
	r.own()
	for _, c := range changes {
		verb, at, n := "", strict.Text{}, 0
		for _, v := range []struct {
			verb string
			at   strict.Text
		}{{"before", c.Before}, {"after", c.After}, {"replace", c.Replace}, {"remove", c.Remove}} {
			if v.at.Written() {
				verb, at, n = v.verb, v.at, n+1
			}
		}
		switch brings := len(c.Steps) + len(c.Phases); {
		case n != 1:
			r.wrong(c.At.Text, "change", "a change has one of before, after, replace and remove", "such as {remove: ID}")
		case verb == "remove" && brings > 0:
			r.wrong(at, "change", "what is removed has nothing in its place", "write replace, or take steps away")
		case verb != "remove" && brings == 0:
			r.wrong(at, "change", verb+" brings nothing", "add steps: […], or phases: […] where it is about a phase")
		case len(c.Steps) > 0 && len(c.Phases) > 0:
			r.wrong(at, "change", "a change brings steps or phases, not both", "make two of it")
		case len(c.Phases) > 0:
			r.changePhase(at, verb, c.Phases)
		default:
			r.changeStep(at, verb, c.Steps)
		}
	}
}

// own makes the phases one's own, so that a change does not reach what is extended.
func (r *resolved) own() {
	r.file.Phases = slices.Clone(r.file.Phases)
}

// parts are where steps stand.
func (r *resolved) parts() []*[]source.Step {
	var out []*[]source.Step
	for i := range r.file.Phases {
		out = append(out, &r.file.Phases[i].Steps)
	}
	return append(out, &r.file.Rollback.Steps, &r.file.Failure.Steps, &r.file.After)
}

func (r *resolved) changeStep(at strict.Text, verb string, steps []source.Step) {
	for _, part := range r.parts() {
		i := slices.IndexFunc(*part, func(s source.Step) bool { return s.ID.Value == at.Value })
		if i < 0 {
			continue
		}
		*part = changed(*part, i, verb, steps)
		if verb == "remove" {
			r.unneed(at.Value)
		}
		return
	}
	if verb == "remove" && slices.ContainsFunc(r.file.Phases, func(ph source.Phase) bool { return ph.ID.Value == at.Value }) {
		r.changePhase(at, verb, nil)
		return
	}
	var known []string
	for _, part := range r.parts() {
		for _, s := range *part {
			known = append(known, s.ID.Value)
		}
	}
	hint := strict.Instead(at.Value, known)
	if slices.ContainsFunc(r.file.Phases, func(ph source.Phase) bool { return ph.ID.Value == at.Value }) {
		hint = "it is a phase; write phases: […] then"
	}
	r.wrong(at, "unknown-step", fmt.Sprintf("what this extends has no step %q", at.Value), hint)
}

func (r *resolved) changePhase(at strict.Text, verb string, phases []source.Phase) {
	i := slices.IndexFunc(r.file.Phases, func(ph source.Phase) bool { return ph.ID.Value == at.Value })
	if i < 0 {
		var known []string
		for _, ph := range r.file.Phases {
			known = append(known, ph.ID.Value)
		}
		r.wrong(at, "unknown-phase", fmt.Sprintf("what this extends has no phase %q", at.Value), strict.Instead(at.Value, known))
		return
	}
	gone := r.file.Phases[i].Steps
	r.file.Phases = changed(r.file.Phases, i, verb, phases)
	if verb == "remove" {
		for _, s := range gone {
			r.unneed(s.ID.Value)
		}
	}
}

func changed[T any](in []T, i int, verb string, with []T) []T {
	switch verb {
	case "before":
		return slices.Concat(in[:i], with, in[i:])
	case "after":
		return slices.Concat(in[:i+1], with, in[i+1:])
	}
	return slices.Concat(in[:i], with, in[i+1:]) // replace and remove
}

// unneed takes a step that was removed out of the needs of others.
func (r *resolved) unneed(id string) {
	for _, part := range r.parts() {
		steps := slices.Clone(*part)
		for i := range steps {
			if steps[i].Needs != nil {
				steps[i].Needs = slices.DeleteFunc(slices.Clone(steps[i].Needs), func(n strict.Text) bool { return n.Value == id })
			}
		}
		*part = steps
	}
}
