package store

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// Live returns the ids of the deployments to which something may still happen,
// in their order as words.
func (s *Store) Live(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.live(ctx, func(id string, _ []byte) { ids = append(ids, id) })
	if err != nil {
		return nil, fmt.Errorf("list what is live: %w", err)
	}
	slices.Sort(ids)
	return ids, nil
}

// Wakeups returns when the engine has to look at each live deployment by itself.
// Nothing is folded for it. At one whose wakeup can't be read, it has to look
// now.
func (s *Store) Wakeups(ctx context.Context) (map[string]deployer.Wakeup, error) {
	wakeups := map[string]deployer.Wakeup{}
	err := s.live(ctx, func(id string, value []byte) {
		w, err := record.DecodeWakeup(value)
		if err != nil {
			w = deployer.Wakeup{Now: true}
		}
		wakeups[id] = w
	})
	if err != nil {
		return nil, fmt.Errorf("list what is live: %w", err)
	}
	return wakeups, nil
}

func (s *Store) live(ctx context.Context, fn func(id string, value []byte)) error {
	for after := ""; ; {
		page, err := s.kv.Scan(ctx, livePrefix, after, kv.ScanMax)
		if err != nil {
			return err
		}
		for _, e := range page {
			id, err := url.PathUnescape(strings.TrimPrefix(e.Key, livePrefix))
			if err != nil {
				return fmt.Errorf("the key %q is damaged: %w", e.Key, err)
			}
			fn(id, e.Value)
		}
		if len(page) < kv.ScanMax {
			return nil
		}
		after = page[len(page)-1].Key
	}
}

// life notes that a deployment is live, and when the engine has to look at it;
// where that is as before, it writes nothing.
func (d *draft) life() error {
	if len(d.Events) == 0 {
		return nil
	}
	key := liveKey(d.After.ID)
	before := d.found[key]
	if !d.Live {
		if before.Rev != 0 {
			d.batch.Delete = append(d.batch.Delete, key)
		}
		return nil
	}
	value, err := record.EncodeWakeup(d.Wakeup)
	if err != nil {
		return err
	}
	if before.Rev == 0 || !bytes.Equal(before.Value, value) {
		d.put(key, value)
	}
	return nil
}
