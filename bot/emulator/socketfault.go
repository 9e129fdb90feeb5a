package emulator

import (
	"time"
)

// What a SocketFault does.
const (
	// Redeliver sends the envelope and then its copies.
	Redeliver = "redeliver"
	// CutOnAck cuts the socket when the acknowledgement comes in, and forgets the acknowledgement.
	CutOnAck = "cut_on_ack"
	// CutInEnvelope cuts the socket in the middle of the envelope.
	CutInEnvelope = "cut_in_envelope"
	// SwallowEnvelope does not send the envelope; only its copies arrive, if there are any.
	SwallowEnvelope = "swallow"
)

// SocketFault makes Socket Mode misbehave for some envelopes.
type SocketFault struct {
	// Kind is one of the constants above.
	Kind string `json:"kind"`
	// Type limits it to one type of envelope: slash_commands, interactive or events_api. Empty means any.
	Type string `json:"type,omitempty"`
	// Skip lets so many envelopes pass first. Count is how many then suffer; zero means one.
	Skip  int `json:"skip,omitempty"`
	Count int `json:"count,omitempty"`
	// Copies is how many more times the envelope is sent, with every Kind, each After the one before
	// (in nanoseconds), under the same envelope_id or, with NewID, under a new one each.
	Copies int           `json:"copies,omitempty"`
	NewID  bool          `json:"new_id,omitempty"`
	After  time.Duration `json:"after,omitempty"`
}

// Hold keeps every envelope back until Release. People are told of the time-out meanwhile, as in Slack, and the
// envelopes arrive late.
func (g *gateway) Hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.holding == nil {
		g.holding = make(chan struct{})
	}
}

// Release lets held envelopes go.
func (g *gateway) Release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.holding != nil {
		close(g.holding)
		g.holding = nil
	}
}

// holdBack takes an envelope into custody while envelopes are held.
func (g *gateway) holdBack(id string, d *delivery) bool {
	g.mu.Lock()
	held := g.holding
	g.mu.Unlock()
	return held != nil && g.work.Go(func() {
		select {
		case <-held:
			g.sendWhenOpen(d.frame(id))
		case <-g.work.ctx.Done():
		}
	})
}
