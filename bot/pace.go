package bot

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A pace says how fast the outbox may go, and how long it waits. A zero field
// means its default.
type pace struct {
	Timeout time.Duration // of one call; 10 s
	Settle  time.Duration // how long a call without an answer may still take effect; 10 s
	Post    time.Duration // between posts in one channel; 1 s
	Card    time.Duration // between edits of one card; 1.2 s
	Edit    time.Duration // between edits of all cards together; 1.2 s
	Retry   time.Duration // after the first failure, doubled with every other one; 250 ms
	Slow    time.Duration // the longest wait of all, and that for a refused token; 30 s
	Grace   time.Duration // for a call under way when the outbox has to stop; 2 s
}

func (p pace) withDefaults() pace {
	or := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	or(&p.Timeout, 10*time.Second)
	or(&p.Settle, 10*time.Second)
	or(&p.Post, time.Second)
	or(&p.Card, 1200*time.Millisecond)
	or(&p.Edit, 1200*time.Millisecond)
	or(&p.Retry, 250*time.Millisecond)
	or(&p.Slow, 30*time.Second)
	or(&p.Grace, 2*time.Second)
	return p
}

// backoff is how long to wait after so many failures in a row.
func (p pace) backoff(failures int) time.Duration {
	return min(p.Retry<<min(max(failures-1, 0), 16), p.Slow)
}

// A gate lets calls of one Slack method through at its rate, and closes for a
// while when Slack says so or cannot be reached. It is safe for concurrent use.
type gate struct {
	pace pace

	mu       sync.Mutex
	limit    *rate.Limiter
	until    time.Time
	failures int
}

func newGate(p pace, every time.Duration, burst int) *gate {
	return &gate{pace: p, limit: rate.NewLimiter(rate.Every(every), burst)}
}

// open returns when the next call may be made, at the earliest.
func (g *gate) open(now time.Time) time.Time { return g.openLeaving(0, now) }

// openLeaving is open for calls that leave so many to others, who can then
// make them at once.
func (g *gate) openLeaving(n int, now time.Time) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := now
	if missing := float64(1+n) - g.limit.TokensAt(now); missing > 0 {
		at = now.Add(time.Duration(missing / float64(g.limit.Limit()) * float64(time.Second)))
	}
	if g.until.After(at) {
		at = g.until
	}
	return at
}

// take counts one call, if it may be made now.
func (g *gate) take(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.until.After(now) && g.limit.AllowN(now, 1)
}

// close lets nothing through for a while.
func (g *gate) close(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.until) {
		g.until = until
	}
}

// failed closes the gate for longer each time in a row.
func (g *gate) failed() {
	g.mu.Lock()
	g.failures++
	d := g.pace.backoff(g.failures)
	g.mu.Unlock()
	g.close(d)
}

// went notes that Slack has answered.
func (g *gate) went() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failures = 0
}

// latest returns the last of some times.
func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
