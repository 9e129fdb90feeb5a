package templates

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// doubts are what is allowed in a procedure that was read, and probably not
// meant: that it deploys nothing, or proves nothing of what it deploys. How such
// a deployment ends says so, too.
func (b *builder) doubts(f file, p deployer.Procedure) strict.Problems {
	var written []step
	for _, ph := range f.Phases {
		written = append(written, ph.Steps...)
	}
	var out strict.Problems
	switch i := slices.IndexFunc(p.Steps, deployer.Step.Deploys); {
	case i >= 0 && !isProven(p.Steps, i):
		out = append(out, b.unproven(written[i]))
	case i < 0 && !slices.ContainsFunc(p.Steps, runs):
		out = append(out, f.ID.At(b.file, "%q rolls nothing out: what is deployed by it ends with “Nothing was rolled out”; add a step that does, such as {id: rollout, uses: rollout}", p.ID))
	}
	switch i := slices.IndexFunc(p.Rollback, deployer.Step.Deploys); {
	case i >= 0 && !isProven(p.Rollback, i):
		out = append(out, b.unproven(f.Rollback.Steps[i]))
	case i < 0 && len(p.Rollback) > 0:
		out = append(out, f.Rollback.Steps[0].ID.At(b.file, "the rollback of %q puts nothing back; add a step that does, such as {id: back, uses: rollout}", p.ID))
	}
	return out
}

func (b *builder) unproven(s step) strict.Problem {
	return s.Uses.At(b.file, "nothing proves what %q brings: no step below it that waits for it looks whether that runs, so that it ends as “not proven”; add one, such as {id: pods, uses: kubernetes.verify}", s.ID.Value)
}

// runs reports whether a step has another procedure do its work.
func runs(s deployer.Step) bool { return s.Uses == deployer.KindRun }

// isProven reports whether a step that waits for the i-th, directly or not, only
// looks whether all is well.
func isProven(steps []deployer.Step, i int) bool {
	waits := map[string]bool{steps[i].ID: true}
	for _, s := range steps[i+1:] { // a step stands below all that it waits for
		if !slices.ContainsFunc(s.Needs, func(id string) bool { return waits[id] }) {
			continue
		}
		if s.Proves() {
			return true
		}
		waits[s.ID] = true
	}
	return false
}
