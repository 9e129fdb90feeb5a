package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// loadPage is how many commits are read at once.
const loadPage = 200

// Load folds a deployment. An unknown id is deployer.ErrNotFound. A history
// that is not whole, or was changed, is an error that names the record; one
// that was loaded or written by this Store is not read again while its head is
// the same.
func (s *Store) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	head, err := s.headOf(ctx, id)
	if err != nil {
		return deployer.Deployment{}, fmt.Errorf("load %s: %w", id, err)
	}
	if m, ok := s.known.get(id, head.Value); ok {
		return m.d, nil
	}
	w, err := s.walk(ctx, id, head)
	if err != nil {
		return deployer.Deployment{}, fmt.Errorf("load %s: %w", id, err)
	}
	var d deployer.Deployment
	for _, r := range w.records {
		d = deployer.Fold(d, r.Events...)
	}
	s.known.put(id, memory{head: head.Value, chain: w.chain, d: d})
	return d, nil
}

// Verify proves that the history of a deployment is what was written: whole,
// in order, and unchanged. The error names the first record that is not.
func (s *Store) Verify(ctx context.Context, id string) error {
	head, err := s.headOf(ctx, id)
	if err == nil {
		_, err = s.walk(ctx, id, head)
	}
	if err != nil {
		return fmt.Errorf("verify %s: %w", id, err)
	}
	return nil
}

// Trail returns the history of a deployment, commit by commit, the first one
// first. It is read anew, and proves what Verify proves: with an error the
// records are those before the first that is not what was written. An unknown
// id is deployer.ErrNotFound.
func (s *Store) Trail(ctx context.Context, id string) ([]deployer.Record, error) {
	head, err := s.headOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", id, err)
	}
	w, err := s.walk(ctx, id, head)
	if err != nil {
		return w.records, fmt.Errorf("read the history of %s: %w", id, err)
	}
	return w.records, nil
}

func (s *Store) headOf(ctx context.Context, id string) (kv.Entry, error) {
	got, err := s.kv.Get(ctx, headKey(id))
	if err != nil {
		return kv.Entry{}, err
	}
	if got[0].Rev == 0 {
		return kv.Entry{}, deployer.ErrNotFound
	}
	return got[0], nil
}

// walk reads the history up to where a head stands. What is added meanwhile is
// left out. With an error it is the walk so far.
func (s *Store) walk(ctx context.Context, id string, e kv.Entry) (walk, error) {
	head, err := s.decodeHead(e)
	if err != nil {
		return walk{}, err
	}
	w := walk{id: id, fetch: s.fetch(ctx)}
	for w.seq < head.Seq {
		page, err := s.kv.Scan(ctx, eventPrefix(id), w.last, loadPage)
		if err != nil {
			return w, err
		}
		if len(page) == 0 {
			return w, fmt.Errorf("read %s in %s: it is missing; there are %d events", eventKey(id, w.seq+1), s.name, head.Seq)
		}
		for _, e := range page {
			if w.seq >= head.Seq {
				break
			}
			if err := w.step(e); err != nil {
				return w, fmt.Errorf("read %s in %s: %w", e.Key, s.name, err)
			}
		}
	}
	if w.seq != head.Seq || w.hash != head.Hash {
		w.records = w.records[:max(len(w.records)-1, 0)] // nothing vouches for the last
		return w, fmt.Errorf("read %s in %s: it is not the last commit that %s names", w.last, s.name, e.Key)
	}
	return w, nil
}

// A walk goes along the chain of commits.
type walk struct {
	chain   // so far
	id      string
	fetch   record.Fetch
	records []deployer.Record
	last    string // the key of the last commit
}

func (w *walk) step(e kv.Entry) error {
	if want := eventKey(w.id, w.seq+1); e.Key != want {
		return fmt.Errorf("the record before it is missing: %s", want)
	}
	c, err := record.DecodeCommit(e.Value, w.fetch)
	switch {
	case err != nil:
		return err
	case c.Seq != w.seq+1:
		return fmt.Errorf("it says that it begins with event %d", c.Seq)
	case len(c.Events) == 0:
		return errors.New("it has no events")
	case c.Prev != w.hash && w.last == "":
		return errors.New("it says that something came before it")
	case c.Prev != w.hash:
		return fmt.Errorf("its hash of the record before, %s, does not fit: one of the two was changed", w.last)
	}
	w.chain = chain{seq: w.seq + len(c.Events), hash: record.Hash(e.Value)}
	w.records = append(w.records, deployer.Record{Seq: c.Seq, At: c.At, Hash: w.hash, Prev: c.Prev, Events: c.Events})
	w.last = e.Key
	return nil
}

// fetch returns what is kept aside under a hash.
func (s *Store) fetch(ctx context.Context) record.Fetch {
	return func(hash string) ([]byte, error) {
		got, err := s.kv.Get(ctx, blobKey(hash))
		if err != nil {
			return nil, err
		}
		if got[0].Rev == 0 {
			return nil, fmt.Errorf("%s is missing in %s", blobKey(hash), s.name)
		}
		return got[0].Value, nil
	}
}
