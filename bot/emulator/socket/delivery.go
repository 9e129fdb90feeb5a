package socket

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// ackMax is the largest acknowledgement that Slack takes, in bytes.
const ackMax = 20_480

var (
	// ErrTimeout means that the app did not acknowledge within three seconds; the person sees operation_timeout.
	ErrTimeout = errors.New("operation_timeout")
	// ErrNoSocket means that no socket was open to take the envelope; the person sees dispatch_failed.
	ErrNoSocket = errors.New("dispatch_failed")
)

// delivery is one envelope on its way, under all the ids it was sent by.
type delivery struct {
	Envelope
	once   sync.Once
	done   chan struct{}
	answer json.RawMessage // of the acknowledgement; read after done
	again  bool            // an oversized acknowledgement has brought it back once
}

func (d *delivery) finish(answer json.RawMessage) {
	d.once.Do(func() {
		d.answer = answer
		close(d.done)
	})
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
		return d.answer, nil
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
