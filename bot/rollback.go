package bot

import (
	"context"
	"errors"
	"slices"

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
	return c.carryOut(ctx, deployer.Order{Deployment: d.ID, By: r.by, Nonce: r.nonce(), Command: deployer.RollBack{Reason: t.Reason}})
}

// stop stops a live deployment.
func (c commands) stop(ctx context.Context, r *request) answer {
	return c.carryOut(ctx, deployer.Order{Deployment: r.deployment.ID, By: r.by, Nonce: r.nonce(), Command: deployer.Stop{Reason: r.typed.Reason}})
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
	rev, err := c.choose(ctx, revisions, service, r.typed.To)
	if err != nil {
		return c.refuse(err)
	}
	r.releases = []deployer.Release{{Service: service, Revision: rev.State.Revision}}
	return c.deploy(ctx, r)
}

// choose picks the revision to go back to: the named one, or the newest that
// ran another version before the current, and ran it well.
func (c commands) choose(ctx context.Context, revisions []deployer.Revision, service, to string) (deployer.Revision, error) {
	if to != "" {
		return byNumber(revisions, service, to)
	}
	current := slices.IndexFunc(revisions, func(r deployer.Revision) bool { return r.Current })
	for i, r := range revisions {
		if current < 0 || i <= current || r.State.Image == revisions[current].State.Image {
			continue // to go back is to run something older, and something else
		}
		ill, err := c.didNotComplete(ctx, service, r)
		if err != nil || !ill {
			return r, err
		}
	}
	return deployer.Revision{}, deployer.Refuse("", "%s has nothing to go back to: no other version that ran well before.", service).
		Hint("To choose one by yourself, see", "history", service)
}

func byNumber(revisions []deployer.Revision, service, to string) (deployer.Revision, error) {
	var known []string
	for _, r := range revisions {
		if r.State.Revision == to && r.Current {
			return r, deployer.Refuse("", "%s runs revision %s already. Nothing was done.", service, to)
		}
		if r.State.Revision == to {
			return r, nil
		}
		known = append(known, r.State.Revision)
	}
	return deployer.Revision{}, unknown(service+" has no revision", to, known, "It has")
}

// didNotComplete reports whether a revision is what a deployment has brought that did not
// complete: one to go back to only by name (samson 2366). What it went back to
// is in the history under its id as well.
func (c commands) didNotComplete(ctx context.Context, service string, r deployer.Revision) (bool, error) {
	if r.By == "" {
		return false, nil
	}
	d, err := c.Deployments.Load(ctx, r.By)
	if errors.Is(err, deployer.ErrNotFound) {
		return false, nil // another stationmaster's, or an id that was never given
	}
	if err != nil {
		return false, err
	}
	t := d.Target(service)
	return d.Status != deployer.Complete && t != nil && t.After.Image == r.State.Image, nil
}
