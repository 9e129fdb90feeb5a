package bot

import (
	"context"
	"errors"

	"github.com/stationmaster/stationmaster/deployer"
)

// rollBack takes a live deployment back, or a service to what it ran before.
func (c commands) rollBack(ctx context.Context, r *request) answer {
	d, t := r.deployment, r.typed
	switch {
	case len(r.services) > 0:
		return c.rollBackService(ctx, r, r.services[0])
	case d.Status.Ended():
		return c.refuse(deployer.Refuse("", "%s has ended: %s.", d.ID, d.Status).Hint("To go back now, say", deployer.VerbRollBack, d.Releases[0].Service))
	case t.To != "" || t.Env != "" || t.Procedure != "" || len(t.Inputs) > 0 || t.DryRun:
		return c.refuse(deployer.Refuse("", "%s goes back to what it found; there is nothing to choose.", d.ID).Hint("Say only", deployer.VerbRollBack, d.ID))
	}
	return c.carryOut(ctx, deployer.Order{Deployment: d.ID, By: r.by, Nonce: r.nonce(), Command: deployer.Answer{Comment: t.Reason, Choice: deployer.ChoiceRollBack}})
}

// stop stops a live deployment. One that has no card yet may never get one, so that
// its end is said here.
func (c commands) stop(ctx context.Context, r *request) answer {
	a := c.carryOut(ctx, deployer.Order{Deployment: r.deployment.ID, By: r.by, Nonce: r.nonce(), Command: deployer.Answer{Comment: r.typed.Reason, Choice: deployer.ChoiceStop}})
	if a.text == "" && r.deployment.Card.TS == "" {
		a.text = r.deployment.ID + " is stopped, before its card was there."
	}
	return a
}

// rollBackService starts a deployment of a revision that the service ran before.
func (c commands) rollBackService(ctx context.Context, r *request, service string) answer {
	asking, cancel := context.WithTimeout(ctx, c.quick())
	defer cancel()
	revisions, err := c.Systems.Revisions(asking, r.scope.Retailer, r.env, service)
	if errors.Is(err, context.DeadlineExceeded) {
		return c.refuse(deployer.Refuse("Try again in a minute.", "The system that runs %s does not answer, so what ran before is not known.", service))
	}
	if err != nil {
		return c.refuse(err)
	}
	rev, err := c.launcher.Revision(ctx, deployer.Site{Name: r.scope.Retailer, Environment: r.env}, revisions, service, r.typed.To)
	if err != nil {
		return c.refuse(err)
	}
	r.releases = []deployer.Release{{Service: service, Revision: rev.State.Revision}}
	return c.deploy(ctx, r)
}
