package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/store/kv"
)

// ranMax is how many times a job remembers.
const ranMax = 64

func ranKey(job string) string { return "meta/ran/" + escape(job) }

// Jobs are what is done at set times. It knows which were begun, and when.
type Jobs struct{ store *Store }

// JobsOf are the jobs of a store.
func JobsOf(s *Store) Jobs { return Jobs{s} }

// Ran reports whether a job was ever begun by Once.
func (j Jobs) Ran(ctx context.Context, job string) (bool, error) {
	got, err := j.store.kv.Get(ctx, ranKey(job))
	if err != nil {
		return false, fmt.Errorf("read when %s was done: %w", job, err)
	}
	return got[0].Rev != 0, nil
}

// Once reports whether a job may begin that is due at a nominal time, such as
// "2026-03-29 03:00": to one caller alone, ever, whatever its clock does. The last
// 64 times are remembered. Where it is broken off, that time is passed over.
func (j Jobs) Once(ctx context.Context, job, nominal string) (bool, error) {
	got, err := j.store.kv.Get(ctx, ranKey(job))
	if err != nil {
		return false, fmt.Errorf("read when %s was done: %w", job, err)
	}
	var ran []string
	if got[0].Rev != 0 {
		if err := json.Unmarshal(got[0].Value, &ran); err != nil {
			return false, fmt.Errorf("read %s in %s: %w", got[0].Key, j.store.name, err)
		}
	}
	if slices.Contains(ran, nominal) {
		return false, nil
	}
	ran = append(ran, nominal)
	value, err := json.Marshal(ran[max(0, len(ran)-ranMax):])
	if err != nil {
		return false, err
	}
	err = j.store.kv.Commit(ctx, kv.Batch{
		If: []kv.Match{{Key: got[0].Key, Rev: got[0].Rev}}, Put: []kv.Entry{{Key: got[0].Key, Value: value}},
	})
	switch {
	case errors.Is(err, kv.ErrConflict):
		return false, nil // somebody else begins it
	case err != nil:
		return false, fmt.Errorf("note that %s is begun: %w", job, err)
	}
	return true, nil
}
