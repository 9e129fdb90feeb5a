// Package background runs what outlives the call that began it.
package background

import (
	"context"
	"sync"
	"time"
)

// Group is a WaitGroup that takes nobody on after it was told to stop.
type Group struct {
	ctx    context.Context // ends when the workspace closes
	cancel context.CancelFunc

	mu      sync.Mutex
	stopped bool
	wg      sync.WaitGroup
}

func New() *Group {
	ctx, cancel := context.WithCancel(context.Background())
	return &Group{ctx: ctx, cancel: cancel}
}

// Context ends when the group is stopped.
func (c *Group) Context() context.Context { return c.ctx }

// Stop ends the context of those at work.
func (c *Group) Stop() { c.cancel() }

// Go runs f, unless the crew was stopped: then it does nothing and says false.
func (c *Group) Go(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return false
	}
	c.wg.Go(f)
	return true
}

// Wait takes nobody on any more and waits for those at work.
func (c *Group) Wait() {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.wg.Wait()
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
