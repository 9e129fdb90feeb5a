package bot

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/logtest"
)

// A process is a bot with its connections and its access to the engine.
// When it dies, in the middle of any call, nothing of it reaches anything.
type process struct {
	*deployertest.Process
	bot  *Bot
	wire *http.Transport
	stop context.CancelFunc
	over chan struct{} // Run has returned

	mu    sync.Mutex
	conns []net.Conn
}

// startProcess starts a process.
func (f *sequenceEngine) startProcess(ctx context.Context, w *bottest.Wire) *process {
	p := &process{wire: w.Transport(), over: make(chan struct{})}
	ctx, p.stop = context.WithCancel(ctx)
	p.Process = deployertest.NewProcess(f.Engine, func() {
		p.cut()
		p.stop()
	})
	dial := p.wire.DialContext
	p.wire.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err == nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.conns = append(p.conns, c)
		}
		return c, err
	}
	cfg := settings()
	cfg.Log = logtest.Logger()
	procedure := bottest.Procedure()
	procedure.Steps = slices.DeleteFunc(procedure.Steps, func(s deployer.Step) bool { return s.ID == "soak" })
	procedure.Steps[len(procedure.Steps)-1].Needs = []string{"pods"}
	cfg.Procedures = map[string]deployer.Procedure{"deployment": procedure}
	client := slackapi.New(localTokens[0], localTokens[1], bottest.WireURL+"/api/")
	client.HTTP.Transport = bottest.RoundTrip(p.roundTrip)
	p.bot = botOn(client, cfg, p, &fakeSystems{}, tuning{})
	go func() {
		defer close(p.over)
		if err := p.bot.Run(ctx); err != nil && !p.IsDead() {
			f.T.Errorf("Run ended with %v", err)
		}
	}()
	return p
}

// cut ends all connections, as a process that dies does, or a network. What was
// sent is on its way all the same.
func (p *process) cut() {
	p.mu.Lock()
	conns := p.conns
	p.conns = nil
	p.mu.Unlock()
	for _, c := range conns {
		_ = c.Close() // one that was closed before is none the worse
	}
}

func (p *process) roundTrip(r *http.Request) (resp *http.Response, err error) {
	err = p.Call(func() error { resp, err = p.wire.RoundTrip(r); return err })
	if err != nil && resp != nil {
		_ = resp.Body.Close()
		resp = nil
	}
	return resp, err
}

func (p *process) Do(ctx context.Context, o deployer.Order) (d deployer.Deployment, err error) {
	var who deployer.Person
	if o.By.ID != "" {
		if who, err = p.bot.people.Who(ctx, o.By.ID); err != nil {
			return d, err
		}
	}
	e := p.Call(func() error { d, err = p.DoAs(ctx, o, who); return err })
	return d, e
}

// end stops a process and waits until nothing of it runs.
func (p *process) end() error {
	p.stop()
	select {
	case <-p.over:
	case <-time.After(time.Minute):
		return errors.New("Run does not end")
	}
	p.wire.CloseIdleConnections()
	return nil
}
