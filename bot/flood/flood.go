// Package flood bounds how much one person can have said in the channels. A
// [Limiter] is asked before an order that posts; it keeps nothing for good, and
// others are not held up by whoever is.
package flood

import (
	"sync"
	"time"
)

// What one person may do at once, and how long each takes to come back: more than
// anybody's work needs, and a sixth of what Slack lets into a channel.
const (
	Burst = 20
	Every = 6 * time.Second
)

// A Limiter lets each person give a burst of orders, and then one now and then. It
// is safe for concurrent use.
type Limiter struct {
	burst int
	every time.Duration

	mu   sync.Mutex
	full map[string]time.Time // by person: when they have the whole burst again
}

// New makes a Limiter that lets everybody give so many orders at once, of which one
// comes back each time that every has passed.
func New(burst int, every time.Duration) *Limiter {
	return &Limiter{burst: burst, every: every, full: map[string]time.Time{}}
}

// Take counts an order of a person at a time, if they may give it, and returns 0;
// else it is how long they have to wait, and nothing is counted.
func (l *Limiter) Take(person string, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for who, at := range l.full {
		if !at.After(now) {
			delete(l.full, who)
		}
	}
	full := now
	if at, ok := l.full[person]; ok {
		full = at
	}
	full = full.Add(l.every)
	if wait := full.Sub(now) - time.Duration(l.burst)*l.every; wait > 0 {
		return wait
	}
	l.full[person] = full
	return 0
}

// Return gives back what an order has counted that came to nothing.
func (l *Limiter) Return(person string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.full[person]; ok {
		l.full[person] = at.Add(-l.every)
	}
}
