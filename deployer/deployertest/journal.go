// Package deployertest is for tests: a [Journal] with its mailbox, its locks
// and its records in memory, an [Engine] that carries out orders on it and a
// [Process] that dies. [RunJournal] holds any journal to what all promise, that
// of package store included.
package deployertest

import (
	"context"
	"crypto/rand"
	"maps"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Journal keeps deployments, locks and the messages to be sent in memory. It
// commits as strictly as package store does, and a test may choose how a commit
// ends. Its methods are safe for concurrent use. They wait for nothing but each
// other, so they can be called in a bubble of synctest.
type Journal struct {
	id         string
	committing sync.Mutex // held over a commit and its hook

	mu         sync.Mutex
	now        func() time.Time
	hook       CommitHook
	unreadable error
	commits    int
	rev        int64 // of the last commit that landed
	histories  map[string]*history
	numbers    map[string]int    // the last one given, by prefix
	origins    map[string]string // ids
	places     map[string]string // ids
	locks      map[environment]deployer.Locks
	messages   map[string]deployer.OutboxMessage
	arrivals   subscribers[deployer.Box]
	changes    subscribers[string]
}

// A history is one deployment.
type history struct {
	d       deployer.Deployment
	live    bool // as its last commit said
	wakeup  deployer.Wakeup
	records []deployer.Record
}

type environment struct{ retailer, name string }

// A CommitHook is asked about each commit, counted from 1, before it happens:
// whether it lands, and what its caller is told. It may read the journal, but
// neither commit nor wait. Of a change of locks it sees the locks and the
// message.
type CommitHook func(n int, c deployer.Commit) (lands bool, err error)

// NewJournal makes an empty Journal.
func NewJournal() *Journal {
	return &Journal{
		id: rand.Text(), now: time.Now, histories: map[string]*history{}, numbers: map[string]int{}, origins: map[string]string{},
		places: map[string]string{}, locks: map[environment]deployer.Locks{}, messages: map[string]deployer.OutboxMessage{},
	}
}

// SetClock has commits happen at the time that now tells.
func (j *Journal) SetClock(now func() time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.now = now
}

// Now is the time of the journal's clock.
func (j *Journal) Now() time.Time {
	j.mu.Lock()
	now := j.now
	j.mu.Unlock()
	return now()
}

// OnCommit has a hook decide how commits end. Without one, or with nil, all
// land.
func (j *Journal) OnCommit(hook CommitHook) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.hook = hook
}

// Break has everything that reads fail with err, until it is nil.
func (j *Journal) Break(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.unreadable = err
}

// Commits is how many there were, those that did not land included.
func (j *Journal) Commits() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.commits
}

// Places returns who holds which place.
func (j *Journal) Places() map[string]string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.places)
}

// read takes the lock for reading, and says why nothing can be read. The caller
// unlocks in any case.
func (j *Journal) read(ctx context.Context) error {
	j.mu.Lock()
	if j.unreadable != nil {
		return j.unreadable
	}
	return ctx.Err()
}
