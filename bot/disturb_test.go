package bot

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/emulator/faulttest"
	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// faultPace is how much goes wrong in a sequence. A late effect stays within the
// time that the bot lets pass before it looks.
var faultPace = faulttest.Pace{Delay: 8 * time.Second, Late: 13 * time.Second, RetryAfter: 30, Envelope: 5 * time.Second}

// disturb has things go wrong for a while, one after the other or at once.
func (s *sequence) disturb(ctx context.Context, rng *rand.Rand) {
	for range 1 + rng.IntN(12) {
		if !slackapi.Sleep(ctx, time.Duration(rng.IntN(6000))*time.Millisecond) {
			return
		}
		switch rng.IntN(12) {
		case 0, 1, 2, 3:
			s.Inject(faultPace.Call(rng))
		case 4, 5:
			s.InjectSocket(faultPace.Socket(rng))
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
