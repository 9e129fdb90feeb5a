// Package inflight knows which deployments are under way: who started them, who
// is awaited in them, and who may see them. With it a home tab or a list costs what
// it shows, however many are live: nothing is folded but what has changed.
//
// An [Index] is fed by what commits tell. Deployments that were live before the
// process began are read when somebody first asks for a list, one after the other
// and with pauses, so that no click waits for it; until then they are counted as
// not read. What is kept of one takes less than 1 KiB.
package inflight

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// Records are the deployments. They are safe for concurrent use.
type Records interface {
	// Live returns the ids of the deployments that have not ended.
	Live(ctx context.Context) ([]string, error)
	// Load returns a deployment; an unknown id is deployer.ErrNotFound.
	Load(ctx context.Context, id string) (deployer.Deployment, error)
	// Changes tells the ids of deployments that have changed until ctx ends. "" says
	// that some may have, and it is not known which.
	Changes(ctx context.Context) (<-chan string, error)
}

// An Index is an index of what is under way. Make it with New; Run keeps it up to
// date. Its methods are safe for concurrent use.
type Index struct {
	records Records
	log     *slog.Logger
	changed chan struct{} // holds one
	work    chan struct{} // holds one: the reader has something to do

	mu       sync.Mutex
	needed   bool            // somebody has asked for a list: all are read
	changes  map[string]bool // to be read at once
	backlog  map[string]bool // to be read in time
	settled  chan struct{}   // closed while nothing is to be read
	entries  map[string]*entry
	unread   int               // entries that were never read
	broken   map[string]bool   // ids that can't be read
	bySite   map[string]sorted // by number
	newest   sorted            // those that were read
	byPerson map[string]sorted // who started them; the newest first
	groups   map[string]*group
	asks     map[asked][]*ask // who is awaited for the longest time first
	ended    []deployer.Deployment
}

// New makes an empty Index.
func New(records Records, log *slog.Logger) *Index {
	x := &Index{
		records: records, log: log, changed: make(chan struct{}, 1), work: make(chan struct{}, 1), settled: make(chan struct{}),
		changes: map[string]bool{}, backlog: map[string]bool{}, entries: map[string]*entry{}, broken: map[string]bool{},
		bySite: map[string]sorted{}, byPerson: map[string]sorted{}, groups: map[string]*group{}, asks: map[asked][]*ask{},
	}
	close(x.settled)
	return x
}

// Changed tells that a list may look different now. Several changes may be told
// as one.
func (x *Index) Changed() <-chan struct{} { return x.changed }

// Put takes over a deployment that was just committed, so that whoever has given
// an order sees what came of it. An older state than the known one changes nothing.
func (x *Index) Put(d deployer.Deployment) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.entries[d.ID] == nil {
		x.changes[d.ID] = true // it may have ended meanwhile, which is forgotten
		x.wake()
	}
	x.put(d)
	x.tell()
}

// Settle waits until all that is known to have changed was read, and all that was
// live at the start, but no longer than so long.
func (x *Index) Settle(ctx context.Context, within time.Duration) {
	x.mu.Lock()
	x.need()
	settled := x.settled
	x.mu.Unlock()
	t := time.NewTimer(within)
	defer t.Stop()
	select {
	case <-settled:
	case <-t.C:
	case <-ctx.Done():
	}
}

// Run keeps the index up to date until ctx ends, which is no error.
func (x *Index) Run(ctx context.Context) error {
	changes, err := x.records.Changes(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("watch deployments: %w", err)
	}
	again := x.list(ctx)
	var reader sync.WaitGroup
	defer reader.Wait()
	reader.Go(func() { x.read(ctx) })
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again:
			again = x.list(ctx)
		case id, ok := <-changes:
			switch {
			case !ok:
				changes = nil
			case id == "":
				again = x.list(ctx)
			default:
				x.note(id)
			}
		}
	}
}

// note notes that a deployment has changed.
func (x *Index) note(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.changes[id] = true
	x.wake()
}

// list notes all that is live, and that what was live may have changed. It returns
// when to try that again, if it can't be done now.
func (x *Index) list(ctx context.Context) (again <-chan time.Time) {
	ids, err := x.records.Live(ctx)
	if err != nil {
		if ctx.Err() == nil {
			x.log.Error("what is under way can't be listed; it is tried again", "err", err)
		}
		return time.After(againAfter)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for id := range x.entries {
		x.backlog[id] = true
	}
	for _, id := range ids {
		if x.entries[id] == nil {
			x.enter(id)
		}
		x.backlog[id] = true
	}
	x.wake()
	x.tell()
	return nil
}

// need has all read from now on. The caller holds the lock, as of all that follows.
func (x *Index) need() {
	if !x.needed {
		x.needed = true
		x.wake()
	}
}

// wake has the reader look what there is to do.
func (x *Index) wake() {
	x.settle()
	select {
	case x.work <- struct{}{}:
	default:
	}
}

// settle opens or closes settled.
func (x *Index) settle() {
	busy := len(x.changes) > 0 || x.needed && len(x.backlog) > 0
	select {
	case <-x.settled:
		if busy {
			x.settled = make(chan struct{})
		}
	default:
		if !busy {
			close(x.settled)
		}
	}
}

// tell tells that a list may look different.
func (x *Index) tell() {
	select {
	case x.changed <- struct{}{}:
	default:
	}
}
