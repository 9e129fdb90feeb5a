package store

import (
	"context"
	"fmt"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// loadPage is how many commits are read at once.
const loadPage = 200

// Load folds a deployment. An unknown id is deployer.ErrNotFound. A history
// that is not whole, or was changed, is an error that names the record.
func (s *Store) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	events, err := s.history(ctx, id)
	if err != nil {
		return deployer.Deployment{}, err
	}
	return deployer.Fold(deployer.Deployment{}, events...), nil
}

// Verify proves that the history of a deployment is what was written: whole,
// in order, and unchanged. The error names the first record that is not.
func (s *Store) Verify(ctx context.Context, id string) error {
	_, err := s.history(ctx, id)
	return err
}

// history returns the events up to where the head stands. What is added
// meanwhile is left out.
func (s *Store) history(ctx context.Context, id string) ([]deployer.Event, error) {
	got, err := s.kv.Get(ctx, headKey(id))
	if err != nil {
		return nil, err
	}
	if got[0].Rev == 0 {
		return nil, fmt.Errorf("load %s: %w", id, deployer.ErrNotFound)
	}
	head, err := record.DecodeHead(got[0].Value)
	if err != nil {
		return nil, fmt.Errorf("read %s in %s: %w", got[0].Key, s.name, err)
	}
	w := walk{id: id, fetch: s.fetch(ctx)}
	for after := ""; len(w.events) < head.Seq; {
		page, err := s.kv.Scan(ctx, eventPrefix(id), after, loadPage)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return nil, fmt.Errorf("read %s in %s: it is missing; %s has %d events", eventKey(id, len(w.events)+1), s.name, id, head.Seq)
		}
		for _, e := range page {
			if len(w.events) == head.Seq {
				break
			}
			if err := w.step(e); err != nil {
				return nil, fmt.Errorf("read %s in %s: %w", e.Key, s.name, err)
			}
			after = e.Key
		}
	}
	if len(w.events) != head.Seq || w.hash != head.Hash {
		return nil, fmt.Errorf("read %s in %s: the last commit is not the one that the head names", w.last, s.name)
	}
	return w.events, nil
}

// A walk goes along the chain of commits.
type walk struct {
	id     string
	fetch  record.Fetch
	events []deployer.Event
	hash   string // of the last commit
	last   string // its key
}

func (w *walk) step(e kv.Entry) error {
	if want := eventKey(w.id, len(w.events)+1); e.Key != want {
		return fmt.Errorf("the record before it is missing: %s", want)
	}
	c, err := record.DecodeCommit(e.Value, w.fetch)
	switch {
	case err != nil:
		return err
	case c.Seq != len(w.events)+1:
		return fmt.Errorf("it says that it begins with event %d", c.Seq)
	case len(c.Events) == 0:
		return fmt.Errorf("it has no events")
	case c.Prev != w.hash && w.last == "":
		return fmt.Errorf("it says that something came before it")
	case c.Prev != w.hash:
		return fmt.Errorf("its hash of the record before, %s, does not fit: one of the two was changed", w.last)
	}
	w.events, w.hash, w.last = append(w.events, c.Events...), record.Hash(e.Value), e.Key
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
