package templates

import (
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// doubts are what is allowed in a procedure that was read, and probably not
// meant: what was noted on the way, that it deploys nothing, or proves nothing of
// what it deploys. How such a deployment ends says so, too.
func (b *builder) doubts() strict.Problems {
	if !b.abstract {
		b.doubtPart(deployer.PartMain)
		b.doubtPart(deployer.PartRollback)
	}
	return distinct(b.warnings).Sorted()
}

func (b *builder) doubtPart(part deployer.Part) {
	var steps []*placed
	for _, s := range b.steps {
		if s.part == part {
			steps = append(steps, s)
		}
	}
	i := slices.IndexFunc(steps, func(s *placed) bool { return s.s.Deploys() })
	switch {
	case i >= 0 && !isProven(steps, i):
		b.doubt(steps[i].w.Uses, "unproven", fmt.Sprintf("nothing proves what %q brings: no step below it that waits for it looks whether that runs, so that it ends as “not proven”", steps[i].s.ID), "add one, such as {id: pods, uses: kubernetes.verify}")
	case i >= 0 || part == deployer.PartRollback && len(steps) == 0 || b.p.Services == deployer.ServicesNone || slices.ContainsFunc(steps, runs):
	case part == deployer.PartMain:
		b.doubt(b.f.ID, "no-rollout", fmt.Sprintf("%q rolls nothing out: what is deployed by it ends with “Nothing was rolled out”", b.p.ID), "add a step that does, such as {id: rollout, uses: rollout}, or say services: none")
	default:
		b.doubt(steps[0].w.ID, "no-rollout", fmt.Sprintf("the rollback of %q puts nothing back", b.p.ID), "add a step that does, such as {id: back, uses: rollout}")
	}
}

// runs reports whether a step has another procedure do its work.
func runs(s *placed) bool { return s.s.Uses == deployer.KindRun }

// isProven reports whether a step that waits for the i-th, directly or not, only
// looks whether all is well.
func isProven(steps []*placed, i int) bool {
	waits := map[string]bool{steps[i].s.ID: true}
	for _, s := range steps[i+1:] { // a step stands below all that it waits for
		if !slices.ContainsFunc(s.s.Needs, func(id string) bool { return waits[id] }) {
			continue
		}
		if s.s.Proves() {
			return true
		}
		waits[s.s.ID] = true
	}
	return false
}
