package store

import (
	"context"
	"fmt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// pinPrefix begins one key for each name whose id is remembered. They are of no
// deployment, so that no chain covers them.
const pinPrefix = "pin/"

func pinKey(kind, name string) string { return pinPrefix + escape(kind) + "/" + escape(name) }

// Pinned returns the id that a name of a kind is remembered by, or "".
func (s *Store) Pinned(ctx context.Context, kind, name string) (string, error) {
	got, err := s.kv.Get(ctx, pinKey(kind, name))
	if err != nil {
		return "", fmt.Errorf("read which %s is %s: %w", kind, name, err)
	}
	return string(got[0].Value), nil
}

// Pin remembers an id for a name of a kind, in the place of any other.
func (s *Store) Pin(ctx context.Context, kind, name, id string) error {
	err := s.kv.Commit(ctx, kv.Batch{Put: []kv.Entry{{Key: pinKey(kind, name), Value: []byte(id)}}})
	if err != nil {
		return fmt.Errorf("remember which %s is %s: %w", kind, name, journalError(err))
	}
	return nil
}
