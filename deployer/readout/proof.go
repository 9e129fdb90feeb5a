package readout

import (
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// PauseOf is what has become of holding a rollout that failed where it is, or nil:
// it was not tried since it was begun last.
func PauseOf(d deployer.Deployment, rollout deployer.Effect) *deployer.Effect {
	key := deployer.ParseEffectKey(rollout.Key)
	key.Verb = deployer.VerbPause
	if p := d.Effect(key.String()); p != nil && p.Stage == deployer.Settled && p.Attempt == rollout.Attempt {
		return p
	}
	return nil
}

// LooksAgain reports whether a deployment waits for nothing but that a proof is
// looked at once more.
func LooksAgain(d deployer.Deployment, now time.Time) bool {
	return slices.ContainsFunc(deployer.Next(d, now).Watches, func(w deployer.Watch) bool { return w.Now })
}

// Proofs are the effects that have found a service well, or what is about none, on
// the part that a deployment is on, as far as they hold for what runs.
func Proofs(d deployer.Deployment) []deployer.Effect {
	var out []deployer.Effect
	for _, s := range d.Steps {
		if !deployer.HasProven(d, s) {
			continue
		}
		for _, e := range d.EffectsInOrder(s) {
			if e.IsMain() && e.Stage == deployer.Settled && e.Outcome.Result == deployer.OK {
				out = append(out, e)
			}
		}
	}
	return out
}
