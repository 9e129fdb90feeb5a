package record

import (
	"fmt"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
)

// Aside is where what is kept aside is found again.
type Aside struct {
	Fetch      func(hash string) ([]byte, error) // returns what is kept under a hash
	Procedures *Procedures                       // may be nil: each is decoded anew
}

// get fetches and proves that it is what was stored.
func (a Aside) get(hash string) ([]byte, error) {
	data, err := a.Fetch(hash)
	if err != nil {
		return nil, fmt.Errorf("fetch blob %s: %w", hash, err)
	}
	if Hash(data) != hash {
		return nil, fmt.Errorf("fetch blob %s: it is damaged", hash)
	}
	return data, nil
}

// text is the opposite of Blobs.text.
func (a Aside) text(text, hash string) (string, error) {
	if hash == "" {
		return text, nil
	}
	data, err := a.get(hash)
	return string(data), err
}

// procedure returns the procedure under a hash. It is proven each time, and
// decoded once.
func (a Aside) procedure(hash string) (deployer.Procedure, error) {
	data, err := a.get(hash)
	if err != nil {
		return deployer.Procedure{}, err
	}
	if p, ok := a.Procedures.get(hash); ok {
		return p, nil
	}
	p, err := decodeProcedure(data)
	if err == nil {
		a.Procedures.put(hash, p)
	}
	return p, err
}

// proceduresMax is how many decoded procedures are remembered: more than are in
// use at a time.
const proceduresMax = 256

// Procedures remembers decoded procedures by their hashes, so that deployments
// that follow the same one share it, which nobody may change. Its zero value has
// none, and its methods are safe for concurrent use.
type Procedures struct {
	mu  sync.Mutex
	all map[string]deployer.Procedure
}

func (c *Procedures) get(hash string) (deployer.Procedure, bool) {
	if c == nil {
		return deployer.Procedure{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.all[hash]
	return p, ok
}

// put remembers a procedure, and forgets any other where there would be too many.
func (c *Procedures) put(hash string, p deployer.Procedure) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]deployer.Procedure{}
	}
	for other := range c.all {
		if len(c.all) < proceduresMax {
			break
		}
		delete(c.all, other)
	}
	c.all[hash] = p
}
