package bot

import (
	"sync"
	"time"
)

// A turnstile is a gate at which the queues of many channels meet, one worker
// of each. It lets them through by class, and within a class in the order in
// which they came: without it whoever happened to wake first went first, and
// where twenty announcements fell due in one second, one that was among the
// first to come was the last to go. It is safe for concurrent use.
type turnstile struct {
	gate *gate

	mu    sync.Mutex
	spots map[string]spot // of those who wait, by channel
}

// A spot is a place in the line before a turnstile.
type spot struct {
	class class
	since time.Time
}

func newTurnstile(g *gate) *turnstile { return &turnstile{gate: g, spots: map[string]spot{}} }

// opens is when a channel may pass with a post of that class, at the earliest,
// if nobody comes who goes before it.
func (t *turnstile) opens(channel string, c class, now time.Time) time.Time {
	return t.gate.openLeaving(t.leaving(channel, c, now), now)
}

// pass counts one post of a channel, if it may be made now, and takes the
// channel out of the line.
func (t *turnstile) pass(channel string, c class, now time.Time) bool {
	if !t.gate.takeLeaving(t.leaving(channel, c, now), now) {
		return false
	}
	t.leave(channel)
	return true
}

// wait puts a channel in line, unless it stands there already with a post of
// that class.
func (t *turnstile) wait(channel string, c class, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spots[channel] = t.spot(channel, c, now)
}

// leave takes a channel out of the line.
func (t *turnstile) leave(channel string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.spots, channel)
}

// spot is where a channel stands, or would if it came now. The caller holds the
// lock.
func (t *turnstile) spot(channel string, c class, now time.Time) spot {
	if p, ok := t.spots[channel]; ok && p.class == c {
		return p
	}
	return spot{c, now}
}

// leaving is how many posts a channel leaves to others: what its class leaves to
// those that may come, and one for each channel that stands before it. It is never
// more than can be there, so that one that stands and does not go holds up nobody
// for good.
func (t *turnstile) leaving(channel string, c class, now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, _ := c.leaving()
	mine := t.spot(channel, c, now)
	for other, p := range t.spots {
		if other != channel && (p.class < mine.class || p.class == mine.class && p.since.Before(mine.since)) {
			n++
		}
	}
	return min(n, t.gate.limit.Burst()-1)
}
