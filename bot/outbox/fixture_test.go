package outbox

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/logtest"
)

// fast is a pace for tests.
var fast = Pace{
	Timeout: 5 * time.Second, Settle: 20 * time.Millisecond, Post: time.Millisecond, Card: 4 * time.Millisecond,
	Edit: time.Millisecond, Retry: 2 * time.Millisecond, WaitMax: 20 * time.Millisecond, Grace: time.Nanosecond,
}

// A fixture is a local Slack, an engine with its mailbox, and processes with an
// outbox between them.
type fixture struct {
	*bottest.Fixture
	slack *emulator.Server
	net   *bottest.Wire
	head  func(context.Context) (string, error) // of the records; nil: there is none
	app   emulator.App                          // whose bot its processes are
}

// author is who its processes are.
func (f *fixture) author() Author {
	return Author{BotID: f.app.BotID, AppID: f.app.ID, Installation: "T0LOCAL/" + f.app.BotID}
}

// ourApp and otherApp are those of the local Slack, the second one where it has one.
var (
	ourApp   = emulator.App{ID: "A0LOCAL", BotID: "B0BOT", BotToken: "xoxb-local"}
	otherApp = emulator.App{ID: "A1LOCAL", BotID: "B1BOT", BotToken: "xoxb-local-1"}
)

// withOtherApp has a second app in the workspace.
func withOtherApp(c *emulator.Config) { c.Others = []emulator.App{{Name: "Staging"}} }

// ofOtherApp is a fixture with a store of its own and a bot of the second app, in the
// same workspace.
func (f *fixture) ofOtherApp() *fixture {
	return &fixture{Fixture: bottest.NewFixture(f.T), slack: f.slack, net: f.net, app: otherApp}
}

// newFixture makes a fixture without a network. A test that waits for something
// belongs into synctest.Test, where that costs no time, and none runs out on a busy
// machine.
func newFixture(t testing.TB, change ...func(*emulator.Config)) *fixture {
	t.Helper()
	cfg := bottest.SmallWorkspace()
	for _, f := range change {
		f(&cfg)
	}
	s, w := bottest.SlackOnWire(t, cfg)
	return &fixture{Fixture: bottest.NewFixture(t), slack: s, net: w, app: ourApp}
}

// client calls the local Slack until the test ends.
func (f *fixture) client() *slack.Client {
	t := f.net.Transport()
	f.T.Cleanup(t.CloseIdleConnections)
	return bottest.ClientWith(f.app.BotToken, t)
}

// A process is an outbox with all that it can reach. It can die in the middle
// of any call.
type process struct {
	*deployertest.Process
	*Outbox
	t      testing.TB
	again  func() *process // starts another one like it
	wire   *http.Transport
	wires  sync.WaitGroup
	cancel context.CancelFunc
	ended  chan error
}

// open starts a process. It runs until it is stopped.
func (f *fixture) open(p Pace) *process { return f.openDyingAt(p, 0, false) }

// openDyingAt starts a process that dies with its nth call, before it or after it
// and before its answer; 0: it does not.
func (f *fixture) openDyingAt(p Pace, call int, after bool) *process {
	ctx, cancel := context.WithCancel(context.Background())
	r := &process{
		Process: deployertest.NewProcess(f.Engine, cancel), t: f.T, wire: f.net.Transport(), cancel: cancel, ended: make(chan error, 1),
	}
	r.DieAt(call, after)
	r.again = func() *process { return f.open(p) }
	r.Outbox = New(bottest.ClientWith(f.app.BotToken, bottest.RoundTrip(r.roundTrip)), Ports{
		Mailbox: r, Arrivals: r, Deployments: r, Engine: r, Head: f.head, Author: f.author, Store: f.Store,
	}, view.Renderer{Names: bottest.PhoneBook{}, Command: "/deploy"}, logtest.Logger(), p)
	go func() { r.ended <- r.Run(ctx) }()
	return r
}

// roundTrip sends a request, which takes effect even if nobody waits for the
// answer any more.
func (r *process) roundTrip(req *http.Request) (*http.Response, error) {
	type answer struct {
		resp *http.Response
		err  error
	}
	answers := make(chan answer, 1)
	r.wires.Go(func() {
		var a answer
		a.err = r.Call(func() (err error) {
			a.resp, err = r.wire.RoundTrip(req.WithContext(context.WithoutCancel(req.Context())))
			return err
		})
		if a.err != nil && a.resp != nil {
			_ = a.resp.Body.Close()
			a.resp = nil
		}
		answers <- a
	})
	select {
	case a := <-answers:
		return a.resp, a.err
	case <-req.Context().Done():
		r.wires.Go(func() {
			if a := <-answers; a.resp != nil {
				_ = a.resp.Body.Close()
			}
		})
		return nil, req.Context().Err()
	}
}

// stop ends the process and waits until nothing of it is left.
func (r *process) stop() {
	r.cancel()
	if err := <-r.ended; err != nil {
		r.t.Errorf("Run: %v", err)
	}
	r.wires.Wait() // what it sent has taken effect: that is what settling means
	r.wire.CloseIdleConnections()
}

// awaitEmpty waits until no message is left in the mailbox.
func (f *fixture) awaitEmpty() {
	f.T.Helper()
	f.until("the mailbox is empty", func() bool { return len(f.Waiting()) == 0 })
}

func (f *fixture) until(what string, done func() bool) {
	f.T.Helper()
	for end := time.Now().Add(time.Hour); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			f.T.Fatalf("waited too long until %s; left: %v; last calls: %v", what, f.Waiting(), bottest.Last(f.slack.Calls(), 12))
		}
	}
}
