package socketmode

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer/logtest"
)

// A fixture is one connection to a local Slack, over a wire in memory. What comes
// down it is acknowledged at once.
type fixture struct {
	*emulator.Server
	conn    *Connection
	outages Outages
	log     logtest.Book
	ended   chan error // what Run returned

	mu  sync.Mutex
	got []Envelope
}

// connected runs a test in a bubble of synctest, with a fixture whose connection is
// open.
func connected(t *testing.T, do func(t *testing.T, f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := bottest.SmallWorkspace()
		cfg.App.Scopes = nil
		cfg.Commands = []emulator.Command{{Name: "/deploy"}}
		server, wire := bottest.SlackOnWire(t, cfg)
		client := slackapi.New("xoxb-local", "xapp-local", bottest.WireURL+"/api/")
		client.HTTP.Transport = wire.Transport()
		f := &fixture{Server: server, ended: make(chan error, 1)}
		f.conn = &Connection{API: client, Receive: f.receive, Outages: &f.outages, Log: slog.New(slog.NewTextHandler(&f.log, nil))}
		ctx, stop := context.WithCancel(context.Background())
		go func() { f.ended <- f.conn.Run(ctx, 0) }()
		t.Cleanup(func() {
			stop()
			if err := <-f.ended; err != nil {
				t.Errorf("Run ended with %v", err)
			}
			client.HTTP.CloseIdleConnections()
		})
		if err := f.WaitSockets(ctx, 1); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		do(t, f)
	})
}

func (f *fixture) receive(e Envelope) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, e)
	if e.ID != "" {
		go func() { _ = e.Socket.Write(context.Background(), []byte(`{"envelope_id":"`+e.ID+`"}`)) }() // Slack says whether it came
	}
}

// envelopes are those that came so far.
func (f *fixture) envelopes() []Envelope {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.got)
}
