package emulator

import (
	"context"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

func disconnect(reason string) []byte {
	return jsonvalue.Encode(obj{"type": "disconnect", "reason": reason, "debug_info": obj{"host": "applink-local-1"}})
}

// expire ends a socket at the end of its life: a warning, then the request to refresh, then the end.
func (g *gateway) expire(ctx context.Context, c *conn, life time.Duration) {
	notice := min(g.cfg.Timing.Refresh, life/2)
	pause(ctx, ctx, life-notice)
	if ctx.Err() != nil {
		return
	}
	c.send(ctx, disconnect("warning"))
	pause(ctx, ctx, notice)
	if ctx.Err() != nil {
		return
	}
	g.retire(c)
	c.send(ctx, disconnect("refresh_requested"))
	pause(ctx, ctx, g.cfg.Timing.Refresh)
	c.cut()
}

// retire keeps further envelopes away from a socket.
func (g *gateway) retire(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.leaving = true
}

func (g *gateway) sockets() []*conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.conns)
}

// Disconnect sends every socket a disconnect message. After refresh_requested and link_disabled the sockets get no
// more envelopes and end after Timing.Refresh, unless the client ends them first; a warning is only that.
func (s *Server) Disconnect(reason string) {
	for _, c := range s.gate.sockets() {
		if reason != "warning" {
			s.gate.retire(c)
		}
		c.send(s.ctx, disconnect(reason))
		if reason == "warning" {
			continue
		}
		s.work.Go(func() {
			pause(s.ctx, s.ctx, s.cfg.Timing.Refresh)
			c.cut()
		})
	}
}

// DisableSocketMode behaves as if somebody switched Socket Mode off in the app's settings (or on again): open sockets
// are sent link_disabled, and so is every new one instead of hello.
func (s *Server) DisableSocketMode(off bool) {
	s.gate.mu.Lock()
	s.gate.disabled = off
	s.gate.mu.Unlock()
	if off {
		s.Disconnect("link_disabled")
	}
}

// CutSockets ends every socket without a word, as a network failure would, and says how many there were.
func (s *Server) CutSockets() int {
	conns := s.gate.sockets()
	for _, c := range conns {
		s.gate.retire(c)
		c.cut()
	}
	return len(conns)
}

// Sockets lists the open sockets that take envelopes.
func (s *Server) Sockets() []SocketInfo {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	out := []SocketInfo{}
	for _, c := range s.gate.conns {
		if !c.leaving {
			out = append(out, SocketInfo{ID: c.id, Opened: c.opened})
		}
	}
	return out
}

// WaitSockets waits until at least n sockets take envelopes.
func (s *Server) WaitSockets(ctx context.Context, n int) error {
	for {
		s.gate.mu.Lock()
		arrived := s.gate.arrived
		s.gate.mu.Unlock()
		if len(s.Sockets()) >= n {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
