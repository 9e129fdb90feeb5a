package socket

import (
	"encoding/json"
	mrand "math/rand/v2"

	"github.com/stationmaster/stationmaster/bot/emulator/background"
	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// Envelope is what goes down a socket.
type Envelope struct {
	Kind    string // slash_commands, interactive, events_api
	App     string // the id of the app that it is for; "" is the first one
	Payload json.RawMessage
	Answers bool // accepts_response_payload
	attempt int  // of an event, from 0
}

func (e Envelope) frame(id string) []byte {
	o := obj{"envelope_id": id, "type": e.Kind, "accepts_response_payload": e.Answers, "payload": e.Payload}
	if e.Kind == "events_api" {
		reason := ""
		if e.attempt > 0 {
			reason = "timeout"
		}
		o["retry_attempt"], o["retry_reason"] = e.attempt, reason
	}
	return jsonvalue.Encode(o)
}

// pickSocket chooses any socket of an app that takes envelopes.
func (g *Gateway) pickSocket(app string) *conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	var free []*conn
	for _, c := range g.conns {
		if !c.leaving && c.app == g.cfg.AppOf(app).ID {
			free = append(free, c)
		}
	}
	if len(free) == 0 {
		return nil
	}
	return free[mrand.IntN(len(free))]
}

// dispatch sends a delivery for the first time, with whatever fault is due.
func (g *Gateway) dispatch(id string, d *delivery) error {
	f := g.fault.TakeSocket(d.Kind, false)
	if f.Kind == fault.SwallowEnvelope {
		g.repeat(id, d, f)
		return nil
	}
	for {
		c := g.pickSocket(d.App)
		if c == nil {
			return ErrNoSocket
		}
		if f.Kind == fault.CutInEnvelope {
			g.retire(c)
			c.sendHalf(d.frame(id))
			break
		}
		if c.send(g.background.Context(), d.frame(id)) {
			break
		}
		g.retire(c)
	}
	g.repeat(id, d, f)
	return nil
}

// repeat sends the copies that a fault asks for, each down any socket, waiting for one where none is open.
func (g *Gateway) repeat(id string, d *delivery, f fault.Socket) {
	if f.Copies <= 0 {
		return
	}
	g.background.Go(func() {
		for range f.Copies {
			background.Pause(g.background.Context(), f.After)
			if f.NewID {
				id = workspace.NewID()
				g.expectLate(id, d)
			}
			g.sendWhenOpen(d.App, d.frame(id))
		}
	})
}

// sendWhenOpen sends a frame as soon as a socket is open; it gives up with the server.
func (g *Gateway) sendWhenOpen(app string, frame []byte) {
	for g.background.Context().Err() == nil {
		g.mu.Lock()
		arrived := g.arrived
		g.mu.Unlock()
		if c := g.pickSocket(app); c != nil {
			if c.send(g.background.Context(), frame) {
				return
			}
			g.retire(c)
			continue
		}
		select {
		case <-arrived:
		case <-g.background.Context().Done():
		}
	}
}
