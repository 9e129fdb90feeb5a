package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	err := eachLocks(ctx, s.kv, func(e kv.Entry) error {
		l, err := record.DecodeLocks(e.Value)
		if err != nil {
			return fmt.Errorf("read %s: %w", e.Key, err)
		}
		l.Rev = e.Rev
		all = append(all, l)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list what is locked: %w", err)
	}
	return all, nil
}

// eachLocks calls fn with what is locked, environment by environment.
func eachLocks(ctx context.Context, db kv.KV, fn func(kv.Entry) error) error {
	for after := ""; ; {
		page, err := db.Scan(ctx, lockPrefix, after, kv.ScanMax)
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := fn(e); err != nil {
				return err
			}
		}
		if len(page) < kv.ScanMax {
			return nil
		}
		after = page[len(page)-1].Key
	}
}

// SetLocks replaces the locks that were read, adds a record of it to the log, and
// puts the announcement of it into the outbox if that has a channel. If somebody
// else was first it is deployer.ErrConflict.
func (s *Store) SetLocks(ctx context.Context, l deployer.Locks, announcement deployer.Message) error {
	batch, err := s.relock(l, announcement, time.Now().UTC())
	if err == nil {
		err = journalError(s.kv.Commit(ctx, batch))
	}
	if err != nil {
		return fmt.Errorf("lock %s %s: %w", l.Site.Name, l.Site.Environment, err)
	}
	return nil
}

// relock is the commit of SetLocks.
func (s *Store) relock(l deployer.Locks, announcement deployer.Message, now time.Time) (kv.Batch, error) {
	value, err := record.EncodeLocks(l)
	if err != nil {
		return kv.Batch{}, err
	}
	change, err := record.LockRecord{At: now, Changes: l.Changes, Locks: value}.Encode()
	if err != nil {
		return kv.Batch{}, err
	}
	if len(change) > record.RecordMax {
		return kv.Batch{}, fmt.Errorf("%w: the record of it has %d bytes, the limit is %d", kv.ErrTooBig, len(change), record.RecordMax)
	}
	key := lockKey(l.Site.Name, l.Site.Environment)
	batch := kv.Batch{
		If: []kv.Match{{Key: key, Rev: l.Rev}}, Put: []kv.Entry{{Key: key, Value: value}},
		Next: s.appendEntry(record.Entry{Record: change, Locks: true}),
	}
	if announcement.Channel == "" {
		return batch, nil
	}
	message, _, err := record.OutboxMessage{At: now, Message: announcement}.Encode() // it has no details to keep aside
	batch.Put = append(batch.Put, kv.Entry{Key: lockMessageKey(l, announcement.Channel), Value: message})
	return batch, err
}

// ExportLocks writes what was locked and lifted, and by whom, as it was written: a
// record a line, in JSON, and last what is locked in each environment. Of changes
// from before there were records of them it has the last hundred, at most.
func (s *Store) ExportLocks(ctx context.Context, out io.Writer) error {
	lines := json.NewEncoder(out)
	err := (&auditor{Store: s}).eachEntry(ctx, "", func(e kv.Entry) error {
		entry, err := record.DecodeEntry(e.Value)
		if err != nil {
			return fmt.Errorf("read %s in %s: %w", e.Key, s.name, err)
		}
		if !entry.Locks {
			return nil
		}
		return lines.Encode(line{Key: e.Key, Link: entry.Link.String(), Record: entry.Record})
	}, func(kv.Entry) error { return nil })
	if err == nil {
		err = eachLocks(ctx, s.kv, func(e kv.Entry) error { return lines.Encode(line{Key: e.Key, Record: e.Value}) })
	}
	if err != nil {
		return fmt.Errorf("export locks: %w", err)
	}
	return nil
}
