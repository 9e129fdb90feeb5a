package bot

import (
	"context"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/socketmode"
)

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
			bubble(t, func(t *testing.T, s *emulator.Server, b *Bot) {
				c.off(s)
				time.Sleep(5 * time.Minute) // what begins quickly has slowed down
				before := s.CallCount("apps.connections.open")
				time.Sleep(10 * time.Minute)
				if n := s.CallCount("apps.connections.open") - before; n < 10 || n > 40 {
					t.Errorf("%d tries in ten minutes", n)
				}
				if b.Ready() == nil {
					t.Error("it says that it is ready")
				}
				c.on(s)
				time.Sleep(time.Minute + socketmode.HelloWithin)
				if n := len(s.Sockets()); n != 2 {
					t.Errorf("%d sockets a minute after it was switched on", n)
				}
			})
		})
	}
}

// The first ten minutes of a switched off Socket Mode.
func TestSlackIsTriedAFewTimesAMinuteFromTheFirstOnes(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *emulator.Server, _ *Bot) {
		before := s.CallCount("apps.connections.open")
		s.DisableSocketMode(true)
		for minute := range 10 {
			time.Sleep(time.Minute)
			now := s.CallCount("apps.connections.open")
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
	bubble(t, func(t *testing.T, s *emulator.Server, b *Bot) {
		told := make(chan socketmode.Outage, 9)
		b.outages.After(func(_ context.Context, g socketmode.Outage) { told <- g })
		read := s.CallCount("users.conversations")
		s.Disconnect("refresh_requested")
		time.Sleep(time.Minute)
		for len(told) > 0 {
			if g := <-told; g.To.Sub(g.From) > time.Second {
				t.Errorf("a refresh counts as a gap of %s", g.To.Sub(g.From))
			}
		}
		s.DisableSocketMode(true)
		time.Sleep(10 * time.Minute)
		s.DisableSocketMode(false)
		time.Sleep(2 * time.Minute)
		if n := len(told); n != 1 {
			t.Fatalf("ten minutes without a socket are told %d times", n)
		}
		if g := <-told; g.To.Sub(g.From) < 9*time.Minute {
			t.Errorf("ten minutes without a socket count as %s", g.To.Sub(g.From))
		}
		if n := s.CallCount("users.conversations") - read; n == 0 {
			t.Error("the channels were not read again")
		}
	})
}
