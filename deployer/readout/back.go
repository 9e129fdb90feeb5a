package readout

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// MayGoBack are the services that can go back, where those are more than the failed ones.
func MayGoBack(d deployer.Deployment) []string {
	all := d.Undo(d.Touched()...).Targets
	if len(all) <= len(d.Undo().Targets) {
		return nil
	}
	var out []string
	for _, t := range all {
		out = append(out, t.Service)
	}
	return out
}

// TakenBack is what the way back of services would be about, or of all that can go back,
// of a deployment that has ended, or has only paperwork left; false: it was a drill, its
// procedure has no way back, or not of all that would go back it is known what ran well before.
func TakenBack(d deployer.Deployment, services ...string) (deployer.Subject, bool) {
	end, over := RanThrough(d)
	if !over || d.Drill.On || end != deployer.Complete && end != deployer.Stopped || d.Part == deployer.PartRollback || d.Back != "" || !slices.ContainsFunc(d.Procedure.Rollback, deployer.Step.Deploys) {
		return deployer.Subject{}, false
	}
	undo := d.Undo(services...)
	known := !slices.ContainsFunc(undo.Targets, func(t deployer.Target) bool {
		return t.Good.How != deployer.EvidenceProven && t.Good.How != deployer.EvidenceSeen
	})
	return undo, known && len(undo.Targets) > 0
}
