package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// Append makes a commit happen whole, or not at all, and returns when it is
// durable. The errors are those of deployer.Journal.
func (s *Store) Append(ctx context.Context, c deployer.Commit) error {
	err := s.append(ctx, c)
	if err == nil {
		return nil
	}
	if errors.Is(err, deployer.ErrConflict) && c.Before.Seq == 0 {
		s.taken(c.After.ID)
	}
	return fmt.Errorf("append to %s: %w", c.After.ID, err)
}

func (s *Store) append(ctx context.Context, c deployer.Commit) error {
	if err := check(c); err != nil {
		return err
	}
	d := &draft{Commit: c, known: &s.known, endOf: s.endOf, at: time.Now().UTC(), aside: s.aside(ctx), blobs: record.Blobs{}}
	if err := d.read(ctx, s.kv); err != nil {
		return err
	}
	if err := d.write(); err != nil {
		return err
	}
	if err := d.prepare(ctx, s.kv); err != nil {
		return err
	}
	if err := journalError(s.kv.Commit(ctx, d.batch)); err != nil {
		return err
	}
	if len(c.Events) > 0 {
		s.known.put(c.After.ID, d.memory)
	}
	return nil
}

// check refuses what no order can lead to.
func check(c deployer.Commit) error {
	if err := c.Check(); err != nil {
		return err
	}
	if len(c.Claim) > placesMax {
		return fmt.Errorf("the commit claims %d places, the limit is %d: deploy fewer services at once", len(c.Claim), placesMax)
	}
	return nil
}

// prepare writes what has to be there before the commit. Should that not
// happen, it does no harm: what is kept aside is named by its hash, and an
// index entry without its deployment is passed over.
func (d *draft) prepare(ctx context.Context, db kv.KV) error {
	ahead := d.ahead
	for hash, data := range d.blobs {
		key := blobKey(hash)
		got, err := db.Get(ctx, key)
		if err != nil {
			return err
		}
		if got[0].Rev == 0 {
			ahead = append(ahead, kv.Entry{Key: key, Value: data})
		}
	}
	for len(ahead) > 0 {
		n, size := 0, 0
		for n < len(ahead) && n < kv.OpsMax {
			if size += len(ahead[n].Key) + len(ahead[n].Value); n > 0 && size > kv.BatchBytesMax {
				break
			}
			n++
		}
		if err := journalError(db.Commit(ctx, kv.Batch{Put: ahead[:n]})); err != nil {
			return fmt.Errorf("keep a text aside: %w", err)
		}
		ahead = ahead[n:]
	}
	return nil
}
