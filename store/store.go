// Package store keeps deployments. It implements deployer.Journal and the
// mailbox of what must be sent, once, over the key-value port of package kv.
//
// # Keys
//
// Names in a key are escaped, so that a slash divides.
//
//	meta/schema            version of this table
//	d/PREFIX/N             head: summary, number of events, hash of the last commit;
//	                       the id is PREFIX-N, and the highest N comes first
//	d/PREFIX/N/e/SEQ       one commit; SEQ is the number of its first event
//	blob/SHA               procedures, logs: written before what refers to them
//	place/PLACE            the deployment that holds it, as long as it has not ended
//	origin/ORIGIN          the deployment that it started, for good
//	out/CHANNEL/ID/SEQ-N-… a message that waits; the card is one key, .../card
//	ix/all/T               every deployment, the newest first
//	ix/env/R/E/T           those of a retailer's environment
//	ix/service/S/R/E/T     those of a service in it
//
// # What a commit rests on
//
// The head's revision stands for all that happened to a deployment: a commit
// happens only if nobody has changed it since it was read, and it was at the
// event that the commit was decided on. Places and origins are claimed by
// being absent. So an index, written in the same commit, is never wrong, and a
// listing reads what it returns and nothing else.
//
// Each commit carries the SHA-256 of the one before, and the head that of the
// last: every load proves that nothing was changed, dropped or cut off.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

// A Store keeps deployments and what must be sent. Its methods are safe for
// concurrent use.
type Store struct {
	kv   kv.KV
	name string // where it is, for people

	known   recall
	decoded cache[deployer.OutboxMessage]
	mu      sync.Mutex
	numbers map[string]*counter // by prefix
}

var _ deployer.Journal = (*Store)(nil)

// Open opens the store at a URL, and creates it if there is none:
//
//	bolt://stationmaster.db        a file, relative to the working directory
//	bolt:///var/lib/stationmaster.db
//
// A file that another process has open is kv.ErrLocked; one that is no store,
// is damaged, or was written by a newer version is kv.ErrForeign.
func Open(ctx context.Context, url string) (*Store, error) {
	if err := Check(url); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	_, path, _ := strings.Cut(url, "://")
	db, err := bolt.Open(path)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, db, path)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// Check says what is wrong with the URL of a store, without opening it.
func Check(url string) error {
	scheme, path, ok := strings.Cut(url, "://")
	switch {
	case !ok:
		return errors.New("it has no scheme; write for example bolt://stationmaster.db")
	case scheme != "bolt":
		return fmt.Errorf("the scheme %q is unknown; write bolt://FILE", scheme)
	case path == "":
		return errors.New("bolt:// names no file; write for example bolt://stationmaster.db")
	}
	return nil
}

// open makes a store of a key-value store, whose name is for people.
func open(ctx context.Context, db kv.KV, name string) (*Store, error) {
	s := &Store{kv: db, name: name, numbers: map[string]*counter{}}
	if err := s.adopt(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return s, nil
}

// Close waits for the commit under way and releases the store. Later calls
// fail.
func (s *Store) Close() error { return s.kv.Close() }

// journalError is how a commit ended, in the errors of a deployer.Journal.
func journalError(err error) error {
	switch {
	case errors.Is(err, kv.ErrConflict):
		return fmt.Errorf("%w: %w", deployer.ErrConflict, err)
	case errors.Is(err, kv.ErrUnknown):
		return fmt.Errorf("%w: %w", deployer.ErrUnknown, err)
	}
	return err
}
