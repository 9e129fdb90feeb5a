package templates

import (
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// needsMax bounds how often a step of a procedure waits for another one. It is
// met only where very many side by side follow very many side by side.
const needsMax = 10_000

// A sequence is the steps of all parts, and what each waits for.
type sequence struct {
	report *report
	steps  []*placed              // in their order
	byID   map[string]*placed     // the first of each id
	plain  map[string]strict.Text // the first id of each that conditions take for one
}

// order works out what each step waits for. Phases come one after the other, each
// as a whole; in one, a step waits for all above it, unless it says what it needs.
// A step names only those that nothing else of what it waits for waits for itself, and
// comes below all of them.
func (q *sequence) order(phases []source.Phase) {
	var all []*placed
	var barrier []string // what the phases before end with
	waits, part := 0, deployer.PartMain
	for _, group := range q.groups(phases) {
		if group[0].part != part {
			barrier, part = nil, group[0].part
		}
		group = q.inOrder(group)
		for i, s := range group {
			if s.s.Needs = last(group[:i], func(o *placed) bool { return s.needs[o.s.ID] }); len(s.s.Needs) == 0 {
				s.s.Needs = barrier
			}
			if waits += len(s.s.Needs); waits > needsMax && waits-len(s.s.Needs) <= needsMax {
				q.report.wrong(s.w.ID, "too-many", fmt.Sprintf("here steps wait for others more than %d times", needsMax), "between many side by side and many side by side put one step that waits for all")
			}
		}
		if ends := last(group, func(o *placed) bool { return !o.s.Background }); len(ends) > 0 {
			barrier = slices.Clip(ends)
		}
		all = append(all, group...)
	}
	q.steps = all
}

// groups are the steps of each phase and of each other part, as they are written, each
// with what it waits for within.
func (q *sequence) groups(phases []source.Phase) [][]*placed {
	var out [][]*placed
	for _, s := range q.steps {
		if n := len(out); n == 0 || out[n-1][0].part != s.part || out[n-1][0].phase != s.phase {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], s)
	}
	for _, group := range out {
		parallel := group[0].part == deployer.PartFailure || group[0].part == deployer.PartAfter
		if group[0].part == deployer.PartMain {
			parallel = phases[group[0].phase].Parallel.Value == "true"
		}
		q.needs(group, parallel)
	}
	return out
}

// needs notes for what each step of a group waits within it.
func (q *sequence) needs(group []*placed, parallel bool) {
	at := map[string]int{}
	for i, s := range group {
		if _, doubled := at[s.s.ID]; !doubled {
			at[s.s.ID] = i
		}
	}
	for i, s := range group {
		s.needs = map[string]bool{}
		switch {
		case s.w.Needs != nil:
			for _, n := range s.w.Needs {
				if o := q.byID[n.Value]; o != nil && o != s && o.part == s.part && o.s.Background && !s.s.Background {
					q.report.wrong(n, "background", fmt.Sprintf("%q says background: true, so that nothing waits for it", n.Value), "take it out of needs, or take background away there")
				} else if _, here := at[n.Value]; here && n.Value != s.s.ID {
					s.needs[n.Value] = true
				} else {
					q.elsewhere(s, n)
				}
			}
		case !parallel:
			for _, o := range group[:i] {
				if !o.s.Background {
					s.needs[o.s.ID] = true
				}
			}
		}
	}
	for i, s := range group {
		for _, n := range s.w.Needs {
			if j, here := at[n.Value]; here && j > i && reaches(group, at, group[j], s.s.ID) {
				q.circle(s, n)
				delete(s.needs, n.Value)
			}
		}
	}
}

func (q *sequence) circle(s *placed, n strict.Text) {
	q.report.wrong(n, "circle", fmt.Sprintf("%q waits for %q, which waits for %q: neither could begin", s.s.ID, n.Value, s.s.ID), "remove one")
}

// reaches reports whether a step waits for one of an id, directly or not.
func reaches(group []*placed, at map[string]int, from *placed, id string) bool {
	seen := map[*placed]bool{}
	todo := []*placed{from}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s.needs[id] {
			return true
		}
		if seen[s] {
			continue
		}
		seen[s] = true
		for n := range s.needs {
			todo = append(todo, group[at[n]])
		}
	}
	return false
}

