package templates

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
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
	if b.f.Unapproved.Written() {
		return
	}
	for _, s := range b.steps {
		switch {
		case s.part != deployer.PartMain:
		case s.s.Kind == nil: // what is misspelt may have been an approve
			return
		case s.s.Deploys() && !slices.ContainsFunc(b.steps, func(o *placed) bool { return o.s.Kind != nil && o.s.Approves() && b.isOver(s, o.s.ID) }):
			b.wrong(s.w.Uses, "unapproved", fmt.Sprintf("%q deploys, and no approve stands before it", s.s.ID), "add one above, such as {id: approve, uses: approve, with: {role: tech-lead}}, or say at the top of the file why it needs none: unapproved: REASON")
			return
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
