package bot

import (
	"context"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/socketmode"
)

// inEarnest runs a test in a bubble where the bot waits as long as it does in
// earnest, and where both sockets have been open for a while.
func inEarnest(t *testing.T, do func(t *testing.T, r *fixture)) {
	t.Helper()
	inBubble(t, func(t *testing.T, r *fixture) {
		time.Sleep(time.Minute)
		do(t, r)
	}, func(s *setup) { s.ownPace = true })
}

// slack-go reconnected 51 times in 3 s when Socket Mode was switched off. Two
// links try a few times a minute, for as long as it takes, and are back within
// one after somebody has switched it on again.
func TestSlackIsTriedAFewTimesAMinuteForAsLongAsItIsOff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ off, on func(*emulator.Server) }{
		"link_disabled": {func(s *emulator.Server) { s.DisableSocketMode(true) }, func(s *emulator.Server) { s.DisableSocketMode(false) }},
		"no new socket stays": {
			func(s *emulator.Server) {
				s.Inject(emulator.Fault{Method: "apps.connections.open", Error: "internal_error", Count: 1 << 20})
				s.CutSockets()
			},
			func(s *emulator.Server) { s.ClearFaults() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			inEarnest(t, func(t *testing.T, r *fixture) {
				c.off(r.Server)
				time.Sleep(5 * time.Minute) // what begins quickly has slowed down
				before := r.CallCount("apps.connections.open")
				time.Sleep(10 * time.Minute)
				if n := r.CallCount("apps.connections.open") - before; n < 10 || n > 40 {
					t.Errorf("%d tries in ten minutes", n)
				}
				if r.bot.Ready() == nil {
					t.Error("it says that it is ready")
				}
				c.on(r.Server)
				time.Sleep(time.Minute + socketmode.HelloWithin)
				if n := len(r.Sockets()); n != 2 {
					t.Errorf("%d sockets a minute after it was switched on", n)
				}
			})
		})
	}
}

// The first ten minutes of a switched off Socket Mode.
func TestSlackIsTriedAFewTimesAMinuteFromTheFirstOnes(t *testing.T) {
	t.Parallel()
	inEarnest(t, func(t *testing.T, r *fixture) {
		before := r.CallCount("apps.connections.open")
		r.DisableSocketMode(true)
		for minute := range 10 {
			time.Sleep(time.Minute)
			now := r.CallCount("apps.connections.open")
			if n := now - before; n > 6 {
				t.Errorf("%d tries in minute %d", n, minute+1)
			}
			before = now
		}
	})
}

// No events after a reconnect (python-slack-sdk 1701): what nobody was there to
// hear is read again, once for each time without a socket.
func TestOutageIsToldOnceAndReadAgain(t *testing.T) {
	t.Parallel()
	inEarnest(t, func(t *testing.T, r *fixture) {
		told := make(chan socketmode.Outage, 9)
		r.bot.outages.After(func(_ context.Context, g socketmode.Outage) { told <- g })
		read := r.CallCount("users.conversations")
		r.Disconnect("refresh_requested")
		time.Sleep(time.Minute)
		for len(told) > 0 {
			if g := <-told; g.To.Sub(g.From) > time.Second {
				t.Errorf("a refresh counts as a gap of %s", g.To.Sub(g.From))
			}
		}
		r.DisableSocketMode(true)
		time.Sleep(10 * time.Minute)
		r.DisableSocketMode(false)
		time.Sleep(2 * time.Minute)
		if n := len(told); n != 1 {
			t.Fatalf("ten minutes without a socket are told %d times", n)
		}
		if g := <-told; g.To.Sub(g.From) < 9*time.Minute {
			t.Errorf("ten minutes without a socket count as %s", g.To.Sub(g.From))
		}
		if n := r.CallCount("users.conversations") - read; n == 0 {
			t.Error("the channels were not read again")
		}
	})
}
