package outbox

import (
	"sync"
	"time"
)

// A fairLimiter is a gate at which the queues of many channels meet, one worker
// of each. It lets them through by class, and within a class in the order in
// which they came: without it whoever happened to wake first went first, and
// where twenty announcements fell due in one second, one that was among the
// first to come was the last to go. It is safe for concurrent use.
type fairLimiter struct {
	limiter *Limiter

	mu      sync.Mutex
	waiters map[string]waiter // of those who wait, by channel
}

// A waiter is a place in the line before a turnstile.
type waiter struct {
	class class
	since time.Time
}

func newFairLimiter(g *Limiter) *fairLimiter {
	return &fairLimiter{limiter: g, waiters: map[string]waiter{}}
}

// opens is when a channel may pass with a post of that class, at the earliest,
// if nobody comes who goes before it.
func (t *fairLimiter) opens(channel string, c class, now time.Time) time.Time {
	return t.limiter.openReserving(t.reserve(channel, c, now), now)
}

// pass counts one post of a channel, if it may be made now, and takes the
// channel out of the line.
func (t *fairLimiter) pass(channel string, c class, now time.Time) bool {
	if !t.limiter.takeReserving(t.reserve(channel, c, now), now) {
		return false
	}
	t.leave(channel)
	return true
}

// wait puts a channel in line, unless it stands there already with a post of
// that class.
func (t *fairLimiter) wait(channel string, c class, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiters[channel] = t.waiter(channel, c, now)
}

// leave takes a channel out of the line.
func (t *fairLimiter) leave(channel string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiters, channel)
}

// waiter is where a channel stands, or would if it came now. The caller holds the
// lock.
func (t *fairLimiter) waiter(channel string, c class, now time.Time) waiter {
	if p, ok := t.waiters[channel]; ok && p.class == c {
		return p
	}
	return waiter{c, now}
}

// reserve is how many posts a channel leaves to others: what its class leaves to
// those that may come, and one for each channel that stands before it. It is never
// more than can be there, so that one that stands and does not go holds up nobody
// for good.
func (t *fairLimiter) reserve(channel string, c class, now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, _ := c.reserve()
	mine := t.waiter(channel, c, now)
	for other, p := range t.waiters {
		if other != channel && (p.class < mine.class || p.class == mine.class && p.since.Before(mine.since)) {
			n++
		}
	}
	return min(n, t.limiter.limit.Burst()-1)
}
