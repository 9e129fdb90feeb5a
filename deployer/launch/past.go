package launch

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
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
	last := deployer.Good{How: deployer.EvidenceNone} // better than nothing: what runs, though not all of it is ready
	if now >= 0 && Same(revisions[now].State.Image, t.Before.Image) {
		g, ill := p.ofRevision(ctx, t.Service, revisions[now])
		if !ill {
			last = deployer.Good{How: deployer.EvidenceListed, State: revisions[now].State, Since: revisions[now].Created}
		}
		switch {
		case g.How == deployer.EvidenceProven:
			return as(revisions[now].State, g), nil
		case !ill && t.Good.How == deployer.EvidenceSeen:
			return deployer.Good{How: deployer.EvidenceSeen, State: t.Good.State, Since: revisions[now].Created}, nil
		}
	} else if now < 0 && t.Good.How == deployer.EvidenceSeen {
		return t.Good, nil
	}
	g, err := p.before(ctx, d.Site, t.Service, revisions, t.After.Image)
	if g.How == deployer.EvidenceNone && !Same(last.State.Image, t.After.Image) {
		g = last
	}
	return g, err
}

// before is the last version that ran well and is not the one of an image.
func (p Past) before(ctx context.Context, site deployer.Site, service string, revisions []deployer.Revision, not string) (deployer.Good, error) {
	list, err := p.Deployments.List(ctx, deployer.Query{Site: site, Service: service, Limit: pastMax})
	if err != nil {
		return deployer.Good{}, err
	}
	var newer time.Time // when the deployment after it was asked for
	for _, s := range list {
		if s.Status == deployer.Refused || !s.Status.Ended() {
			continue
		}
		d, err := p.Deployments.Load(ctx, s.ID)
		if ctx.Err() != nil {
			return deployer.Good{}, ctx.Err()
		}
		if err != nil {
			continue // what can't be read harms no other
		}
		for _, g := range deployer.RanWell(d, service) {
			if Same(g.State.Image, not) {
				continue
			}
			if g.Until.IsZero() { // else how long it ran is not known
				g.Until = newer
			}
			if g.Until.IsZero() {
				g.Since = g.Until
			}
			return where(revisions, g), nil
		}
		if t := d.Target(service); t != nil && t.Good.How == deployer.EvidenceNone {
			return t.Good, nil // it has looked at all that was before it
		}
		newer = s.Created
	}
	return p.listed(ctx, service, revisions, not), ctx.Err()
}

// listed is the newest revision behind the current one that no deployment has
// failed with.
func (p Past) listed(ctx context.Context, service string, revisions []deployer.Revision, not string) deployer.Good {
	now := slices.IndexFunc(revisions, func(r deployer.Revision) bool { return r.Current })
	for i, r := range revisions {
		if now < 0 || i <= now || Same(r.State.Image, not) || Same(r.State.Image, revisions[now].State.Image) {
			continue // to go back is to run something older, and something else
		}
		if g, ill := p.ofRevision(ctx, service, r); g.How == deployer.EvidenceProven {
			return as(r.State, g)
		} else if !ill {
			return deployer.Good{How: deployer.EvidenceListed, State: r.State, Since: r.Created}
		}
	}
	return deployer.Good{How: deployer.EvidenceNone}
}

// ofRevision says of a revision whether the deployment that made it has proven
// it, or was stopped or has failed with it. One that nobody here made, or knows,
// is neither.
func (p Past) ofRevision(ctx context.Context, service string, r deployer.Revision) (g deployer.Good, ill bool) {
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
	for i, g := range deployer.RanWell(d, service) {
		if i == 0 && g.By == d.ID && Same(r.State.Image, g.State.Image) {
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
	switch {
	case Same(r.State.Image, t.After.Image):
		return d.Status != deployer.Complete
	case ok && Same(r.State.Image, back.Image) && slices.Contains(d.RollbackServices, service):
		return d.Status != deployer.RolledBack
	}
	return false
}

// as is what ran well, as one revision of the system has it.
func as(s deployer.State, g deployer.Good) deployer.Good {
	g.State = s
	return g
}

// where finds what ran well in the system's history, so that all of it can be put
// back and not only the image. What its own deployment has made comes first.
func where(revisions []deployer.Revision, g deployer.Good) deployer.Good {
	for _, own := range []bool{true, false} {
		for _, r := range revisions {
			if Same(r.State.Image, g.State.Image) && (r.By == g.By || !own) {
				return as(r.State, g)
			}
		}
	}
	g.State.Revision = ""
	return g
}

// Same reports whether two images are one: a system may have written the digest
// behind a tag that was asked for without.
func Same(a, b string) bool {
	return a == b || a != "" && strings.HasPrefix(b, a+"@") || b != "" && strings.HasPrefix(a, b+"@")
}
