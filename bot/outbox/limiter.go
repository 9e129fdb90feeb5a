package outbox

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// A Pace says how fast the outbox may go, and how long it waits. A zero field
// means its default.
type Pace struct {
	Timeout time.Duration // of one call; 10 s
	Settle  time.Duration // how long a call without an answer may still take effect; 10 s
	Post    time.Duration // between posts in one channel; 1 s
	Card    time.Duration // between edits of one card; 1.2 s
	Edit    time.Duration // between edits of all cards together; 1.2 s
	Retry   time.Duration // after the first failure, doubled with every other one; 250 ms
	Slow    time.Duration // the longest wait of all, and that for a refused token; 30 s
	Grace   time.Duration // for a call under way when the outbox has to stop; 2 s
}

func (p Pace) WithDefaults() Pace {
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
func (p Pace) backoff(failures int) time.Duration {
	return min(p.Retry<<min(max(failures-1, 0), 16), p.Slow)
}

// A Limiter lets calls of one Slack method through at its rate, and closes for a
// while when Slack says so or cannot be reached. It is safe for concurrent use.
//
// Where it has a minute it keeps to both readings of Slack's documentation: a
// rate with short bursts, and so many in any minute. A call counts from when it
// was answered, so that however long it took to get there, Slack never sees more.
type Limiter struct {
	pace Pace

	mu       sync.Mutex
	limit    *rate.Limiter
	minute   int           // calls that fit into one; 0: any number
	span     time.Duration // how long a minute is
	under    int           // calls under way
	answered []time.Time   // calls of the last minute, the oldest first
	until    time.Time
	failures int
}

func NewLimiter(p Pace, every time.Duration, burst int) *Limiter {
	return &Limiter{pace: p, limit: rate.NewLimiter(rate.Every(every), burst)}
}

// newMinuteLimiter makes a gate of a method that Slack counts by the minute.
func newMinuteLimiter(p Pace, every time.Duration, burst, perMinute int) *Limiter {
	g := NewLimiter(p, every, burst)
	g.minute, g.span = perMinute, time.Duration(perMinute)*every
	return g
}

// open returns when the next call may be made, at the earliest.
func (g *Limiter) open(now time.Time) time.Time { return g.openReserving(0, now) }

// openReserving is open for calls that leave so many to others, who can then
// make them at once.
func (g *Limiter) openReserving(n int, now time.Time) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.opens(n, now)
}

// opens is openLeaving. The caller holds the lock.
func (g *Limiter) opens(n int, now time.Time) time.Time {
	at := latest(now, g.until)
	if missing := float64(1+n) - g.limit.TokensAt(now); missing > 0 {
		at = latest(at, now.Add(time.Duration(missing/float64(g.limit.Limit())*float64(time.Second))))
	}
	if g.minute == 0 {
		return at
	}
	for len(g.answered) > 0 && now.Sub(g.answered[0]) >= g.span {
		g.answered = g.answered[1:]
	}
	switch over := g.under + len(g.answered) + n + 1 - g.minute; {
	case over > len(g.answered):
		return latest(at, now.Add(g.span)) // all are under way: an answer opens it
	case over > 0:
		return latest(at, g.answered[over-1].Add(g.span))
	}
	return at
}

// Take counts one call, if it may be made now. Whoever is told so makes it, and
// says with done when it has been answered, where the gate has a minute.
func (g *Limiter) Take(now time.Time) bool { return g.takeReserving(0, now) }

// takeReserving is take for calls that leave so many to others.
func (g *Limiter) takeReserving(n int, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opens(n, now).After(now) || !g.limit.AllowN(now, 1) {
		return false
	}
	if g.minute > 0 {
		g.under++
	}
	return true
}

// Pass waits for a turn at a gate. It reports whether there was one before ctx
// ended.
func (g *Limiter) Pass(ctx context.Context) bool {
	for !g.Take(time.Now()) {
		if !slackapi.Sleep(ctx, max(time.Until(g.open(time.Now())), time.Millisecond)) {
			return false
		}
	}
	return true
}

// done notes that a call was answered, or that nobody waits for that any more.
func (g *Limiter) done() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.minute == 0 {
		return
	}
	g.under = max(g.under-1, 0)
	g.answered = append(g.answered, time.Now())
}

// Close lets nothing through for a while.
func (g *Limiter) Close(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.until) {
		g.until = until
	}
}

// failed closes the gate for longer each time in a row.
func (g *Limiter) failed() {
	g.mu.Lock()
	g.failures++
	d := g.pace.backoff(g.failures)
	g.mu.Unlock()
	g.Close(d)
}

// went notes that Slack has answered.
func (g *Limiter) went() {
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