// elsewhere says what is wrong with a need that does not stand in the same phase; in
// an earlier one it may, and says nothing new.
func (q *sequence) elsewhere(s *placed, n strict.Text) {
	other := q.byID[n.Value]
	switch {
	case n.Value == s.s.ID:
		q.report.wrong(n, "circle", fmt.Sprintf("%q can't wait for itself", n.Value), "take it out of needs")
	case other == nil:
		var known []string
		for _, o := range q.steps {
			if o.part == s.part && o != s && (s.part != deployer.PartMain || o.phase <= s.phase) {
				known = append(known, o.s.ID)
			}
		}
		q.report.wrong(n, "unknown-step", fmt.Sprintf("there is no step %q", n.Value), strict.Instead(n.Value, known))
	case other.part != s.part:
		q.report.wrong(n, "other-part", fmt.Sprintf("%q is a step of %s", n.Value, inPart(other.part)), fmt.Sprintf("a step of %s waits only for steps of %s", inPart(s.part), inPart(s.part)))
	case other.phase > s.phase:
		q.report.wrong(n, "later-phase", fmt.Sprintf("%q is a step of a later phase, which begins when this one is over", n.Value), "take it out of needs, or move it up")
	}
}

// inPart is what a part is called.
func inPart(part deployer.Part) string {
	return map[deployer.Part]string{
		deployer.PartMain: "the phases", deployer.PartRollback: "the rollback", deployer.PartFailure: "failure", deployer.PartAfter: "after",
	}[part]
}

// inOrder puts each step below all that it waits for, and otherwise leaves them as they
// are written.
func (q *sequence) inOrder(group []*placed) []*placed {
	var out []*placed
	done := map[string]bool{}
	var put func(s *placed)
	put = func(s *placed) {
		if done[s.s.ID] && q.byID[s.s.ID] == s {
			return
		}
		done[s.s.ID] = true
		for _, o := range group {
			if s.needs[o.s.ID] && !done[o.s.ID] {
				put(o)
			}
		}
		out = append(out, s)
	}
	for _, s := range group {
		put(s)
	}
	return out
}

// last are those of the wanted steps that no other one of them waits for,
// directly or not. A step stands below all that it waits for.
func last(steps []*placed, wanted func(*placed) bool) []string {
	var out []string
	waitedFor := map[string]bool{}
	for _, s := range slices.Backward(steps) {
		want := wanted(s)
		if want && !waitedFor[s.s.ID] {
			out = append(out, s.s.ID)
		}
		if want || waitedFor[s.s.ID] {
			for _, n := range s.s.Needs {
				waitedFor[n] = true
			}
		}
	}
	slices.Reverse(out)
	return out
}

// isOver reports whether a step is surely over when another one begins.
func (q *sequence) isOver(s *placed, id string) bool {
	other := q.byID[id]
	switch {
	case other == nil || other == s:
		return false
	case other.part != s.part:
		return s.part != deployer.PartMain && other.part != deployer.PartAfter
	case other.phase < s.phase:
		return !other.s.Background
	case other.phase > s.phase:
		return false
	}
	return q.waitsFor(s, id)
}

// insteadOfWaiting says what to do where a step names one that is not surely over: "" where
// it may wait for it.
func (q *sequence) insteadOfWaiting(s *placed, id string) string {
	switch other := q.byID[id]; {
	case other == nil:
		return ""
	case other.part != s.part:
		return "it is a step of " + inPart(other.part) + ", of which nothing is known here"
	case other.phase < s.phase:
		return "nothing waits for it, since it says background: true; take that away"
	case other.phase > s.phase, other.w.Needs != nil && q.waitsFor(other, s.s.ID):
		return "move it up"
	}
	return ""
}

// waitsFor reports whether a step waits for another one of its group, directly or not.
func (q *sequence) waitsFor(s *placed, id string) bool {
	if s.over == nil {
		s.over = map[string]bool{}
		for n := range s.needs {
			s.over[n] = true
			if o := q.byID[n]; o != nil && o.part == s.part && o.phase == s.phase {
				q.waitsFor(o, "")
				for m := range o.over {
					s.over[m] = true
				}
			}
		}
	}
	return s.over[id]
}
