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
