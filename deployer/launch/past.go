package launch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// A Past knows which versions ran well, from the deployments that were written
// down and from the history of the system where they run. It is safe for
// concurrent use as far as Deployments is.
type Past struct{ Deployments Deployments }

// pastMax is how many deployments are looked through. One is enough where it
// knows what ran before it, as all do that began since that is looked for.
const pastMax = 30

// Good is what a rollback of a target goes back to, of a deployment that is about
// to begin; see deployer.Good for which one that is. The target says of itself
// whether what it runs serves; revisions are its system's history, the newest
// first. What can't be read speaks for no version; the error is that of a list
// that can't be, or of the context.
func (p Past) Good(ctx context.Context, d deployer.Deployment, t deployer.Target, revisions []deployer.Revision) (deployer.Good, error) {
	now := slices.IndexFunc(revisions, func(r deployer.Revision) bool { return r.Current })
	if now >= 0 && Same(revisions[now].State.Image, t.Before.Image) {
		g, ill := p.ofRevision(ctx, d.Site, t.Service, revisions[now])
		switch {
		case g.How == deployer.EvidenceProven:
			return as(revisions[now].State, g), nil
		case !ill && t.Good.How == deployer.EvidenceSeen:
			return deployer.Good{How: deployer.EvidenceSeen, State: t.Good.State, Since: revisions[now].Created}, nil
		}
	} else if now < 0 && t.Good.How == deployer.EvidenceSeen {
		return t.Good, nil
	}
	return p.before(ctx, d.Site, t.Service, revisions, t.After.Image)
}

// before is the last version that ran well and is not the one of an image.
func (p Past) before(ctx context.Context, site deployer.Site, service string, revisions []deployer.Revision, not string) (deployer.Good, error) {
	list, err := p.Deployments.List(ctx, deployer.Query{Site: site, Service: service, Limit: pastMax})
	if err != nil {
		return deployer.Good{}, err
	}
	var newer time.Time // when the deployment after it was asked for
	for _, s := range list {
		if s.Status == deployer.Refused || s.Drill {
			continue
		}
		d, err := p.Deployments.Load(ctx, s.ID)
		if ctx.Err() != nil {
			return deployer.Good{}, ctx.Err()
		}
		if err != nil {
			continue // what can't be read harms no other
		}
		if _, through := readout.RanThrough(d); !through {
			continue
		}
		for _, g := range readout.RanWell(d, service) {
			if Same(g.State.Image, not) {
				continue
			}
			g = where(revisions, g)
			if g.Until.IsZero() { // else how long it ran is not known
				g.Until = newer
			}
			if next := replaced(revisions, g); !next.IsZero() && (g.Until.IsZero() || next.Before(g.Until)) {
				g.Until = next
			}
			if g.Until.IsZero() {
				g.Since = g.Until
			}
			return g, nil
		}
		if t := d.Target(service); t != nil && t.Good.How == deployer.EvidenceNone {
			return t.Good, nil // it has looked at all that was before it
		}
		newer = s.Created
	}
	return p.listed(ctx, site, service, revisions, not), ctx.Err()
}

// listed is the newest revision behind the current one that no deployment has
// failed with.
func (p Past) listed(ctx context.Context, site deployer.Site, service string, revisions []deployer.Revision, not string) deployer.Good {
	now := slices.IndexFunc(revisions, func(r deployer.Revision) bool { return r.Current })
	for i, r := range revisions {
		if now < 0 || i <= now || Same(r.State.Image, not) || Same(r.State.Image, revisions[now].State.Image) {
			continue // to go back is to run something older, and something else
		}
		if g, ill := p.ofRevision(ctx, site, service, r); g.How == deployer.EvidenceProven {
			return as(r.State, g)
		} else if !ill {
			return deployer.Good{How: deployer.EvidenceListed, State: r.State, Since: r.Created}
		}
	}
	return deployer.Good{How: deployer.EvidenceNone}
}

// ofRevision says of a revision whether the deployment that made it has proven
// it there, or was stopped or has failed with it. One that nobody here made, or
// knows, is neither. A mark may be of elsewhere, copied with the rest of a manifest:
// what ran well in staging has proven nothing in production. And it stays where
// somebody changes something else since, such as the environment.
func (p Past) ofRevision(ctx context.Context, site deployer.Site, service string, r deployer.Revision) (g deployer.Good, ill bool) {
	if r.By == "" {
		return deployer.Good{}, false
	}
	d, err := p.Deployments.Load(ctx, r.By)
	if errors.Is(err, deployer.ErrNotFound) {
		return deployer.Good{}, false // another stationmaster's, or an id that was never given
	}
	if err != nil {
		return deployer.Good{}, true
	}
	for i, g := range readout.RanWell(d, service) {
		if i == 0 && d.Site.Name == site.Name && d.Site.Environment == site.Environment && g.By == d.ID && Same(r.State.Image, g.State.Image) && !since(r, g) {
			return g, false
		}
	}
	return deployer.Good{}, didNotComplete(d, service, r)
}

// didNotComplete reports whether a revision is what a deployment has brought, or
// put back, and did not go to its end with. What somebody else has changed since
// bears its mark too.
func didNotComplete(d deployer.Deployment, service string, r deployer.Revision) bool {
	t := d.Target(service)
	if t == nil {
		return false
	}
	back, ok := deployer.BackTo(d, *t)
	end, _ := readout.RanThrough(d)
	switch {
	case Same(r.State.Image, t.After.Image):
		return end != deployer.Complete
	case ok && Same(r.State.Image, back.Image) && slices.Contains(d.RollbackServices, service):
		return end != deployer.RolledBack
	}
	return false
}
