package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// errMissing says that there is nothing under a key that is named.
var errMissing = errors.New("is missing")

// errNotCarried says that a deployment is as an earlier schema kept it.
var errNotCarried = errors.New("it could not be carried over from the schema before")

// walk reads the history up to where a head stands. What is added meanwhile is
// left out. With an error it is the walk so far: of its records, each is what
// the one behind it, or the head, says that it is.
func (s *Store) walk(ctx context.Context, id string, e kv.Entry) (walk, error) {
	head, err := s.decodeHead(e)
	if err != nil {
		return walk{}, err
	}
	numbers, err := head.Log.All()
	if err != nil {
		return walk{}, fmt.Errorf("read %s in %s: %w", e.Key, s.name, err)
	}
	if len(numbers) == 0 {
		return walk{}, s.notCarried(ctx, id, e)
	}
	w := walk{id: id, aside: s.aside(ctx)}
	for some := range slices.Chunk(numbers, loadPage) {
		keys := make([]string, len(some))
		for i, n := range some {
			keys[i] = logKey(n)
		}
		page, err := s.kv.Get(ctx, keys...)
		if err != nil {
			return w, err
		}
		for _, entry := range page {
			if err := w.enter(entry); err != nil {
				return w, fmt.Errorf("read %s in %s: %w", entry.Key, s.name, err)
			}
		}
	}
	w.log, w.last = head.Log, numbers[len(numbers)-1]
	return w, w.arrive(s.name, e, head)
}

// A walk goes along the chain of a deployment's commits.
type walk struct {
	chain   // so far
	id      string
	aside   record.Aside
	records []deployer.Record // those that something vouches for
	next    *deployer.Record  // nothing does yet
	key     string            // of that
}

// enter goes on with an entry of the log.
func (w *walk) enter(e kv.Entry) error {
	if e.Rev == 0 {
		return errors.New("it is missing")
	}
	entry, err := record.DecodeEntry(e.Value)
	if err != nil {
		return err
	}
	if entry.Removed != nil {
		return errors.New("it was archived")
	}
	if entry.Locks {
		return errors.New("it is about locks, and of no deployment")
	}
	if entry.Archive {
		return errors.New("it is about an archive, and of no deployment")
	}
	if err := w.step(e.Key, entry.Record); err != nil {
		return err
	}
	if entry.Summary != (record.Sum{}) {
		w.summary = entry.Summary
	}
	return nil
}

// step goes on with the record of a commit.
func (w *walk) step(key string, b []byte) error {
	c, err := record.DecodeCommit(b, w.aside)
	if err != nil {
		return err
	}
	switch id := idIn(c); {
	case id != "" && id != w.id:
		return fmt.Errorf("it is %s's", id)
	case c.Seq != w.seq+1:
		return fmt.Errorf("it begins with event %d, and %d should come", c.Seq, w.seq+1)
	case len(c.Events) == 0:
		return errors.New("it has no events")
	case c.Prev != w.hash && w.next == nil:
		return errors.New("it says that something came before it")
	case c.Prev != w.hash:
		return fmt.Errorf("its hash of the record before, %s, does not fit: one of the two was changed", w.key)
	}
	w.vouch()
	w.seq, w.hash = w.seq+len(c.Events), record.SumOf(b).String()
	w.next, w.key = &deployer.Record{Seq: c.Seq, At: c.At, Hash: w.hash, Prev: c.Prev, Events: c.Events}, key
	return nil
}

// idIn is the deployment that a commit names, or "".
func idIn(c record.Commit) string {
	if c.ID == "" && len(c.Events) > 0 {
		if created, ok := c.Events[0].(deployer.Created); ok {
			return created.ID
		}
	}
	return c.ID
}

// vouch counts the last record among those that are what was written.
func (w *walk) vouch() {
	if w.next != nil {
		w.records = append(w.records, *w.next)
	}
}

// arrive holds the end of the walk against the head.
func (w *walk) arrive(store string, e kv.Entry, head record.Head) error {
	if w.seq != head.Seq || w.hash != head.Hash {
		return fmt.Errorf("read %s in %s: it is not the last commit that %s names", w.key, store, e.Key)
	}
	w.vouch()
	sum, err := record.SummarySum(e.Value)
	if err == nil && sum != w.summary {
		err = errors.New("its summary is not what the log says that it is: it was changed")
	}
	if err != nil {
		return fmt.Errorf("read %s in %s: %w", e.Key, store, err)
	}
	return nil
}
