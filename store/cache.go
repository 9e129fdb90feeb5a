package store

import "sync"

// A cache remembers values by key. What it remembers is never
// changed, so many may have the same one, and it need not forget: whoever asks
// says whether what is there is still right.
type cache[V any] struct {
	mu  sync.Mutex
	all map[string]V
}

// get returns what is remembered under a key, if it is right.
func (c *cache[V]) get(key string, right func(V) bool) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.all[key]
	return v, ok && right(v)
}

// put remembers a value, and forgets any other where there would be more than max.
func (c *cache[V]) put(key string, v V, max int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]V{}
	}
	if _, ok := c.all[key]; !ok && len(c.all) >= max {
		for other := range c.all {
			delete(c.all, other)
			break
		}
	}
	c.all[key] = v
}
