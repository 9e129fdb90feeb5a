package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/store/kv"
)

// Schema 1 kept the commits of each deployment below its head, and knew by the
// places who was live. Its deployments are carried over one by one, each record
// as it was written; all other keys are the same. What can't be read stays where
// it is, and is tried again each time that the store is opened.
const (
	carryKey    = "meta/carry" // there while there may be some that nobody has looked at
	asidePrefix = "aside/"     // ID: could not be carried over, and why
	movePrefix  = "move/"      // ID: is being carried over, as a head without its summary
	carriers    = 8            // how many are carried over at the same time
	moveMax     = 24           // records that one commit carries over at most
	moveBytes   = 256 << 10    // and how long they are together, in bytes, but for the last
)

func asideKey(id string) string           { return asidePrefix + escape(id) }
func moveKey(id string) string            { return movePrefix + escape(id) }
func event1Prefix(id string) string       { return headKey(id) + "/e/" }
func event1Key(id string, seq int) string { return event1Prefix(id) + fmt.Sprintf("%08d", seq) }

// A migration brings a store up to date from schema 1.
type migration struct{ *Store }

// leave1 makes a store of schema 1 one of schema 2 whose deployments are yet to be
// carried over: an earlier program would not know how to read them. It returns
// the entry of the store's id.
func (m migration) leave1(ctx context.Context, version kv.Entry) (kv.Entry, error) {
	for _, prefix := range []string{"ix/number/", "ix/live/"} {
		old, err := m.kv.Scan(ctx, prefix, "", 1)
		if err != nil {
			return kv.Entry{}, err
		}
		if len(old) > 0 {
			return kv.Entry{}, fmt.Errorf("%w: its layout (%s…) is from before 21 November 2026, and was that of no release; open it with a stationmaster "+
				"that was built before commit 183cfbf and finish or stop its deployments there, then begin with a new file", kv.ErrForeign, prefix)
		}
	}
	puts := append(begin2(), kv.Entry{Key: carryKey})
	err := m.kv.Commit(ctx, kv.Batch{If: []kv.Match{{Key: schemaKey, Rev: version.Rev}}, Put: puts})
	if err != nil && !errors.Is(err, kv.ErrConflict) {
		return kv.Entry{}, err
	}
	got, err := m.kv.Get(ctx, idKey)
	if err != nil {
		return kv.Entry{}, err
	}
	return got[0], nil
}

// carryOver carries over what an earlier schema has left, and can be broken off
// at any instant: it goes on where it was.
func (m migration) carryOver(ctx context.Context) error {
	got, err := m.kv.Get(ctx, carryKey)
	if err != nil {
		return err
	}
	if got[0].Rev == 0 {
		return m.tryAside(ctx)
	}
	held, err := m.held(ctx)
	if err != nil {
		return err
	}
	if err := m.carryAll(ctx, held); err != nil {
		return fmt.Errorf("bring it up to date from schema 1: %w", err)
	}
	return m.kv.Commit(ctx, kv.Batch{Delete: []string{carryKey}})
}

// held are the deployments that hold a place. In schema 1 they were those that
// had not ended.
func (m migration) held(ctx context.Context) (map[string]bool, error) {
	ids := map[string]bool{}
	for after := ""; ; {
		page, err := m.kv.Scan(ctx, placePrefix, after, kv.ScanMax)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			ids[string(e.Value)] = true
		}
		if len(page) < kv.ScanMax {
			return ids, nil
		}
		after = page[len(page)-1].Key
	}
}

// tryAside tries again what could not be carried over: this program may read
// more than the one before.
func (m migration) tryAside(ctx context.Context) error {
	aside, err := m.kv.Scan(ctx, asidePrefix, "", 1)
	if err != nil || len(aside) == 0 {
		return err
	}
	held, err := m.held(ctx)
	if err != nil {
		return err
	}
	for after := ""; ; {
		page, err := m.kv.Scan(ctx, asidePrefix, after, kv.ScanMax)
		if err != nil {
			return err
		}
		for _, e := range page {
			head, err := m.kv.Get(ctx, string(e.Value))
			if err != nil {
				return err
			}
			if err := m.carry(ctx, head[0], held); err != nil {
				return err
			}
		}
		if len(page) < kv.ScanMax {
			return nil
		}
		after = page[len(page)-1].Key
	}
}

// carryAll carries over every deployment that there is, several at a time, since
// each waits for the disk.
func (m migration) carryAll(ctx context.Context, held map[string]bool) error {
	var (
		workers sync.WaitGroup
		heads   = make(chan kv.Entry)
		failed  = make(chan error, carriers)
	)
	for range carriers {
		workers.Go(func() {
			for head := range heads {
				if err := m.carry(ctx, head, held); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	err := m.eachHead1(ctx, func(head kv.Entry) error {
		select {
		case heads <- head:
			return nil
		case err := <-failed:
			return err
		}
	})
	close(heads)
	workers.Wait()
	close(failed)
	return errors.Join(err, <-failed)
}

// eachHead1 calls fn with every head, leaping over what lies below it.
func (m migration) eachHead1(ctx context.Context, fn func(kv.Entry) error) error {
	for after := ""; ; {
		next, err := m.kv.Scan(ctx, headPrefix, after, 1)
		if err != nil || len(next) == 0 {
			return err
		}
		key := next[0].Key
		if strings.Count(key, "/") == 2 {
			if err := fn(next[0]); err != nil {
				return err
			}
			after = key + afterSlash
			continue
		}
		after = key
	}
}
