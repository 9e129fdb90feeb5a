package socketmode

import (
	"context"
	"sync"
	"time"
)

// An Outage is a time in which no socket was open. Slack keeps commands and clicks
// for nobody, and sends events again only for a few minutes: what is known from
// them has to be read again.
type Outage struct{ From, To time.Time }

// Outages counts the sockets that Slack sends on and tells of the times without
// one. The zero value is ready; it is safe for concurrent use.
type Outages struct {
	mu    sync.Mutex
	open  int
	from  time.Time     // when the last socket went
	found *Outage       // not told yet
	wake  chan struct{} // holds one: an outage was found
	hooks []func(context.Context, Outage)
}

// After has hook called after every outage: when a socket opens where there was
// none, the first one too, because what was read at the start may have changed
// before it. Hooks are called one after the other, each within ctx of Run;
// outages that come while they work are told as one. Register them before Run.
func (o *Outages) After(hook func(context.Context, Outage)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hooks = append(o.hooks, hook)
}

// Run tells of outages until ctx ends. What comes before counts from now on.
func (o *Outages) Run(ctx context.Context) {
	wake := o.wakeChannel()
	for {
		select {
		case <-wake:
		case <-ctx.Done():
			return
		}
		o.mu.Lock()
		found, hooks := o.found, o.hooks
		o.found = nil
		o.mu.Unlock()
		if found == nil {
			continue
		}
		for _, hook := range hooks {
			hook(ctx, *found)
		}
	}
}

// wakeChannel returns the channel that wakes Run; it makes it where there is none.
func (o *Outages) wakeChannel() chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wake == nil {
		o.wake, o.from = make(chan struct{}, 1), time.Now()
	}
	return o.wake
}

// Since is since when no socket is open; zero: one is, or nobody has begun to open any.
func (o *Outages) Since() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open > 0 {
		return time.Time{}
	}
	return o.from
}

// opened counts a socket that has said hello.
func (o *Outages) opened() {
	wake := o.wakeChannel()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open++; o.open > 1 {
		return
	}
	if o.found == nil {
		o.found = &Outage{From: o.from}
	}
	o.found.To = time.Now()
	select {
	case wake <- struct{}{}:
	default:
	}
}

// left counts a socket that Slack sends on no more.
func (o *Outages) left() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open--; o.open == 0 {
		o.from = time.Now()
	}
}
