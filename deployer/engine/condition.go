package engine

import (
	"context"

	"github.com/stationmaster/stationmaster/deployer"
)

// evaluate finds out what a condition is, and has that written down. It only
// reads, so that it is simply done again after a crash.
func (t *instance) evaluate(ctx context.Context, c deployer.Condition) {
	for n := 0; ; n++ {
		d, err := t.load(ctx)
		if err != nil {
			return
		}
		if _, err := t.order(ctx, t.e.found(ctx, d, c)); conclusive(err) || t.e.pause(ctx, n) != nil {
			return
		}
	}
}

// found is what a condition was found to be. A panic says that it can't be told.
func (e *Engine) found(ctx context.Context, d deployer.Deployment, c deployer.Condition) deployer.Evaluate {
	out := deployer.Evaluate{Step: c.Step, Is: deployer.Holds}
	if e.Conditions == nil {
		out.Why = "this process knows no conditions"
		return out
	}
	var holds bool
	err := guard(func() (err error) { holds, err = e.Conditions.Holds(ctx, c.Expression, d); return err })
	switch {
	case e.logBug("evaluate a condition", d.ID, err):
		out.Why = "it meets a bug of this program, which the log tells more of"
	case err != nil:
		out.Why = err.Error()
	case !holds:
		out.Is = deployer.Fails
	}
	return out
}
