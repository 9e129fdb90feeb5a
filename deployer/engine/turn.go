package engine

import (
	"context"
	"sync"
)

// Turns let one start at a time look at what several may want: an origin, a
// place. So of those that come at the same moment all but one are decided when
// that one is there, and are refused without an id, which would be a gap. The
// zero value is ready for use.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when it is somebody else's turn
}

// take waits until none of the keys is taken, takes all, and returns what gives
// them back.
func (s *turns) take(ctx context.Context, keys ...string) (give func(), err error) {
	for {
		other, give := s.try(keys)
		if other == nil {
			return give, nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// try takes all keys, or returns what to wait for.
func (s *turns) try(keys []string) (other chan struct{}, give func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		if other := s.taken[key]; other != nil {
			return other, nil
		}
	}
	if s.taken == nil {
		s.taken = map[string]chan struct{}{}
	}
	mine := make(chan struct{})
	for _, key := range keys {
		s.taken[key] = mine
	}
	return nil, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, key := range keys {
			delete(s.taken, key)
		}
		close(mine)
	}
}
