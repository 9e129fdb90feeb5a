package launch

import (
	"context"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// Revision picks the revision of a service to go back to, of its own history with
// the newest first: the named one, or the one of the version that ran well before
// the current, as the button of a failed deployment does.
func (l Launcher) Revision(ctx context.Context, site deployer.Site, revisions []deployer.Revision, service, to string) (deployer.Revision, error) {
	if to != "" {
		return byNumber(revisions, service, to)
	}
	current := slices.IndexFunc(revisions, func(r deployer.Revision) bool { return r.Current })
	if current < 0 {
		return deployer.Revision{}, nothingBefore(service)
	}
	g, err := Past{l.ports.Deployments}.before(ctx, site, service, revisions, revisions[current].State.Image)
	switch {
	case err != nil:
		return deployer.Revision{}, err
	case g.How == deployer.EvidenceNone:
		return deployer.Revision{}, nothingBefore(service)
	case g.State.Revision == "":
		return deployer.Revision{}, deployer.Refuse("", "%s ran %s well before, and its system has forgotten that revision.", service, g.State.Version).
			Hint("To deploy it anew", deployer.VerbDeploy, service, g.State.Version)
	}
	return byNumber(revisions, service, g.State.Revision)
}

func nothingBefore(service string) *deployer.Refusal {
	return deployer.Refuse("", "%s has nothing to go back to: no other version that ran well before.", service).
		Hint("To choose one by yourself, see", deployer.VerbHistory, service)
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
	return deployer.Revision{}, Unknown(service+" has no revision", to, known, "It has")
}

// DidNotComplete reports whether a revision is what a deployment has brought that
// did not complete: one to go back to only by name (samson 2366). What it went
// back to is in the history under its id as well. Of a deployment that is under
// way nobody knows yet.
func (l Launcher) DidNotComplete(ctx context.Context, service string, r deployer.Revision) (bool, error) {
	if r.By == "" {
		return false, nil
	}
	d, err := l.ports.Deployments.Load(ctx, r.By)
	if err != nil {
		return false, ctx.Err() // another stationmaster's, an id that was never given, or one that can't be read
	}
	return d.Status.Ended() && didNotComplete(d, service, r), nil
}
