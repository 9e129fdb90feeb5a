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
	bell  chan struct{} // holds one: an outage was found
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
	bell := o.ring()
	for {
		select {
		case <-bell:
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

// ring returns the bell; it makes it where there is none.
func (o *Outages) ring() chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bell == nil {
		o.bell, o.from = make(chan struct{}, 1), time.Now()
	}
	return o.bell
}

// opened counts a socket that has said hello.
func (o *Outages) opened() {
	bell := o.ring()
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
	case bell <- struct{}{}:
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
