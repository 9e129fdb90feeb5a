package deployertest

import (
	"context"
	"sync"
)

// subscribers are told what has changed, each in a channel of its own. Whoever
// falls behind is told the zero value in place of what is missed, and has to look
// at everything. The zero subscribers are nobody.
type subscribers[T comparable] struct {
	mu  sync.Mutex
	all map[chan T]bool // whether the last that was told is the zero value
}

const subscriberBuffer = 1024

// add makes somebody a subscriber until ctx ends; then the channel is closed.
func (s *subscribers[T]) add(ctx context.Context) <-chan T {
	told := make(chan T, subscriberBuffer+1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[chan T]bool{}
	}
	s.all[told] = false
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, told)
		close(told)
	})
	return told
}

// tell tells all of them. It never waits.
func (s *subscribers[T]) tell(what T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gap T
	for told, gapped := range s.all {
		if gapped && len(told) > 0 {
			continue // that stands for this too
		}
		next := what
		if len(told) == subscriberBuffer {
			next = gap
		}
		s.all[told] = next == gap
		told <- next
	}
}
