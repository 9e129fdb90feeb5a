// Package background runs what outlives the call that began it.
package background

import (
	"context"
	"sync"
	"time"
)

// Group is a WaitGroup that takes nobody on once it is waited for, and tells those at work when to end.
type Group struct {
	ctx    context.Context // ends when the workspace closes
	cancel context.CancelFunc

	mu      sync.Mutex
	stopped bool
	wg      sync.WaitGroup
}

// New makes a group that runs until Stop and Wait.
func New() *Group {
	ctx, cancel := context.WithCancel(context.Background())
	return &Group{ctx: ctx, cancel: cancel}
}

// Context ends when the group is stopped.
func (g *Group) Context() context.Context { return g.ctx }

// Stop ends the context of those at work.
func (g *Group) Stop() { g.cancel() }

// Go runs f, unless the group was told to wait for its end: then it does nothing and says false.
func (g *Group) Go(f func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped {
		return false
	}
	g.wg.Go(f)
	return true
}

// Wait takes nobody on any more and waits for those at work.
func (g *Group) Wait() {
	g.mu.Lock()
	g.stopped = true
	g.mu.Unlock()
	g.wg.Wait()
}

// Pause waits for d, or until ctx ends.
func Pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
