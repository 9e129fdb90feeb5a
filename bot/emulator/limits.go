package emulator

import (
	"math"
	"sync"
	"time"
)

// tier is a method's rate limit, per workspace and app.
type tier int

const (
	special    tier = iota // hundreds a minute: not limited here
	tier1                  // 1+ a minute
	tier2                  // 20+ a minute
	tier3                  // 50+ a minute
	tier4                  // 100+ a minute
	perChannel             // about one a second in each channel
)

// rate is a token bucket: so many a second, so many at once.
type rate struct{ perSecond, burst float64 }

// Slack documents the tiers a minute and "bursts" without a figure; the bursts here are small on purpose.
var rates = map[tier]rate{
	tier1:      {1.0 / 60, 10}, // slack.com lets an app open its ten sockets at once
	tier2:      {20.0 / 60, 10},
	tier3:      {50.0 / 60, 25},
	tier4:      {100.0 / 60, 50},
	perChannel: {1, 5},
}

type limiter struct {
	mu      sync.Mutex
	on      bool
	buckets map[string]*bucket
	now     func() time.Time
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter(on bool) *limiter {
	return &limiter{on: on, buckets: map[string]*bucket{}, now: time.Now}
}

// take counts one call; a result over zero is how many seconds to wait instead.
func (l *limiter) take(t tier, method, channel string) int {
	r, limited := rates[t]
	if !l.on || !limited {
		return 0
	}
	key := method
	if t == perChannel {
		key += " " + channel
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.buckets[key]
	if b == nil {
		b = &bucket{left: r.burst, at: now}
		l.buckets[key] = b
	}
	b.left = math.Min(r.burst, b.left+now.Sub(b.at).Seconds()*r.perSecond)
	b.at = now
	if b.left >= 1 {
		b.left--
		return 0
	}
	return max(1, int(math.Ceil((1-b.left)/r.perSecond)))
}
