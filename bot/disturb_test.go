package bot

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// disturb has things go wrong for a while, one after the other or at once.
func (s *sequence) disturb(ctx context.Context, rng *rand.Rand) {
	for range 1 + rng.IntN(12) {
		if !slackapi.Sleep(ctx, time.Duration(rng.IntN(6000))*time.Millisecond) {
			return
		}
		switch rng.IntN(12) {
		case 0, 1, 2, 3:
			s.Inject(apiTrouble(rng))
		case 4, 5:
			s.InjectSocket(socketTrouble(rng))
		case 6:
			s.trouble(rng)
		case 7, 8:
			s.current().DieAt(1+rng.IntN(25), rng.IntN(2) == 0)
		case 9:
			s.current().stop() // it is told to end, as when a new version is installed
		case 10, 11: // what is on its way outlives the connection, or the process
			s.Inject(emulator.Fault{Method: "chat.postMessage", Count: 2, Delay: time.Duration(rng.IntN(9)) * time.Second})
			if !slackapi.Sleep(ctx, time.Duration(rng.IntN(3000))*time.Millisecond) {
				return
			}
			if rng.IntN(2) == 0 {
				s.current().cut()
			} else {
				s.current().Kill()
			}
		}
	}
	slackapi.Sleep(ctx, time.Duration(rng.IntN(60))*time.Second)
	s.ClearFaults()
	s.DisableSocketMode(false)
}

// trouble is about all sockets.
func (s *sequence) trouble(rng *rand.Rand) {
	switch rng.IntN(5) {
	case 0, 1:
		s.CutSockets()
	case 2:
		s.Disconnect("warning")
	case 3:
		s.Disconnect("refresh_requested")
	case 4:
		s.DisableSocketMode(true)
	}
}

// apiTrouble is for some calls to come. A late effect stays within the time that
// the bot lets pass before it looks.
func apiTrouble(rng *rand.Rand) emulator.Fault {
	methods := []string{
		"chat.postMessage", "chat.postMessage", "chat.postMessage", "chat.update", "conversations.history",
		"conversations.replies", "chat.postEphemeral", "apps.connections.open", "users.info", "chat.delete", "*",
	}
	f := emulator.Fault{Method: methods[rng.IntN(len(methods))], Skip: rng.IntN(4), Count: 1 + rng.IntN(3)}
	switch rng.IntN(13) {
	case 0, 1:
		f.Lost = true
	case 2:
		f.Cut = true
	case 3:
		f.Half = true
	case 4:
		f.Status = 500
	case 5:
		f.Status, f.RetryAfter = 429, 1+rng.IntN(30)
	case 6:
		f.Error = []string{"internal_error", "fatal_error", "service_unavailable", "ratelimited"}[rng.IntN(4)]
	case 7:
		f.Late = time.Duration(rng.IntN(14)) * time.Second
	case 8:
		f.Delay = time.Duration(rng.IntN(9)) * time.Second
	case 9:
		f.Delay, f.Lost = time.Duration(rng.IntN(9))*time.Second, true
	case 10:
		f.Status = 503
	case 11:
		f.Status, f.Taken = 500, true
	case 12:
		f.Error, f.Taken = "fatal_error", true
	}
	return f
}

// socketTrouble is for some envelopes to come.
func socketTrouble(rng *rand.Rand) emulator.SocketFault {
	kinds := []string{emulator.Redeliver, emulator.Redeliver, emulator.CutOnAck, emulator.CutInEnvelope, emulator.SwallowEnvelope}
	return emulator.SocketFault{
		Kind: kinds[rng.IntN(len(kinds))], Skip: rng.IntN(2), Count: 1 + rng.IntN(2), Copies: rng.IntN(3),
		NewID: rng.IntN(2) == 0, After: time.Duration(rng.IntN(5000)) * time.Millisecond,
	}
}
