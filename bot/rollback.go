package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// rollBack takes a deployment back, or services to what they ran before.
func (c commands) rollBack(ctx context.Context, r *request) answer {
	d, t := r.deployment, r.typed
	chosen := t.To != "" || t.Env != "" || t.Procedure != "" || len(t.Inputs) > 0
	end, over := readout.RanThrough(d)
	switch {
	case len(r.services) > 1 && t.To != "":
		return c.refuse(deployer.Refuse("Roll them back one by one.", "Services have revisions of their own."))
	case len(r.services) > 0:
		return c.rollBackServices(ctx, r, "")
	case chosen || t.DryRun && !over:
		return c.refuse(deployer.Refuse("", "%s goes back to what it found; there is nothing to choose.", d.ID).Hint("Say only", deployer.VerbRollBack, d.ID))
	case over && d.Drill.On:
		return c.refuse(deployer.Refuse("", "%s was a drill: it has brought nothing that could go back.", d.ID))
	case end == deployer.RolledBack:
		return c.refuse(deployer.Refuse("", "%s is rolled back already.", d.ID))
	case over && len(d.Touched()) == 0:
		return c.refuse(deployer.Refuse("", "%s has ended, and has rolled out nothing.", d.ID).Hint("To go back now, say", deployer.VerbRollBack, d.Releases[0].Service))
	case over:
		r.services, r.env = d.Touched(), d.Site.Environment
		return c.rollBackServices(ctx, r, d.ID)
	}
	return c.carryOut(ctx, deployer.Order{Deployment: d.ID, By: r.by, Nonce: r.nonce(), Command: deployer.Answer{Comment: t.Reason, Choice: deployer.ChoiceRollBack}})
}

// takeBack starts the way back of what a deployment has brought that has ended, or has
// only paperwork left, by a button. What was shown has to be so still.
func (c commands) takeBack(ctx context.Context, r *request) answer {
	d, v := r.deployment, r.button
	var services []string
	switch {
	case v.All:
		services = d.Touched()
	case v.Item != "":
		services = []string{v.Item}
	}
	undo, ok := readout.TakenBack(d, services...)
	switch {
	case d.Site.Name != r.scope.Retailer:
		return c.refuse(deployer.Refuse("", "%s is a deployment of %s, and this channel is for %s.", d.ID, d.Site.Name, r.scope.Retailer))
	case !ok || undo.Hash() != v.Subject:
		return c.refuse(deployer.Refuse("Look at the card again.", "What would be rolled back has changed since that button was shown. Nothing was done."))
	}
	r.env = d.Site.Environment
	for _, t := range undo.Targets {
		if err := c.stillRuns(ctx, d, t.Service); err != nil {
			return c.refuse(err)
		}
		r.services = append(r.services, t.Service)
	}
	return c.rollBackServices(ctx, r, d.ID)
}

// stillRuns refuses to go back from what a deployment has brought where a newer one has
// changed what the service runs.
func (c commands) stillRuns(ctx context.Context, d deployer.Deployment, service string) error {
	for q := (deployer.Query{Site: d.Site, Service: service, Limit: 100}); ; {
		list, err := c.Deployments.List(ctx, q)
		if err != nil {
			return err
		}
		for _, s := range list {
			if s.ID == d.ID {
				return nil
			}
			q.Before = s.ID
			if s.Status == deployer.Refused || s.Status == deployer.RolledBack {
				continue
			}
			newer, err := c.Deployments.Load(ctx, s.ID)
			if err != nil {
				return c.unreadable(ctx, s.ID, err)
			}
			if end, over := readout.RanThrough(newer); over && end == deployer.Complete && slices.Contains(newer.Touched(), service) {
				return deployer.Refuse("Use its card.", "%s runs %s now, which %s has brought. Nothing was done.", service, newer.Target(service).After.Version, newer.ID).
					Hint("Or say", deployer.VerbRollBack, newer.ID)
			}
		}
		if len(list) < q.Limit {
			return nil
		}
	}
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

// rollBackServices starts a deployment of revisions that services ran before: those from
// before an ended deployment, where one is named. It goes the way back of what has
// brought what they run; where that is not known, or a procedure is named, it is a
// deployment like any other.
func (c commands) rollBackServices(ctx context.Context, r *request, id string) answer {
	asking, cancel := context.WithTimeout(ctx, c.quick())
	defer cancel()
	var brought []string // by which deployments, each once; "" where it is not known
	for _, service := range r.services {
		revisions, err := c.Systems.Revisions(asking, r.scope.Retailer, r.env, service)
		if errors.Is(err, context.DeadlineExceeded) {
			return c.refuse(deployer.Refuse("Try again in a minute.", "The system that runs %s does not answer, so what ran before is not known.", service))
		}
		if err != nil {
			return c.refuse(err)
		}
		rev, err := c.revisionFor(ctx, r, service, revisions)
		if err != nil {
			return c.refuse(err)
		}
		r.releases = append(r.releases, deployer.Release{Service: service, Revision: rev.State.Revision})
		for _, runs := range revisions {
			if runs.Current && id == "" && !slices.Contains(brought, runs.By) {
				brought = append(brought, runs.By)
			}
		}
	}
	if id != "" {
		brought = []string{id}
	}
	of := c.waysBack(ctx, r, brought)
	if len(of) == 0 {
		return c.deploy(ctx, r)
	}
	start, err := c.launcher.WayBack(launch.Request{Channel: r.scope.Channel, Releases: r.releases, Reason: r.typed.Reason, Asked: time.Now()}, of...)
	if err != nil {
		return c.refuse(err)
	}
	start.Origin = strings.Join([]string{"slack", r.team, r.trigger}, "/")
	return c.begin(ctx, start, r.by, r.typed.DryRun)
}

// revisionFor is the one that a service goes to.
func (c commands) revisionFor(ctx context.Context, r *request, service string, revisions []deployer.Revision) (deployer.Revision, error) {
	if r.deployment.ID != "" {
		return c.launcher.RevisionBefore(r.deployment, service, revisions)
	}
	return c.launcher.Revision(ctx, deployer.Site{Name: r.scope.Retailer, Environment: r.env}, revisions, service, r.typed.To)
}

// waysBack are the ended deployments that have brought what runs, the newest first, if
// the way back of all of them is known, and nothing else was asked for.
func (c commands) waysBack(ctx context.Context, r *request, brought []string) []deployer.Deployment {
	if r.typed.Procedure != "" || len(r.typed.Inputs) > 0 {
		return nil
	}
	var of []deployer.Deployment
	for _, id := range brought {
		if id == "" {
			return nil
		}
		d, err := c.Deployments.Load(ctx, id)
		if err != nil || !launch.HasWayBack(d) || d.Site.Name != r.scope.Retailer || d.Site.Environment != r.env {
			return nil // of elsewhere, or not to be read: it is a deployment like any other
		}
		if _, over := readout.RanThrough(d); !over {
			return nil
		}
		of = append(of, d)
	}
	slices.SortFunc(of, func(a, b deployer.Deployment) int { return b.Created.Compare(a.Created) })
	return of
}
