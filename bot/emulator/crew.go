package emulator

import (
	"context"
	"sync"
)

// crew is a WaitGroup that takes nobody on after it was told to stop.
type crew struct {
	ctx    context.Context // ends when the workspace closes
	cancel context.CancelFunc

	mu      sync.Mutex
	stopped bool
	wg      sync.WaitGroup
}

func newCrew() *crew {
	ctx, cancel := context.WithCancel(context.Background())
	return &crew{ctx: ctx, cancel: cancel}
}

// Go runs f, unless the crew was stopped: then it does nothing and says false.
func (c *crew) Go(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return false
	}
	c.wg.Go(f)
	return true
}

// wait takes nobody on any more and waits for those at work.
func (c *crew) wait() {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.wg.Wait()
}
