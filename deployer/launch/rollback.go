package launch

import (
	"context"
	"errors"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// Revision picks the revision of a service to go back to, of its own history
// with the newest first: the named one, or the newest that ran another version
// before the current, and ran it well.
func (l Launcher) Revision(ctx context.Context, revisions []deployer.Revision, service, to string) (deployer.Revision, error) {
	if to != "" {
		return byNumber(revisions, service, to)
	}
	current := slices.IndexFunc(revisions, func(r deployer.Revision) bool { return r.Current })
	for i, r := range revisions {
		if current < 0 || i <= current || r.State.Image == revisions[current].State.Image {
			continue // to go back is to run something older, and something else
		}
		ill, err := l.DidNotComplete(ctx, service, r)
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
	return deployer.Revision{}, Unknown(service+" has no revision", to, known, "It has")
}

// DidNotComplete reports whether a revision is what a deployment has brought that
// did not complete: one to go back to only by name (samson 2366). What it went
// back to is in the history under its id as well.
func (l Launcher) DidNotComplete(ctx context.Context, service string, r deployer.Revision) (bool, error) {
	if r.By == "" {
		return false, nil
	}
	d, err := l.ports.Deployments.Load(ctx, r.By)
	if errors.Is(err, deployer.ErrNotFound) {
		return false, nil // another stationmaster's, or an id that was never given
	}
	if err != nil {
		return false, err
	}
	t := d.Target(service)
	return d.Status != deployer.Complete && t != nil && t.After.Image == r.State.Image, nil
}
