package socket

import (
	"context"
	"encoding/json"
	"errors"
	mrand "math/rand/v2"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/background"
	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// ackMax is the largest acknowledgement that Slack takes, in bytes.
const ackMax = 20_480

// ErrTimeout means that the app did not acknowledge within three seconds; the person sees operation_timeout.
var ErrTimeout = errors.New("operation_timeout")

// ErrNoSocket means that no socket was open to take the envelope; the person sees dispatch_failed.
var ErrNoSocket = errors.New("dispatch_failed")

// Envelope is what goes down a socket.
type Envelope struct {
	Kind    string // slash_commands, interactive, events_api
	Payload json.RawMessage
	Answers bool // accepts_response_payload
	attempt int  // of an event, from 0
}

// delivery is one envelope on its way, under all the ids it was sent by.
type delivery struct {
	Envelope
	once    sync.Once
	done    chan struct{}
	payload json.RawMessage // of the acknowledgement; read after done
	again   bool            // an oversized acknowledgement has brought it back once
}

func (d *delivery) finish(payload json.RawMessage) {
	d.once.Do(func() {
		d.payload = payload
		close(d.done)
	})
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

// Deliver sends an envelope and waits for its acknowledgement, for as long as Slack waits.
func (g *Gateway) Deliver(ctx context.Context, e Envelope) (json.RawMessage, error) {
	d := &delivery{Envelope: e, done: make(chan struct{})}
	id := workspace.NewID()
	g.expect(id, d)
	defer g.forget(d)
	if g.holdBack(id, d) {
		return g.await(ctx, d)
	}
	if err := g.dispatch(id, d); err != nil {
		return nil, err
	}
	return g.await(ctx, d)
}

func (g *Gateway) await(ctx context.Context, d *delivery) (json.RawMessage, error) {
	t := time.NewTimer(g.cfg.Timing.Ack)
	defer t.Stop()
	select {
	case <-d.done:
		return d.payload, nil
	case <-t.C:
		return nil, ErrTimeout
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-g.background.Context().Done():
		return nil, ErrNoSocket
	}
}

func (g *Gateway) expect(id string, d *delivery) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending[id] = d
}

func (g *Gateway) forget(d *delivery) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, x := range g.pending {
		if x == d {
			delete(g.pending, id)
		}
	}
}

// pickSocket chooses any socket that takes envelopes.
func (g *Gateway) pickSocket() *conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	var free []*conn
	for _, c := range g.conns {
		if !c.leaving {
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
		c := g.pickSocket()
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
			g.sendWhenOpen(d.frame(id))
		}
	})
}

// expectLate lets an acknowledgement of a copy settle the delivery, if that still waits.
func (g *Gateway) expectLate(id string, d *delivery) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, x := range g.pending {
		if x == d {
			g.pending[id] = d
			return
		}
	}
}

// sendWhenOpen sends a frame as soon as a socket is open; it gives up with the server.
func (g *Gateway) sendWhenOpen(frame []byte) {
	for g.background.Context().Err() == nil {
		g.mu.Lock()
		arrived := g.arrived
		g.mu.Unlock()
		if c := g.pickSocket(); c != nil {
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

// acked takes one frame from the app; false means that a fault cut the socket instead.
func (g *Gateway) acked(c *conn, frame []byte) bool {
	var ack struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload"`
	}
	if json.Unmarshal(frame, &ack) != nil || ack.ID == "" {
		return true
	}
	workspace.ReportSent(g.cfg, "ack", map[string]json.RawMessage{"envelope_id": jsonvalue.Encode(ack.ID), "payload": ack.Payload})
	g.mu.Lock()
	d := g.pending[ack.ID]
	g.mu.Unlock()
	if d == nil {
		return true
	}
	if f := g.fault.TakeSocket(d.Kind, true); f.Kind == fault.CutOnAck {
		g.retire(c)
		c.cut()
		g.repeat(ack.ID, d, f)
		return false
	}
	if len(frame) > ackMax {
		g.oversized(ack.ID, d)
		return true
	}
	d.finish(ack.Payload)
	return true
}

// oversized drops an acknowledgement that is too large: Slack says nothing, and sends the envelope again.
func (g *Gateway) oversized(id string, d *delivery) {
	g.mu.Lock()
	again := d.again
	d.again = true
	g.mu.Unlock()
	if !again {
		g.repeat(id, d, fault.Socket{Copies: 1})
	}
}
