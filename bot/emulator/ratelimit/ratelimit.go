// Package ratelimit is Slack's limits on the rate of Web API calls.
package ratelimit

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"
)

// Tier is a method's rate limit, per workspace and app.
type Tier int

// The tiers, in Slack's words, and their figures.
const (
	Special    Tier = iota // "hundreds a minute": not limited here
	Tier1                  // 1+ a minute
	Tier2                  // 20+ a minute
	Tier3                  // 50+ a minute
	Tier4                  // 100+ a minute
	PerChannel             // chat.postMessage: about one a second in each channel, and hundreds a minute in all
)

// An allowance is a token bucket: so many calls a minute, so many more at once after a rest.
type allowance struct{ perMinute, atOnce float64 }

// allowances are what Slack documents a minute (https://docs.slack.dev/apis/web-api/rate-limits). Its bursts have
// words only: "a small amount" in tier 1, "occasional" in tier 2, "sporadic" in tier 3, "generous" in tier 4, "short"
// in a channel. The figures for them here are guesses on the low side of what people report (25 at once in 2017; 5 of
// users.list in 2023, which tier 2's rate alone would not explain), so that a client which gets along here has a
// reserve there. Internal apps keep tier 3 for conversations.history and .replies, and so do they here; apps that are
// sold outside the Marketplace have one call a minute.
var allowances = map[Tier]allowance{
	Tier1:      {1, 10}, // an app may open its ten sockets at once
	Tier2:      {20, 5},
	Tier3:      {50, 25},
	Tier4:      {100, 50},
	PerChannel: {60, 5},
}

// postsEverywhere is what chat.postMessage may do in all channels together. Slack says "several hundred messages per
// minute" and "generous burst behavior"; three hundred are the fewest that several can be.
var postsEverywhere = allowance{300, 60}

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

// Limiter counts calls and says which have to wait.
type Limiter struct {
	mu      sync.Mutex
	rules   Limits
	buckets map[key]*bucket
	used    map[key]*Usage
	now     func() time.Time
}

// key is what a limit is about: a method, or a method in a channel.
type key struct{ method, channel string }

// A bucket is what is left of an allowance.
type bucket struct {
	allowance
	left   float64
	at     time.Time
	recent []time.Time // of calls in the last minute, where that is strict
}

// New makes a limiter with Slack's own limits, or with none.
func New(on bool) *Limiter {
	l := &Limiter{now: time.Now}
	l.Set(Limits{On: on})
	return l
}

// Set changes the limits, at once. All counts begin anew.
func (l *Limiter) Set(rules Limits) {
	if rules.Speed <= 0 {
		rules.Speed = 1
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rules, l.buckets, l.used = rules, map[key]*bucket{}, map[key]*Usage{}
}

// Take counts one call; a result over zero is how many seconds to wait instead. A refused call costs nothing.
func (l *Limiter) Take(t Tier, method, channel string) int {
	a, limited := allowances[t]
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.rules.On {
		return 0
	}
	if t != PerChannel {
		channel = ""
	}
	here := key{method, channel}
	if l.used[here] == nil {
		l.used[here] = &Usage{Method: method, Channel: channel}
	}
	buckets := []*bucket{}
	if limited {
		buckets = append(buckets, l.bucket(here, a))
	}
	if t == PerChannel {
		buckets = append(buckets, l.bucket(key{method: method}, postsEverywhere))
	}
	var wait time.Duration
	for _, b := range buckets {
		wait = max(wait, l.wait(b, l.rules.Strict && t != Tier1 && t != PerChannel))
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

func (l *Limiter) bucket(k key, a allowance) *bucket {
	b := l.buckets[k]
	if b == nil {
		b = &bucket{allowance: a, left: a.atOnce, at: l.now()}
		l.buckets[k] = b
	}
	return b
}

// wait brings a bucket up to date and says how long it lets nothing through.
func (l *Limiter) wait(b *bucket, strict bool) time.Duration {
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

// Usage lists what was counted while limits were on, by method and channel.
func (l *Limiter) Usage() []Usage {
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
