package fault

import "time"

// Redeliver sends the envelope and then its copies.
const Redeliver = "redeliver"

// CutOnAck cuts the socket when the acknowledgement comes in, and forgets the acknowledgement.
const CutOnAck = "cut_on_ack"

// CutInEnvelope cuts the socket in the middle of the envelope.
const CutInEnvelope = "cut_in_envelope"

// SwallowEnvelope does not send the envelope; only its copies arrive, if there are any.
const SwallowEnvelope = "swallow"

// Socket makes Socket Mode misbehave for some envelopes.
type Socket struct {
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
