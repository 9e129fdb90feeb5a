package bot

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// A sequenceFixture is what outlives a process: an engine with its mailbox, and
// a cluster that rolls out what it is told.
type sequenceFixture struct {
	*bottest.Fixture
}

func newSequenceFixture(t testing.TB) *sequenceFixture {
	f := bottest.NewFixture(t)
	f.Crowded, f.Resolve = false, deployertest.TargetsByTag
	return &sequenceFixture{f}
}

// work brings about what deployments want, one step of it a second.
func (f *sequenceFixture) work(ctx context.Context, moved func(id string)) {
	for slackapi.Sleep(ctx, time.Second) {
		for _, d := range f.All() {
			for _, w := range deployer.Next(d, f.Now()).Effects {
				var cmd deployer.Command = deployer.Settle{Key: w.Key, Outcome: deployer.Outcome{Result: deployer.OK}}
				switch w.Stage {
				case "":
					cmd = deployer.Intend{Key: w.Key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Target(w.Service()).Before}}
				case deployer.Intended:
					cmd = deployer.Act{Key: w.Key, Ref: "r"}
				}
				f.SetProgress(d.ID, w.Key, deployer.Progress{Total: 9, Updated: rand.IntN(9)})
				moved(d.ID)
				if _, err := f.DoAs(context.Background(), deployer.Order{Deployment: d.ID, Command: cmd}, nil); err != nil {
					f.T.Errorf("%T: %v", cmd, err)
				}
			}
		}
	}
}

// ended reports whether so many deployments are over and everything was said.
func (f *sequenceFixture) ended(n int) bool {
	all := f.All()
	for _, d := range all {
		if !d.Status.Ended() {
			return false
		}
	}
	return len(all) == n && len(f.Waiting()) == 0
}

// started returns the deployment of a service, if there is one.
func (f *sequenceFixture) started(service string) (deployer.Deployment, bool) {
	for _, d := range f.All() {
		if d.Releases[0].Service == service {
			return d, true
		}
	}
	return deployer.Deployment{}, false
}

// A life is one process with a bot: its connections, and its way to the engine.
// When it dies, in the middle of any call, nothing of it reaches anything.
type life struct {
	*deployertest.Process
	bot  *Bot
	wire *http.Transport
	stop context.CancelFunc
	over chan struct{} // Run has returned

	mu    sync.Mutex
	conns []net.Conn
}

// live starts a process.
func (f *sequenceFixture) live(ctx context.Context, w *bottest.Wire) *life {
	l := &life{wire: w.Transport(), over: make(chan struct{})}
	ctx, l.stop = context.WithCancel(ctx)
	l.Process = deployertest.NewProcess(f.Engine, func() {
		l.cut()
		l.stop()
	})
	dial := l.wire.DialContext
	l.wire.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err == nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.conns = append(l.conns, c)
		}
		return c, err
	}
	cfg := settings()
	cfg.Log = slog.New(slog.DiscardHandler)
	if os.Getenv("OUTBOX_LOG") != "" {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	p := bottest.Procedure()
	p.Steps = slices.DeleteFunc(p.Steps, func(s deployer.Step) bool { return s.ID == "soak" })
	p.Steps[len(p.Steps)-1].Needs = []string{"pods"}
	cfg.Procedures = map[string]deployer.Procedure{"deployment": p}
	client := slackapi.New(localTokens[0], localTokens[1], bottest.WireURL+"/api/")
	client.HTTP.Transport = bottest.RoundTrip(l.roundTrip)
	l.bot = botOn(client, cfg, l, &cluster{}, tuning{})
	go func() {
		defer close(l.over)
		if err := l.bot.Run(ctx); err != nil && !l.IsDead() {
			f.T.Errorf("Run ended with %v", err)
		}
	}()
	return l
}

// cut ends all connections, as a process that dies does, or a network. What was
// sent is on its way all the same.
func (l *life) cut() {
	l.mu.Lock()
	conns := l.conns
	l.conns = nil
	l.mu.Unlock()
	for _, c := range conns {
		_ = c.Close() // one that was closed before is none the worse
	}
}

func (l *life) roundTrip(r *http.Request) (resp *http.Response, err error) {
	err = l.Call(func() error { resp, err = l.wire.RoundTrip(r); return err })
	if err != nil && resp != nil {
		_ = resp.Body.Close()
		resp = nil
	}
	return resp, err
}

func (l *life) Do(ctx context.Context, o deployer.Order) (d deployer.Deployment, err error) {
	var roles []string
	if o.By.ID != "" {
		if roles, err = l.bot.people.Roles(ctx, o.By.ID); err != nil {
			return d, err
		}
	}
	e := l.Call(func() error { d, err = l.DoAs(ctx, o, roles); return err })
	return d, e
}

// end stops a process and waits until nothing of it runs.
func (l *life) end() error {
	l.stop()
	select {
	case <-l.over:
	case <-time.After(time.Minute):
		return errors.New("Run does not end")
	}
	l.wire.CloseIdleConnections()
	return nil
}
