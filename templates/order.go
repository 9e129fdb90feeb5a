package templates

import (
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// rollbackPhase is what the one phase of a rollback is called.
const rollbackPhase = "Rollback"

// needsMax bounds how often a step of a procedure waits for another one. It is
// met only where very many side by side follow very many side by side.
const needsMax = 10_000

// part builds the steps of one part of a procedure. Phases come one after the
// other, each as a whole; in one, a step waits for all above it, unless it says
// what it needs. What comes of that is worked out here, once: a step names only
// those that nothing else of what it waits for waits for itself.
func (b *builder) part(phases []phase) []deployer.Step {
	var steps []deployer.Step
	var barrier []string // what the phases before end with
	all := 0
	for _, ph := range phases {
		first := len(steps)
		for _, w := range ph.Steps {
			s := b.step(w)
			s.Phase = ph.Title
			if s.Needs = b.needs(w, steps[:first], steps[first:]); len(s.Needs) == 0 {
				s.Needs = barrier
			}
			if all += len(s.Needs); all > needsMax && all-len(s.Needs) <= needsMax {
				b.wrong(w.ID, "here steps wait for others more than %d times; between many side by side and many side by side put one step that waits for all", needsMax)
			}
			steps = append(steps, s)
		}
		if len(steps) > first {
			barrier = slices.Clip(last(steps[first:], func(string) bool { return true }))
		}
	}
	return steps
}

// needs are the steps of its own phase that a step waits for: all above it, or
// those that it names.
func (b *builder) needs(w step, earlier, above []deployer.Step) []string {
	if w.Needs == nil {
		return last(above, func(string) bool { return true })
	}
	named := map[string]bool{}
	for _, n := range w.Needs {
		if !stands(n.Value, above) && !stands(n.Value, earlier) {
			b.wrong(n, "%s", b.cannotWait(w, n.Value, append(ids(earlier), ids(above)...)))
		}
		named[n.Value] = true
	}
	return last(above, func(id string) bool { return named[id] })
}

// last are those of the wanted steps that no other one of them waits for,
// directly or not. A step stands below all that it waits for.
func last(steps []deployer.Step, wanted func(id string) bool) []string {
	var out []string
	waitedFor := map[string]bool{}
	for _, s := range slices.Backward(steps) {
		if wanted(s.ID) && !waitedFor[s.ID] {
			out = append(out, s.ID)
		}
		if wanted(s.ID) || waitedFor[s.ID] {
			for _, n := range s.Needs {
				waitedFor[n] = true
			}
		}
	}
	slices.Reverse(out)
	return out
}

func stands(id string, steps []deployer.Step) bool {
	return slices.ContainsFunc(steps, func(s deployer.Step) bool { return s.ID == id })
}

func ids(steps []deployer.Step) []string {
	out := make([]string, len(steps))
	for i := range steps {
		out[i] = steps[i].ID
	}
	return out
}

// cannotWait says why a step can't wait for another one.
func (b *builder) cannotWait(w step, id string, above []string) string {
	here, written := b.parts[id]
	switch {
	case id == w.ID.Value:
		return fmt.Sprintf("%q can't wait for itself", id)
	case written && here == b.parts[w.ID.Value]:
		return fmt.Sprintf("%q stands below %q, which waits only for what stands above it; move one of them, or take it out of needs", id, w.ID.Value)
	case written && here == deployer.PartMain:
		return fmt.Sprintf("%q is a step of the phases; a step of the rollback waits only for steps of the rollback", id)
	case written:
		return fmt.Sprintf("%q is a step of the rollback; a step of the phases waits only for steps of the phases", id)
	case len(above) == 0:
		return fmt.Sprintf("there is no step %q, and nothing stands above %q that it could wait for", id, w.ID.Value)
	}
	return strict.Unknown("step", id, above)
}

// approved checks that what is deployed was approved: a step that deploys has an
// approve before it, or the procedure says why it needs none.
func (b *builder) approved(f file, steps []deployer.Step) string {
	if f.Unapproved.Line > 0 {
		if isBlank(f.Unapproved.Value) {
			b.wrong(f.Unapproved, "unapproved says why nothing that is deployed needs an approval; write the reason, or remove the line and add an approve")
		}
		return f.Unapproved.Value
	}
	var written []step
	for _, ph := range f.Phases {
		written = append(written, ph.Steps...)
	}
	for i, s := range steps {
		switch {
		case s.Kind == nil, s.Approves(): // what is misspelt may have been an approve
			return ""
		case s.Deploys():
			b.wrong(written[i].Uses, "%q deploys, and no approve stands before it; add one above, such as {id: approve, uses: approve, with: {role: tech-lead}}, or say at the top of the file why it needs none: unapproved: REASON", s.ID)
			return ""
		}
	}
	return ""
}
