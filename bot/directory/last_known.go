package directory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// lastKnownKey is the key of LastKnown in a context.
type lastKnownKey struct{}

// LastKnown returns a context in which Who answers by what Slack said last, however
// old that is, and asks nobody: for what can't wait until Slack can be asked again.
func LastKnown(ctx context.Context) context.Context {
	return context.WithValue(ctx, lastKnownKey{}, true)
}

// lastKnown is somebody as they were known last. Of whom Slack has said nothing since
// the process began, nobody knows anything.
func lastKnown(d *Directory, id string) (deployer.Person, error) {
	a, _, _ := d.accounts.known(id)
	if a.id == "" {
		return deployer.Person{}, fmt.Errorf("look up the user %s: Slack has not said yet who that is", id)
	}
	return deployer.Person{Roles: d.Held(id), Standing: d.accounts.standing(a), Accounts: d.accounts.human(id)}, nil
}

// KnownAt is since when what counts of somebody is not known any younger: what they
// are, and who is in the groups that they are in. Zero: nothing is known of them.
func (d *Directory) KnownAt(id string) time.Time {
	a, _, _ := d.accounts.known(id)
	oldest := a.at
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range d.distinct() {
		if slices.Contains(g.members, id) && g.askedAt.Before(oldest) {
			oldest = g.askedAt
		}
	}
	return oldest
}
