package store

import (
	"bytes"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
)

// recallMax is how many deployments a Store remembers. One takes some 20 KB.
const recallMax = 512

// recall remembers deployments, each by the head that was stored with it. A
// head names its last commit by hash, so what is remembered counts exactly
// while the head on disk is the same, and needs no forgetting after an unknown
// ending.
type recall struct{ cache cache[memory] }

type memory struct {
	head  []byte
	chain chain
	d     deployer.Deployment
}

// A chain is where a history ends.
type chain struct {
	seq     int
	hash    string
	summary record.Sum     // of the summary in the head
	log     record.Numbers // of its records
	last    int64          // the number of the last record
}

// get returns what belongs to a head.
func (r *recall) get(id string, head []byte) (memory, bool) {
	return r.cache.get(id, func(m memory) bool { return bytes.Equal(m.head, head) })
}

func (r *recall) put(id string, m memory) { r.cache.put(id, m, recallMax) }

// end returns where the history of a head ends.
func (r *recall) end(id string, head []byte) (chain, error) {
	if m, ok := r.get(id, head); ok {
		return m.chain, nil
	}
	h, err := record.DecodeHead(head)
	if err != nil {
		return chain{}, err
	}
	numbers, err := h.Log.All()
	if err != nil {
		return chain{}, err
	}
	if len(numbers) == 0 {
		return chain{}, errNotCarried
	}
	sum, err := record.SummarySum(head)
	return chain{seq: h.Seq, hash: h.Hash, summary: sum, log: h.Log, last: numbers[len(numbers)-1]}, err
}

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
