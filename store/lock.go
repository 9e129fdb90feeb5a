package store

import (
	"context"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// lockPrefix begins one key for each environment, with all its locks: a
// deployment can then rest on what is not locked, too.
const lockPrefix = "lock/"

func lockKey(retailer, environment string) string {
	return lockPrefix + escape(retailer) + "/" + escape(environment)
}

// Locks returns what is locked in an environment.
func (s *Store) Locks(ctx context.Context, retailer, environment string) (deployer.Locks, error) {
	got, err := s.kv.Get(ctx, lockKey(retailer, environment))
	if err != nil {
		return deployer.Locks{}, err
	}
	l := deployer.Locks{Site: deployer.Site{Name: retailer, Environment: environment}}
	if got[0].Rev != 0 {
		if l, err = record.DecodeLocks(got[0].Value); err != nil {
			return deployer.Locks{}, fmt.Errorf("read %s: %w", got[0].Key, err)
		}
	}
	l.Rev = got[0].Rev
	return l, nil
}

// AllLocks returns what is locked, environment by environment. Locks whose
// time has passed may be among them.
func (s *Store) AllLocks(ctx context.Context) ([]deployer.Locks, error) {
	var all []deployer.Locks
	for after := ""; ; {
		page, err := s.kv.Scan(ctx, lockPrefix, after, kv.ScanMax)
		if err != nil {
			return nil, fmt.Errorf("list what is locked: %w", err)
		}
		for _, e := range page {
			l, err := record.DecodeLocks(e.Value)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", e.Key, err)
			}
			l.Rev = e.Rev
			all = append(all, l)
		}
		if len(page) < kv.ScanMax {
			return all, nil
		}
		after = page[len(page)-1].Key
	}
}

// SetLocks replaces the locks that were read, and puts the announcement of it
// into the outbox if that has a channel. If somebody else was first it is
// deployer.ErrConflict.
func (s *Store) SetLocks(ctx context.Context, l deployer.Locks, announcement deployer.Message) error {
	value, err := record.EncodeLocks(l)
	if err != nil {
		return err
	}
	key := lockKey(l.Site.Name, l.Site.Environment)
	batch := kv.Batch{If: []kv.Match{{Key: key, Rev: l.Rev}}, Put: []kv.Entry{{Key: key, Value: value}}}
	if announcement.Channel != "" {
		value, _, err := record.OutboxMessage{At: time.Now().UTC(), Message: announcement}.Encode() // it has no details to keep aside
		if err != nil {
			return err
		}
		batch.Put = append(batch.Put, kv.Entry{Key: lockMessageKey(l, announcement.Channel), Value: value})
	}
	if err := journalError(s.kv.Commit(ctx, batch)); err != nil {
		return fmt.Errorf("lock %s %s: %w", l.Site.Name, l.Site.Environment, err)
	}
	return nil
}
