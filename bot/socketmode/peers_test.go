package socketmode

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// A side is a process's side of a local Slack: its connections.
type side struct {
	Peers
	out  Outages
	stop context.CancelFunc
	over chan struct{}
}

func ourClient() *slackapi.Client {
	return slackapi.New("xoxb-local", "xapp-local", bottest.WireURL+"/api/")
}

// connect keeps two connections open with a client's app-level token.
func connect(w *bottest.Wire, client *slackapi.Client, stagger time.Duration) *side {
	s := &side{over: make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	transport := w.Transport()
	client.HTTP.Transport = transport
	s.Expect("A0LOCAL")
	s.Log = slog.New(slog.DiscardHandler)
	running := make(chan struct{}, PerProcess)
	for i := range PerProcess {
		c := &Connection{API: client, Receive: func(Envelope) {}, Outages: &s.out, Peers: &s.Peers, Log: s.Log}
		go func() {
			_ = c.Run(ctx, time.Duration(i)*stagger) // it ends with the context
			running <- struct{}{}
		}()
	}
	go func() {
		for range PerProcess {
			<-running
		}
		transport.CloseIdleConnections()
		close(s.over)
	}()
	s.stop = func() { stop(); <-s.over }
	return s
}

// inSlack runs a test with a local Slack, where time costs nothing.
func inSlack(t *testing.T, do func(t *testing.T, s *emulator.Server, w *bottest.Wire), change ...func(*emulator.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := emulator.Config{Others: []emulator.App{{Name: "other"}}}
		for _, f := range change {
			f(&cfg)
		}
		s, w := bottest.SlackOnWire(t, cfg)
		do(t, s, w)
	})
}

// Two live processes on one app, and an app-level token of another app, went unnoticed:
// buttons reached nobody, or now and then.
func TestWhoElseIsConnectedIsNoticed(t *testing.T) {
	t.Parallel()
	inSlack(t, func(t *testing.T, _ *emulator.Server, w *bottest.Wire) {
		stranger := connect(w, slackapi.New("xoxb-local", "xapp-local-1", bottest.WireURL+"/api/"), time.Second)
		defer stranger.stop()
		time.Sleep(2 * time.Second)
		if err := stranger.Err(); err == nil || !strings.Contains(err.Error(), "is of the app A1LOCAL, and the bot token (SLACK_BOT_TOKEN) of the app A0LOCAL") {
			t.Errorf("of tokens of two apps it says %v", err)
		}
		first := connect(w, ourClient(), time.Second)
		defer first.stop()
		time.Sleep(10 * time.Minute)
		if err := first.Err(); err != nil {
			t.Errorf("alone, it says %v", err)
		}
		second := connect(w, ourClient(), time.Second)
		time.Sleep(3 * time.Minute)
		if err := second.Err(); err == nil || !strings.Contains(err.Error(), "another process uses its app-level token") {
			t.Errorf("of a second process, that says %v", err)
		}
		time.Sleep(2 * time.Hour)
		if err := first.Err(); err == nil {
			t.Error("the first process does not notice the second")
		}
		second.stop()
		time.Sleep(10 * time.Minute)
		if err := first.Err(); err != nil {
			t.Errorf("alone again, it says %v", err)
		}
	})
}

// Reconnects, networks that fail and processes that follow one another are no other
// process.
func TestReconnectsAreNoOtherProcess(t *testing.T) {
	t.Parallel()
	inSlack(t, func(t *testing.T, s *emulator.Server, w *bottest.Wire) {
		p := connect(w, ourClient(), 15*time.Second)
		wrong := func(when string) {
			if err := p.Err(); err != nil {
				t.Errorf("%s: %v", when, err)
			}
		}
		for range 20 {
			s.Disconnect("refresh_requested")
			time.Sleep(7 * time.Second)
			wrong("after a refresh")
		}
		for range 20 {
			s.CutSockets()
			time.Sleep(40 * time.Second)
			wrong("after a cut")
		}
		p.stop()
		p = connect(w, ourClient(), 15*time.Second)
		defer func() { p.stop() }()
		for range 12 * 60 {
			time.Sleep(time.Minute)
			wrong("for half a day")
		}
	}, func(c *emulator.Config) { c.Timing.Refresh, c.Timing.Connection = 10*time.Second, 5*time.Hour })
}

func TestHelloIsCompared(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hello Hello
		app   string
		wrong bool
	}{
		{Hello{"A1", 2}, "A1", false}, {Hello{"A1", 2}, "", false}, {Hello{"", 0}, "A1", false}, {Hello{"A1", 1}, "A1", false},
		{Hello{"A2", 2}, "A1", true}, {Hello{"A1", 3}, "A1", true}, {Hello{"", 3}, "", true},
	} {
		if err := Compare(c.hello, c.app, 2); (err != nil) != c.wrong {
			t.Errorf("%+v for %s: %v", c.hello, c.app, err)
		}
	}
	var nobody *Peers
	nobody.opening()
	nobody.ended()
	if again := nobody.greeted(Hello{"A1", 9}); again != 0 {
		t.Errorf("nobody looks again after %s", again)
	}
}
