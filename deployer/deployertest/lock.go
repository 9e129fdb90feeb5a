package deployertest

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// Locks returns what is locked in an environment.
func (j *Journal) Locks(ctx context.Context, retailer, name string) (deployer.Locks, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return deployer.Locks{}, err
	}
	l := j.locks[environment{retailer, name}]
	l.Site.Name, l.Site.Environment = retailer, name
	return l, nil
}

// AllLocks returns what is locked, environment by environment. Locks whose
// time has passed may be among them.
func (j *Journal) AllLocks(ctx context.Context) ([]deployer.Locks, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	var all []deployer.Locks
	for _, l := range j.locks {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b deployer.Locks) int {
		return cmp.Or(cmp.Compare(a.Site.Name, b.Site.Name), cmp.Compare(a.Site.Environment, b.Site.Environment))
	})
	return all, nil
}

// SetLocks puts locks in the place of those that were read, and the announcement of it
// into the mailbox if that has a channel. It keeps no record of the changes. If somebody else was first it is
// deployer.ErrConflict.
func (j *Journal) SetLocks(ctx context.Context, l deployer.Locks, announcement deployer.Message) error {
	c := deployer.Commit{Locks: &l, Messages: []deployer.Message{announcement}}
	return j.commit(ctx, c, func() error {
		where := environment{l.Site.Name, l.Site.Environment}
		if l.Rev != j.locks[where].Rev {
			return fmt.Errorf("lock %s %s: %w", l.Site.Name, l.Site.Environment, deployer.ErrConflict)
		}
		j.rev++
		after := l
		after.Rev, after.All, after.Changes = j.rev, slices.Clone(l.All), nil
		j.locks[where] = after
		if announcement.Channel != "" {
			key := fmt.Sprintf("out/%s//%s/%s/%016x", url.PathEscape(announcement.Channel), url.PathEscape(l.Site.Name), url.PathEscape(l.Site.Environment), l.Rev)
			j.messages[key] = deployer.OutboxMessage{Message: announcement, Key: key, Rev: j.rev, At: j.now().UTC()}
			j.arrivals.tell(boxOf(j.messages[key]))
		}
		return nil
	})
}
