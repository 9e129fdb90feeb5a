package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
)

// A deployment that waits for its places stays in memory: its resolving begins when it is
// its turn. It looks whether it is whenever something has changed for one of those that
// it lets go first, and at the start of the process. Of the places and of the order of
// arrival the journal alone knows: so it is the same after a crash.

// queueKey is what is shown of whoever is in front, among what is shown of effects.
const queueKey = ""

// turn waits until it is a deployment's turn, and shows who is in front meanwhile.
func (t *instance) turn(ctx context.Context, d deployer.Deployment) error {
	changed, forget := t.e.line.join(d.Places())
	defer forget()
	defer t.hide(queueKey)
	for failures := 0; ; {
		facts, err := places(ctx, t.e, d.Places())
		ahead := deployer.AheadOf(d, facts)
		switch {
		case err != nil:
			if err := t.e.pause(ctx, failures); err != nil {
				return err
			}
			failures++
			continue
		case len(ahead) == 0:
			return nil
		}
		failures = 0
		t.show(queueKey, deployer.Progress{InFront: deployer.InFrontOf(ahead)})
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// A line are those that wait for places. The zero value is ready for use.
type line struct {
	mu    sync.Mutex
	waits map[chan struct{}][]string // for which places
	ids   map[string]bool            // all that wait, and some that did; nil: the journal was not asked yet
}

// add notes that a deployment waits.
func (l *line) add(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids != nil { // else the journal will tell
		l.ids[id] = true
	}
}

// all are the ids of those that wait, and perhaps of some that did.
func (l *line) all(ctx context.Context, j deployer.Journal) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids == nil {
		wakeups, err := j.Wakeups(ctx)
		if err != nil {
			return nil, fmt.Errorf("list live deployments: %w", err)
		}
		l.ids = map[string]bool{}
		for id, w := range wakeups {
			if w.Queued {
				l.ids[id] = true
			}
		}
	}
	return slices.Collect(maps.Keys(l.ids)), nil
}

// remove forgets a deployment that waits no more.
func (l *line) remove(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ids, id)
}

// join returns what gets a token when something has changed at one of the places,
// perhaps once too often. The caller looks after it has begun to wait, so that it misses
// nothing, and forgets it at the end.
func (l *line) join(places []string) (changed <-chan struct{}, forget func()) {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waits == nil {
		l.waits = map[chan struct{}][]string{}
	}
	l.waits[c] = places
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.waits, c)
	}
}

// moved has those look again that wait for one of the places; nil: all.
func (l *line) moved(places []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c, of := range l.waits {
		if places != nil && !slices.ContainsFunc(of, func(p string) bool { return slices.Contains(places, p) }) {
			continue
		}
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// places looks up who holds places, and who waits for one of them.
func places(ctx context.Context, e *Engine, places []string) (deployer.Facts, error) {
	facts := deployer.Facts{Holders: map[string]deployer.Deployment{}, Store: e.Store}
	// Who waits is looked up first: who has taken a place since then is among the holders.
	var err error
	if facts.Queue, err = e.Queue(ctx); err != nil {
		return facts, err
	}
	facts.Queue = deployer.QueueOf(places, facts.Queue)
	holders, err := e.Journal.Holders(ctx, places)
	if err != nil {
		return facts, fmt.Errorf("look up who holds %v: %w", places, err)
	}
	for place, id := range holders {
		facts.Holders[place], err = e.read(ctx, id)
		if errors.Is(err, deployer.ErrNotFound) {
			e.isolate(missing(id))
			err = e.inQuarantine(id)
		}
		if err != nil {
			return facts, fmt.Errorf("load %s, which holds %s: %w", id, place, err)
		}
	}
	return facts, nil
}

// Queue are the deployments that wait for their places. Those that can't be read, or
// carried on, hold up nobody.
func (e *Engine) Queue(ctx context.Context) ([]deployer.Deployment, error) {
	ids, err := e.line.all(ctx, e.Journal)
	if err != nil {
		return nil, err
	}
	var out []deployer.Deployment
	for _, id := range ids {
		if e.inQuarantine(id) != nil {
			continue
		}
		d, err := e.read(ctx, id)
		_, ill := errors.AsType[*quarantine](err)
		switch {
		case ill, errors.Is(err, deployer.ErrNotFound):
		case err != nil:
			return nil, err
		case deployer.Queueing(d):
			out = append(out, d)
		default:
			e.line.remove(id)
		}
	}
	return out, nil
}
