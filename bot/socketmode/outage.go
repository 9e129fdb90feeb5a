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
	from  time.Time // when the last socket went
	found *Outage   // not told yet
	bell  chan struct{}
	hooks []func(context.Context, Outage)
}

// After has hook called after every gap: when a socket opens where there was
// none, the first one too, because what was read at the start may have changed
// before it. Hooks are called one after the other, each within ctx of Run; gaps
// that come while they work are told as one. Register them before Run.
func (g *Outages) After(hook func(context.Context, Outage)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hooks = append(g.hooks, hook)
}

// Run tells of gaps until ctx ends. What comes before counts from now on.
func (g *Outages) Run(ctx context.Context) {
	bell := g.ring()
	for {
		select {
		case <-bell:
		case <-ctx.Done():
			return
		}
		g.mu.Lock()
		found, hooks := g.found, g.hooks
		g.found = nil
		g.mu.Unlock()
		if found == nil {
			continue
		}
		for _, hook := range hooks {
			hook(ctx, *found)
		}
	}
}

// ring returns the bell; it makes it where there is none.
func (g *Outages) ring() chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.bell == nil {
		g.bell, g.from = make(chan struct{}, 1), time.Now()
	}
	return g.bell
}

// opened counts a socket that has said hello.
func (g *Outages) opened() {
	bell := g.ring()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open++; g.open > 1 {
		return
	}
	if g.found == nil {
		g.found = &Outage{From: g.from}
	}
	g.found.To = time.Now()
	select {
	case bell <- struct{}{}:
	default:
	}
}

// left counts a socket that Slack sends on no more.
func (g *Outages) left() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open--; g.open == 0 {
		g.from = time.Now()
	}
}
