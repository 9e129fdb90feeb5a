package bot

import (
	"context"
	"sync"
	"time"
)

// An outage is a time in which no socket was open. Slack keeps commands and clicks
// for nobody, and sends events again only for a few minutes: what is known from
// them has to be read again.
type outage struct{ from, to time.Time }

// outages counts the sockets that Slack sends on and tells of the times without
// one. The zero value is ready; it is safe for concurrent use.
type outages struct {
	mu    sync.Mutex
	open  int
	from  time.Time // when the last socket went
	found *outage   // not told yet
	bell  chan struct{}
	hooks []func(context.Context, outage)
}

// after has hook called after every gap: when a socket opens where there was
// none, the first one too, because what was read at the start may have changed
// before it. Hooks are called one after the other, each within ctx of Run; gaps
// that come while they work are told as one. Register them before Run.
func (g *outages) after(hook func(context.Context, outage)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hooks = append(g.hooks, hook)
}

// run tells of gaps until ctx ends. What comes before counts from now on.
func (g *outages) run(ctx context.Context) {
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
func (g *outages) ring() chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.bell == nil {
		g.bell, g.from = make(chan struct{}, 1), time.Now()
	}
	return g.bell
}

// opened counts a socket that has said hello.
func (g *outages) opened() {
	bell := g.ring()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open++; g.open > 1 {
		return
	}
	if g.found == nil {
		g.found = &outage{from: g.from}
	}
	g.found.to = time.Now()
	select {
	case bell <- struct{}{}:
	default:
	}
}

// left counts a socket that Slack sends on no more.
func (g *outages) left() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open--; g.open == 0 {
		g.from = time.Now()
	}
}

// reread reads again what events would have told during a gap.
func (b *Bot) reread(ctx context.Context, g outage) {
	b.log.Info("a socket is open again; what may have been missed is read", "without", g.to.Sub(g.from).Round(time.Millisecond))
	if g.to.Sub(g.from) > memberFresh { // else what a click rests on is as young anyway
		b.people.doubtAll()
	}
	if err := b.channels.renew(ctx, 0); err != nil && ctx.Err() == nil {
		b.log.Warn("channels could not be listed", "err", err)
	}
}
