package emulator

import "sync"

// crew is a WaitGroup that takes nobody on after it was told to stop.
type crew struct {
	mu      sync.Mutex
	stopped bool
	wg      sync.WaitGroup
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

// stop takes nobody on any more and waits for those at work.
func (c *crew) stop() {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.wg.Wait()
}
