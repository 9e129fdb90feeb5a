package outbox

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// A Limiter lets calls of one Slack method through at its rate, and closes for a
// while when Slack says so or cannot be reached. It is safe for concurrent use.
//
// One that counts by the minute keeps to both readings of Slack's documentation:
// a rate with short bursts, and so many calls in any minute. A call counts from
// when it was answered, so that however long it took to get there, Slack never
// sees more.
type Limiter struct {
	pace Pace

	mu          sync.Mutex
	bucket      *rate.Limiter
	perMinute   int           // calls that fit into a minute; 0: any number
	minute      time.Duration // how long a minute is
	inFlight    int           // calls that are not answered yet; counted only with perMinute
	answeredAt  []time.Time   // of the calls of the last minute, the oldest first
	closedUntil time.Time     // zero: it never was
	failures    int           // calls in a row that Slack did not answer
}

// NewLimiter makes a limiter of calls that are so far apart, save for a burst.
// Where Slack fails, it backs off as p says.
func NewLimiter(p Pace, every time.Duration, burst int) *Limiter {
	return &Limiter{pace: p, bucket: rate.NewLimiter(rate.Every(every), burst)}
}

// newMinuteLimiter makes a limiter of a method that Slack counts by the minute.
func newMinuteLimiter(p Pace, every time.Duration, burst, perMinute int) *Limiter {
	l := NewLimiter(p, every, burst)
	l.perMinute, l.minute = perMinute, time.Duration(perMinute)*every
	return l
}

// opensAt is when the next call may be made, at the earliest.
func (l *Limiter) opensAt(now time.Time) time.Time { return l.opensAtReserving(0, now) }

// opensAtReserving is opensAt for calls that leave so many to others, who can
// then make them at once.
func (l *Limiter) opensAtReserving(reserve int, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opensAtLocked(reserve, now)
}

// opensAtLocked is opensAtReserving. The caller holds the lock.
func (l *Limiter) opensAtLocked(reserve int, now time.Time) time.Time {
	return latest(now, l.closedUntil, l.bucketOpensAt(reserve, now), l.minuteOpensAt(reserve, now))
}

// bucketOpensAt is when the rate allows one call more than the reserve. The
// caller holds the lock.
func (l *Limiter) bucketOpensAt(reserve int, now time.Time) time.Time {
	missing := float64(1+reserve) - l.bucket.TokensAt(now)
	if missing <= 0 {
		return now
	}
	return now.Add(time.Duration(missing / float64(l.bucket.Limit()) * float64(time.Second)))
}

// minuteOpensAt is when the last minute has room for one call more than the
// reserve. The caller holds the lock.
func (l *Limiter) minuteOpensAt(reserve int, now time.Time) time.Time {
	if l.perMinute == 0 {
		return now
	}
	for len(l.answeredAt) > 0 && now.Sub(l.answeredAt[0]) >= l.minute {
		l.answeredAt = l.answeredAt[1:]
	}
	switch over := l.inFlight + len(l.answeredAt) + reserve + 1 - l.perMinute; {
	case over > len(l.answeredAt):
		return now.Add(l.minute) // all are in flight: an answer opens it
	case over > 0:
		return l.answeredAt[over-1].Add(l.minute)
	}
	return now
}

// Take counts one call, if it may be made now. Whoever is told so makes it, and
// says with done when it has been answered, where the limiter counts by the
// minute.
func (l *Limiter) Take(now time.Time) bool { return l.takeReserving(0, now) }

// takeReserving is Take for calls that leave so many to others.
func (l *Limiter) takeReserving(reserve int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opensAtLocked(reserve, now).After(now) || !l.bucket.AllowN(now, 1) {
		return false
	}
	if l.perMinute > 0 {
		l.inFlight++
	}
	return true
}

// Pass waits until one call may be made, and counts it. It reports whether that
// came before ctx ended.
func (l *Limiter) Pass(ctx context.Context) bool {
	for !l.Take(time.Now()) {
		if !slackapi.Sleep(ctx, max(time.Until(l.opensAt(time.Now())), time.Millisecond)) {
			return false
		}
	}
	return true
}

// done notes that a call was answered, or that nobody waits for that any more.
func (l *Limiter) done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.perMinute == 0 {
		return
	}
	l.inFlight = max(l.inFlight-1, 0)
	l.answeredAt = append(l.answeredAt, time.Now())
}

// Close lets nothing through for a while.
func (l *Limiter) Close(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(d); until.After(l.closedUntil) {
		l.closedUntil = until
	}
}

// failed notes that Slack has not answered, and closes the limiter for longer
// each time in a row.
func (l *Limiter) failed() {
	l.mu.Lock()
	l.failures++
	d := l.pace.backoff(l.failures)
	l.mu.Unlock()
	l.Close(d)
}

// succeeded notes that Slack has answered.
func (l *Limiter) succeeded() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures = 0
}

// A Pace says how fast the outbox may go, and how long it waits. A zero field
// means its default.
type Pace struct {
	Timeout time.Duration // of one call; 10 s
	Settle  time.Duration // how long a call without an answer may still take effect; 10 s
	Post    time.Duration // between posts in one channel; 1 s
	Card    time.Duration // between edits of one card; 1.2 s
	Edit    time.Duration // between edits of all cards together; 1.2 s
	Retry   time.Duration // after the first failure, doubled with every other one; 250 ms
	WaitMax time.Duration // the longest wait of all, and that for a refused token; 30 s
	Grace   time.Duration // for a call under way when the outbox has to stop; 2 s
}

// WithDefaults fills the fields that are not set.
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
	or(&p.WaitMax, 30*time.Second)
	or(&p.Grace, 2*time.Second)
	return p
}

// backoff is how long to wait after so many failures in a row.
func (p Pace) backoff(failures int) time.Duration {
	return min(p.Retry<<min(max(failures-1, 0), 16), p.WaitMax)
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
