package store

import (
	"context"
	"fmt"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// loadPage is how many commits are read at once.
const loadPage = kv.OpsMax

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

// fetch returns what is kept aside under a hash.
func (s *Store) fetch(ctx context.Context) record.Fetch {
	return func(hash string) ([]byte, error) {
		got, err := s.kv.Get(ctx, blobKey(hash))
		if err != nil {
			return nil, err
		}
		if got[0].Rev == 0 {
			return nil, fmt.Errorf("%s %w in %s", blobKey(hash), errMissing, s.name)
		}
		return got[0].Value, nil
	}
}
