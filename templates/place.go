package templates

import (
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// collect notes where every step stands.
func (b *builder) collect() {
	for i, ph := range b.f.Phases {
		title := b.phase(i, ph)
		for _, s := range ph.Steps {
			b.place(s, deployer.PartMain, i, title)
		}
	}
	for _, part := range []struct {
		part  deployer.Part
		steps []source.Step
		title string
	}{{deployer.PartRollback, b.f.Rollback.Steps, rollbackPhase}, {deployer.PartFailure, b.f.Failure.Steps, failurePhase}, {deployer.PartAfter, b.f.After, afterPhase}} {
		for _, s := range part.steps {
			b.place(s, part.part, 0, part.title)
		}
	}
	if b.f.Rollback.At.Written() && b.f.Rollback.Steps == nil {
		b.wrong(b.f.Rollback.At.Text, "empty-list", "rollback has no steps", "add some, such as {id: back, uses: rollout}, or take it away")
	}
	if main := slices.ContainsFunc(b.steps, func(s *placed) bool { return s.part == deployer.PartMain }); !main && !b.p.Abstract && (b.f.Phases == nil || len(b.f.Phases) > 0) && !hinted(b.read, `"phases"`) {
		b.wrong(b.f.ID, "no-steps", "a procedure needs phases with steps", "add for example phases: [{id: go, steps: [{id: ready, uses: confirm}]}]")
	}
}

// What the one phase of each other part is called.
const (
	rollbackPhase = "Rollback"
	failurePhase  = "Failure"
	afterPhase    = "Afterwards"
)

// phase reads one of the main part, and returns its id.
func (b *builder) phase(i int, ph source.Phase) string {
	out := deployer.Phase{ID: ph.ID.Value, Title: ph.Title.Value, When: ph.When.Value, Else: ph.Else.Value}
	if ph.ID.Written() {
		b.word(ph.ID, "id of a phase")
	} else {
		out.ID = fmt.Sprintf("phase-%d", i+1)
	}
	if out.Title == "" && ph.ID.Written() {
		out.Title = spoken(out.ID)
	}
	b.alike(ph, out)
	if ph.Steps == nil && !ph.Include.Written() && !b.saidNear(ph.At, `"steps"`) {
		b.wrong(ph.At.Text, "empty-list", fmt.Sprintf("the phase %q has no steps", out.ID), "add some, or take it away")
	}
	b.elseOf(ph.At, ph.When, ph.Else)
	b.flag(ph.Parallel, "parallel")
	b.p.Phases = append(b.p.Phases, out)
	return out.ID
}

// alike: two phases of one id can't be told apart by what changes them, and of one title
// not by people.
func (b *builder) alike(ph source.Phase, out deployer.Phase) {
	at := ph.At.Text
	if ph.ID.Written() {
		at = ph.ID
	}
	for i, o := range b.p.Phases {
		first := b.f.Phases[i].At.Text
		switch {
		case o.ID == out.ID:
			b.wrong(at, "doubled-id", fmt.Sprintf("there is a phase %q already, in %s", out.ID, b.where(first)), "give this one another id")
			return
		case o.Title == out.Title && out.Title != "":
			if ph.Title.Written() {
				at = ph.Title
			}
			b.wrong(at, "doubled-title", fmt.Sprintf("there is a phase called %q already, in %s", out.Title, b.where(first)), "give this one another title")
			return
		}
	}
}

// place notes where a step stands.
func (b *builder) place(w source.Step, part deployer.Part, phase int, in string) {
	s := &placed{w: w, part: part, phase: phase}
	s.s = deployer.Step{ID: w.ID.Value, Uses: w.Uses.Value, Phase: in}
	b.steps = append(b.steps, s)
	if !b.required(w.ID, w.At.Text, "id", "a step needs an id", "add for example id: ready") {
		return
	}
	b.word(w.ID, "id of a step")
	if other := b.byID[w.ID.Value]; other != nil {
		b.wrong(w.ID, "doubled-id", fmt.Sprintf("there is a step %q already, in %s", w.ID.Value, b.where(other.w.ID)), "give this one another id")
		return
	}
	b.byID[w.ID.Value] = s
	if first, ok := b.plain[plain(w.ID.Value)]; ok {
		b.wrong(w.ID, "doubled-id", untold(w.ID.Value, first.Value)+", in "+b.where(first), "give this one another id")
		return
	}
	b.plain[plain(w.ID.Value)] = w.ID
}

// channel checks one that the config, or a step of the kind channel, has to have.
func (b *builder) channel(t strict.Text) {
	if b.known.Channels == nil || b.builtIn || !b.mine(t) || slices.Contains(b.known.Channels, t.Value) || b.made(t.Value) {
		return
	}
	b.wrong(t, "unknown-channel", fmt.Sprintf("no retailer in the config has a channel %q", t.Value), strict.Instead(t.Value, b.known.Channels))
}

// made reports whether a step makes a channel of that name: one that is known as something.
func (b *builder) made(name string) bool {
	return slices.ContainsFunc(b.steps, func(s *placed) bool { return s.w.Uses.Value == "channel" && s.w.With.Get("as").Value.Value == name })
}
