package socket

import (
	"context"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/background"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

func disconnect(reason string) []byte {
	return jsonvalue.Encode(obj{"type": "disconnect", "reason": reason, "debug_info": obj{"host": "applink-local-1"}})
}

// expire ends a socket at the end of its life: a warning, then the request to refresh, then the end.
func (g *Gateway) expire(ctx context.Context, c *conn, life time.Duration) {
	notice := min(g.cfg.Timing.Refresh, life/2)
	background.Pause(ctx, life-notice)
	if ctx.Err() != nil {
		return
	}
	c.send(ctx, disconnect("warning"))
	background.Pause(ctx, notice)
	if ctx.Err() != nil {
		return
	}
	g.retire(c)
	c.send(ctx, disconnect("refresh_requested"))
	background.Pause(ctx, g.cfg.Timing.Refresh)
	c.cut()
}

// retire keeps further envelopes away from a socket.
func (g *Gateway) retire(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.leaving = true
}

func (g *Gateway) sockets() []*conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.conns)
}

// Disconnect sends every socket a disconnect message. After refresh_requested and link_disabled the sockets get no
// more envelopes and end after Timing.Refresh, unless the client ends them first; a warning is only that.
func (g *Gateway) Disconnect(reason string) {
	for _, c := range g.sockets() {
		if reason != "warning" {
			g.retire(c)
		}
		c.send(g.background.Context(), disconnect(reason))
		if reason == "warning" {
			continue
		}
		g.background.Go(func() {
			background.Pause(g.background.Context(), g.cfg.Timing.Refresh)
			c.cut()
		})
	}
}

// DisableSocketMode behaves as if somebody switched Socket Mode off in the app's settings (or on again): open sockets
// are sent link_disabled, and so is every new one instead of hello.
func (g *Gateway) DisableSocketMode(off bool) {
	g.mu.Lock()
	g.disabled = off
	g.mu.Unlock()
	if off {
		g.Disconnect("link_disabled")
	}
}

// CutSockets ends every socket without a word, as a network failure would, and says how many there were.
func (g *Gateway) CutSockets() int {
	conns := g.sockets()
	for _, c := range conns {
		g.retire(c)
		c.cut()
	}
	return len(conns)
}

// Sockets lists the open sockets that take envelopes.
func (g *Gateway) Sockets() []Info {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := []Info{}
	for _, c := range g.conns {
		if !c.leaving {
			out = append(out, Info{ID: c.id, Opened: c.opened})
		}
	}
	return out
}

// WaitSockets waits until at least n sockets take envelopes.
func (g *Gateway) WaitSockets(ctx context.Context, n int) error {
	for {
		g.mu.Lock()
		arrived := g.arrived
		g.mu.Unlock()
		if len(g.Sockets()) >= n {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
