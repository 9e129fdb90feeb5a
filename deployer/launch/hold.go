package launch

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// heldRollout refuses a procedure that holds a rollout half way: nothing does that yet,
// and a rollout that went on where somebody counts on its being held would be worse
// than none. A person can't do it by hand either, since nothing would prove it.
func heldRollout(p deployer.Procedure) error {
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		if len(s.With["hold"].List) > 0 || s.Deploys() && s.Uses != deployer.KindRollout {
			return deployer.Refuse(
				"Use a procedure without hold and promote.",
				"The procedure %s can't be started: its step %s wants a rollout that is held half way, and that is not possible yet.", p.ID, s.ID)
		}
	}
	return nil
}
