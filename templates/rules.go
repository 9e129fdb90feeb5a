package templates

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// rules checks what the steps of a procedure mean together.
func (b *builder) rules() {
	if b.abstract {
		return
	}
	b.approved()
	for _, part := range []deployer.Part{deployer.PartMain, deployer.PartRollback} {
		b.rollouts(part)
	}
}

// approved checks that what is deployed was approved: a step that deploys has an
// approve before it, or the procedure says why it needs none.
func (b *builder) approved() {
	if b.f.Unapproved.Written() || hinted(b.read, `did you mean "steps"`) { // the approve may stand there
		return
	}
	for _, s := range b.steps {
		switch {
		case s.part != deployer.PartMain:
		case s.s.Kind == nil: // what is misspelt may have been an approve
			return
		case s.s.Deploys() && !slices.ContainsFunc(b.steps, func(o *placed) bool { return o.s.Kind != nil && o.s.Approves() && b.isOver(s, o.s.ID) }):
			if late := slices.IndexFunc(b.steps, func(o *placed) bool { return o.part == deployer.PartMain && o.s.Kind != nil && o.s.Approves() }); late >= 0 {
				b.approvedLate(s, b.steps[late])
				return
			}
			b.wrong(s.w.Uses, "unapproved", fmt.Sprintf("%q deploys, and no approve stands before it", s.s.ID), "add one above, such as {id: approve, uses: approve, with: {role: tech-lead}}, or say at the top of the file why it needs none: unapproved: REASON")
			return
		}
	}
}

// approvedLate says that a step deploys before it is approved.
func (b *builder) approvedLate(s, approve *placed) {
	named := fmt.Sprintf("%q (%s)", approve.s.ID, b.where(approve.w.ID))
	switch {
	case approve.phase != s.phase || b.waitsFor(approve, s.s.ID):
		b.wrong(s.w.Uses, "unapproved", fmt.Sprintf("%q deploys, and the approval %s comes after it", s.s.ID, named), "move that up")
	case s.w.Needs != nil:
		b.wrong(s.w.Uses, "unapproved", fmt.Sprintf("%q deploys, and does not wait for the approval %s", s.s.ID, named), fmt.Sprintf("add %s to its needs", approve.s.ID))
	default:
		b.wrong(s.w.Uses, "unapproved", fmt.Sprintf("%q deploys, and does not wait for the approval %s", s.s.ID, named), fmt.Sprintf("add needs: [%s]", approve.s.ID))
	}
}

// without checks what is said of doing without a step: never without what deploys, and
// never without an approval; that what deploys stands where somebody has agreed to it;
// and that what says that it goes back has a way back.
func (b *builder) without(s *placed) {
	w, why := s.w, ""
	switch {
	case s.s.Deploys():
		why = fmt.Sprintf("%s deploys, and what deploys is ", s.s.Uses)
	case s.s.Approves():
		why = fmt.Sprintf("%s is what the rest rests on, and is ", s.s.Uses)
	}
	if s.s.Approves() {
		b.approvers(w.With)
	}
	if why != "" {
		if w.MaySkip.Written() && w.MaySkip.Value != deployer.MaySkipNobody {
			b.wrong(w.MaySkip, "may-skip", why+"never skipped", "take may_skip away")
		}
		if s.s.OnFailure == deployer.FailureContinue {
			b.wrong(w.OnFailure, "on-failure", why+"never done without", "take on_failure away, so that somebody decides, or write on_failure: roll-back")
		}
		if s.s.Background {
			b.wrong(w.Background, "background", why+"waited for", "take background away")
		}
	}
	switch {
	case !s.s.Deploys():
	case s.part == deployer.PartAfter:
		b.wrong(w.Uses, "deploys", fmt.Sprintf("%q deploys, and after the end its place is free, and nobody is asked", s.s.ID), "move it into the phases, or have another procedure do it: uses: run")
	case s.part == deployer.PartFailure:
		b.wrong(w.Uses, "deploys", fmt.Sprintf("%q deploys, and the steps of failure begin before anybody has decided", s.s.ID), "move it into the rollback")
	}
	switch {
	case s.s.OnFailure != deployer.FailureRollBack:
	case s.part != deployer.PartMain:
		b.wrong(w.OnFailure, "on-failure", "only a step of the phases can say that all goes back, and this is one of "+inPart(s.part), "take on_failure away")
	case len(b.f.Rollback.Steps) == 0 && !b.abstract:
		b.wrong(w.OnFailure, "on-failure", "this procedure has no rollback", "add rollback: {steps: [{id: back, uses: rollout}]}, or take on_failure away")
	}
}

// approvers: whoever asks for something never approves it, so that nobody could.
func (b *builder) approvers(with strict.Node) {
	at := []strict.Text{with.Get("role").Value.Text}
	for _, e := range with.Get("roles").Value.Entries() {
		at = append(at, e.Key)
	}
	for _, t := range at {
		if t.Value == deployer.RoleRequester {
			b.wrong(t, "role", "the requester never approves what they ask for", "name a role that others hold")
		}
	}
}

// rollouts checks that a part rolls its targets out once: where several steps could,
// each says when.
func (b *builder) rollouts(part deployer.Part) {
	var all []*placed
	for _, s := range b.steps {
		if s.part == part && s.s.Uses == deployer.KindRollout {
			all = append(all, s)
		}
	}
	if len(all) < 2 {
		return
	}
	for _, s := range all {
		if !s.w.When.Written() {
			b.wrong(s.w.Uses, "rollouts", fmt.Sprintf("there are %d rollout steps in %s, each of which rolls out every service, and this one always does", len(all), inPart(part)), "give each a when, or keep one of them")
			return
		}
	}
}
