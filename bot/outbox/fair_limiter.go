package outbox

import (
	"sync"
	"time"
)

// A fairLimiter is a limiter that the workers of all channels share. It lets
// them through by class, and within a class in the order in which they came:
// without it whoever happened to wake first went first, and where twenty
// announcements fell due in one second, one that was among the first to come was
// the last to go. It is safe for concurrent use.
type fairLimiter struct {
	limiter *Limiter

	mu      sync.Mutex
	waiters map[string]waiter // by channel
}

// A waiter is a channel that waits for the limiter.
type waiter struct {
	class class     // of the post that it wants to make
	since time.Time // when it came
}

func newFairLimiter(l *Limiter) *fairLimiter {
	return &fairLimiter{limiter: l, waiters: map[string]waiter{}}
}

// opensAt is when a channel may make a post of that class, at the earliest, if
// nobody comes who goes before it.
func (f *fairLimiter) opensAt(channel string, c class, now time.Time) time.Time {
	return f.limiter.opensAtReserving(f.reserve(channel, c, now), now)
}

// take counts one post of a channel, if it may be made now; then the channel
// waits no longer.
func (f *fairLimiter) take(channel string, c class, now time.Time) bool {
	if !f.limiter.takeReserving(f.reserve(channel, c, now), now) {
		return false
	}
	f.leave(channel)
	return true
}

// wait notes that a channel waits, unless it does already with a post of that
// class.
func (f *fairLimiter) wait(channel string, c class, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiters[channel] = f.waiter(channel, c, now)
}

// leave notes that a channel waits no longer.
func (f *fairLimiter) leave(channel string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.waiters, channel)
}

// waiter is what a channel is as a waiter, or would be if it came now. The
// caller holds the lock.
func (f *fairLimiter) waiter(channel string, c class, now time.Time) waiter {
	if w, ok := f.waiters[channel]; ok && w.class == c {
		return w
	}
	return waiter{c, now}
}

// reserve is how many posts a channel leaves to others: what its class leaves to
// those that may come, and one for each channel that goes before it. It is never
// more than can be there, so that one that waits and never posts holds up nobody
// for good.
func (f *fairLimiter) reserve(channel string, c class, now time.Time) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	reserve, _ := c.reserve()
	mine := f.waiter(channel, c, now)
	for other, w := range f.waiters {
		if other != channel && w.before(mine) {
			reserve++
		}
	}
	return min(reserve, f.limiter.bucket.Burst()-1)
}

// before reports whether a waiter goes before another.
func (w waiter) before(o waiter) bool {
	return w.class < o.class || w.class == o.class && w.since.Before(o.since)
}
