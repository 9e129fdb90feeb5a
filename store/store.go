// Package store keeps deployments. It implements deployer.Journal and the
// mailbox of what must be sent, once, over the key-value port of package kv.
//
// # Keys
//
// Names in a key are escaped, so that a slash divides.
//
//	meta/schema            version of this table
//	meta/store             the store's own id, drawn when it was made
//	meta/number/PREFIX     the highest number that was archived
//	meta/ran/JOB           the last nominal times at which a job was begun
//	log/N                  one commit of one deployment, or of an environment's
//	                       locks, or what an archive took out; N is its number
//	                       among all
//	log/end                how many there are, and the chain's value there
//	d/PREFIX/N             head: summary, number of events, hash of the last commit,
//	                       and where its commits are in the log; the id is
//	                       PREFIX-N, and the highest N comes first
//	live/ID                something may still happen to it; when to look at it
//	blob/SHA               procedures, logs: written before what refers to them
//	place/PLACE            the deployment that holds it
//	origin/ORIGIN          the deployment that it started, for good
//	lock/R/E               what is locked in an environment, as its last record says
//	pin/NAME               the id that a name of the configuration stands for
//	out/CHANNEL/ID/SEQ-N-… a message that waits; the card is one key, .../card
//	ix/all/T               every deployment, the newest first
//	ix/env/R/E/T           those of a retailer's environment
//	ix/service/S/R/E/T     those of a service in it
//	meta/carry             there may be some that no migration has looked at
//	aside/ID, move/ID      what a migration could not read, and how far it is
//	gone/ID                an archived deployment whose records still go
//
// # What a commit rests on
//
// The head's revision stands for all that happened to a deployment: a commit
// happens only if nobody has changed it since it was read, and it was at the
// event that the commit was decided on. Places and origins are claimed by
// being absent. So an index, written in the same commit, is never wrong, and a
// listing reads what it returns and nothing else.
//
// Its number in the log, and what links it there, a commit gets when its turn has
// come (kv.Next): commits of different deployments do not wait for each other.
//
// # What the chains prove
//
// Each record carries the SHA-256 of the one before it of the same deployment,
// and the head that of the last; the log says what the summary in the head is. So
// every load proves that of this deployment nothing was changed, dropped or cut
// off; Verify and Trail do without folding it.
//
// Each record is linked to all before it, whatever they are of. With
// H for SHA-256 and N for eight bytes, big endian, the chain's value is
//
//	c(0) = H("stationmaster " ID)
//	c(N) = H(c(N-1) N H(H(record) H(summary)))
//
// where H(summary) is 32 zeros as long as the summary stays as it was; and of records
// that are never archived N has its highest bit set, if it is about locks, or the two
// highest, if it is about an archive. VerifyAll proves it all, that what finds a
// deployment, such as an index, is there, that what is locked is what the last record
// says, and that of each record that was taken out one record of an archive says so:
// Archives lists them. Who can write the file can chain anew
// what they wrote: Head is a point of the chain to be kept elsewhere, and Holds
// finds whether it is still one.
//
// What can't be read harms no other deployment: Load of it says which record it
// is, and Live, Wakeups and List name it.
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// A Store keeps deployments and what must be sent. Its methods are safe for
// concurrent use.
type Store struct {
	kv   kv.KV
	name string // where it is, for people
	id   string

	known      recall
	procedures record.Procedures
	decoded    cache[deployer.OutboxMessage]
	mu         sync.Mutex
	numbers    map[string]*counter // by prefix
}

var _ deployer.Journal = (*Store)(nil)

// Open opens the store at a URL, and creates it if there is none:
//
//	bolt://stationmaster.db        a file, relative to the working directory
//	bolt:///var/lib/stationmaster.db
//
// A store of schema 1 is brought up to date, which can be broken off at any
// instant, and goes on when it is opened again; an earlier stationmaster can't
// open it from then on. What can't be brought up to date is kv.ErrForeign.
//
// A file that another process has open is kv.ErrLocked; one that is no store,
// is damaged, or was written by a newer version is kv.ErrForeign.
func Open(ctx context.Context, url string) (*Store, error) {
	path, err := Path(url)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
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

// OpenExisting is Open for a store that is there: it makes none.
func OpenExisting(ctx context.Context, url string) (*Store, error) {
	path, err := Path(url)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return Open(ctx, url)
}

// Path is the file in the URL of a store.
func Path(url string) (string, error) {
	if err := Check(url); err != nil {
		return "", err
	}
	_, path, _ := strings.Cut(url, "://")
	return path, nil
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
