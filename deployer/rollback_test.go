package deployer_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// A rollback goes back to what ran before the first attempt, also when a later
// one could not see what is there: it was once taken for nothing, so that the
// rollback would have set an image without a name.
func TestARollbackGoesBackToWhatRanAlthoughALookSawNothing(t *testing.T) {
	t.Parallel()
	v1, v2 := deployer.State{Version: "v1", Image: "v1", Revision: "7"}, deployer.State{Version: "v2", Image: "v2"}
	p := deployer.Procedure{
		ID:       "p",
		Steps:    []deployer.Step{{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout}},
		Rollback: []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}},
	}
	d := give(t, deployer.Deployment{}, ana, deployer.Start{
		Origin: "o", Retailer: "tangerine", Environment: "prod", Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
	})
	d = give(t, d, deployer.Person{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: v1, After: v2}}})
	d = give(t, d, deployer.Person{}, look("rollout/web", deployer.ObservedAbsent, v1))
	d = give(t, d, deployer.Person{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
	for _, kind := range []deployer.ObservationKind{deployer.ObservedUnknown, deployer.ObservedPresent, deployer.ObservedUnknown} {
		b := d.Broken()
		d = give(t, d, ana, deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry})
		d = give(t, d, deployer.Person{}, look("rollout/web", kind, deployer.State{}))
		if e := d.Effect("rollout/web"); e.Open() {
			d = give(t, d, deployer.Person{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
		}
	}
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceRollBack})
	effects := deployer.Next(d, dawn).Effects
	if len(effects) != 1 || effects[0].Intent.To != v1 {
		t.Errorf("the rollback is %+v, want one to %+v", effects, v1)
	}
}
