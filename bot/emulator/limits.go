package emulator

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"
)

// tier is a method's rate limit, per workspace and app.
type tier int

const (
	special    tier = iota // "hundreds a minute": not limited here
	tier1                  // 1+ a minute
	tier2                  // 20+ a minute
	tier3                  // 50+ a minute
	tier4                  // 100+ a minute
	perChannel             // chat.postMessage: about one a second in each channel, and hundreds a minute in all
)

// An allowance is a token bucket: so many calls a minute, so many more at once after a rest.
type allowance struct{ perMinute, atOnce float64 }

// allowances are what Slack documents a minute (https://docs.slack.dev/apis/web-api/rate-limits). Its bursts have
// words only: "a small amount" in tier 1, "occasional" in tier 2, "sporadic" in tier 3, "generous" in tier 4, "short"
// in a channel. The figures for them here are guesses on the low side of what people report (25 at once in 2017; 5 of
// users.list in 2023, which tier 2's rate alone would not explain), so that a client which gets along here has a
// reserve there. Internal apps keep tier 3 for conversations.history and .replies, and so do they here; apps that are
// sold outside the Marketplace have one call a minute.
var allowances = map[tier]allowance{
	tier1:      {1, 10}, // an app may open its ten sockets at once
	tier2:      {20, 5},
	tier3:      {50, 25},
	tier4:      {100, 50},
	perChannel: {60, 5},
}

// everywhere is what chat.postMessage may do in all channels together. Slack says "several hundred messages per
// minute" and "generous burst behavior"; three hundred are the fewest that several can be.
var everywhere = allowance{300, 60}

// Limits say how the server limits the rate of Web API calls. The zero value does not.
type Limits struct {
	On bool `json:"on"`
	// Strict reads the documentation of tiers 2 to 4 as harshly as one can: never more in any minute than the tier's
	// figure, on top of the limit on bursts. "Rate limit windows are per minute."
	Strict bool `json:"strict,omitempty"`
	// Speed lets time pass faster for the limits, for tests: with 10 a minute takes six seconds. 0 means 1. Retry-After
	// stays in whole seconds.
	Speed float64 `json:"speed,omitempty"`
}

// Usage says how much one method used, in one channel where the limit is the channel's, since limits were set last.
type Usage struct {
	Method    string `json:"method"`
	Channel   string `json:"channel,omitempty"`
	Permitted int    `json:"permitted"`
	Refused   int    `json:"refused"`
}

type limiter struct {
	mu      sync.Mutex
	rules   Limits
	buckets map[place]*bucket
	used    map[place]*Usage
	now     func() time.Time
}

// place is what a limit is about: a method, or a method in a channel.
type place struct{ method, channel string }

// A bucket is what is left of an allowance.
type bucket struct {
	allowance
	left   float64
	at     time.Time
	recent []time.Time // of calls in the last minute, where that is strict
}

func newLimiter(on bool) *limiter {
	l := &limiter{now: time.Now}
	l.set(Limits{On: on})
	return l
}

func (l *limiter) set(rules Limits) {
	if rules.Speed <= 0 {
		rules.Speed = 1
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rules, l.buckets, l.used = rules, map[place]*bucket{}, map[place]*Usage{}
}

// take counts one call; a result over zero is how many seconds to wait instead. A refused call costs nothing.
func (l *limiter) take(t tier, method, channel string) int {
	a, limited := allowances[t]
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.rules.On {
		return 0
	}
	if t != perChannel {
		channel = ""
	}
	here := place{method, channel}
	if l.used[here] == nil {
		l.used[here] = &Usage{Method: method, Channel: channel}
	}
	buckets := []*bucket{}
	if limited {
		buckets = append(buckets, l.bucket(here, a))
	}
	if t == perChannel {
		buckets = append(buckets, l.bucket(place{method: method}, everywhere))
	}
	var wait time.Duration
	for _, b := range buckets {
		wait = max(wait, l.wait(b, l.rules.Strict && t != tier1 && t != perChannel))
	}
	if wait > 0 {
		l.used[here].Refused++
		return int(math.Ceil(wait.Seconds()))
	}
	for _, b := range buckets {
		b.left--
		b.recent = append(b.recent, b.at)
	}
	l.used[here].Permitted++
	return 0
}

func (l *limiter) bucket(p place, a allowance) *bucket {
	b := l.buckets[p]
	if b == nil {
		b = &bucket{allowance: a, left: a.atOnce, at: l.now()}
		l.buckets[p] = b
	}
	return b
}

// wait brings a bucket up to date and says how long it lets nothing through.
func (l *limiter) wait(b *bucket, strict bool) time.Duration {
	now := l.now()
	minute := time.Duration(float64(time.Minute) / l.rules.Speed)
	b.left = math.Min(b.atOnce, b.left+b.perMinute*float64(now.Sub(b.at))/float64(minute))
	b.at = now
	old := 0
	for old < len(b.recent) && now.Sub(b.recent[old]) >= minute {
		old++
	}
	b.recent = b.recent[old:]
	var wait time.Duration
	if b.left < 1 {
		wait = time.Duration((1 - b.left) / b.perMinute * float64(minute))
	}
	if most := int(b.perMinute); strict && len(b.recent) >= most {
		wait = max(wait, minute-now.Sub(b.recent[len(b.recent)-most]))
	}
	return wait
}

func (l *limiter) usage() []Usage {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Usage, 0, len(l.used))
	for _, u := range l.used {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b Usage) int {
		return cmp.Or(cmp.Compare(a.Method, b.Method), cmp.Compare(a.Channel, b.Channel))
	})
	return out
}
