// Package faulttest draws what goes wrong between a bot and Slack, for tests that want any of it at any time.
package faulttest

import (
	"math/rand/v2"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// A Pace bounds what is drawn, by how long a test can wait. What is zero does not go wrong.
type Pace struct {
	Methods    []string      // that fail, "*" being any; nil is all that a bot calls
	Delay      time.Duration // the longest until a call takes effect: less than what the bot lets pass before it looks
	Late       time.Duration // the longest from a call's effect to its answer
	RetryAfter int           // the longest for which a call comes too soon, in seconds
	Envelope   time.Duration // the longest until an envelope comes again
}

// methods are those that a bot calls, the dangerous ones more often.
var methods = []string{
	"chat.postMessage", "chat.postMessage", "chat.postMessage", "chat.update", "conversations.history",
	"conversations.replies", "chat.postEphemeral", "apps.connections.open", "users.info", "chat.delete", "*",
}

// Call draws what happens to some calls to come: they are lost, cut off, refused, or late.
func (p Pace) Call(dice *rand.Rand) emulator.Fault {
	among := p.Methods
	if among == nil {
		among = methods
	}
	f := emulator.Fault{Method: oneOf(dice, among...), Skip: dice.IntN(4), Count: 1 + dice.IntN(3)}
	kinds := []func(){
		func() { f.Lost = true },
		func() { f.Lost = true },
		func() { f.Cut = true },
		func() { f.Half = true },
		func() { f.Status = oneOf(dice, 500, 503) },
		func() { f.Status, f.Taken = 500, true },
		func() { f.Error, f.Taken = "fatal_error", true },
		func() { f.Error = oneOf(dice, "internal_error", "fatal_error", "service_unavailable", "ratelimited") },
	}
	if p.Late > 0 {
		kinds = append(kinds, func() { f.Late = upTo(dice, p.Late) })
	}
	if p.Delay > 0 {
		kinds = append(kinds, func() { f.Delay, f.Lost = upTo(dice, p.Delay), dice.IntN(2) == 0 })
	}
	if p.RetryAfter > 0 {
		kinds = append(kinds, func() { f.Status, f.RetryAfter = 429, 1+dice.IntN(p.RetryAfter) })
	}
	oneOf(dice, kinds...)()
	return f
}

// Socket draws what happens to some envelopes to come: they come again, or not, or the connection goes with them.
func (p Pace) Socket(dice *rand.Rand) emulator.SocketFault {
	return emulator.SocketFault{
		Kind: oneOf(dice, emulator.Redeliver, emulator.Redeliver, emulator.CutOnAck, emulator.CutInEnvelope, emulator.SwallowEnvelope),
		Skip: dice.IntN(2), Count: 1 + dice.IntN(2), Copies: dice.IntN(3), NewID: dice.IntN(2) == 0, After: upTo(dice, p.Envelope),
	}
}

func oneOf[T any](dice *rand.Rand, all ...T) T { return all[dice.IntN(len(all))] }

func upTo(dice *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(dice.Int64N(int64(most) + 1))
}
