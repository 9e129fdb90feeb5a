package bot

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// A hall is what outlives a process: the desk, with commands that start
// something once for each origin, and a cluster that rolls out what it is told.
type hall struct {
	*bottest.Desk
	origins map[string]string
}

// decide commits an order of somebody with these roles.
func (h *hall) decide(o deployer.Order, roles []string) (deployer.Deployment, error) {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	start, isStart := o.Command.(deployer.Start)
	before := h.All[o.Deployment]
	facts := deployer.Facts{Now: h.Now(), ID: o.Deployment, Roles: roles}
	switch id := h.origins[start.Origin]; {
	case isStart && id != "":
		return h.All[id], nil
	case isStart:
		facts.ID, facts.Holders = "tangerine-"+string(rune('1'+len(h.All))), map[string]deployer.Deployment{}
		for _, d := range h.All {
			for _, place := range d.Places() {
				if !d.Status.Ended() {
					facts.Holders[place] = d
				}
			}
		}
	case before.ID == "":
		return before, deployer.ErrNotFound
	}
	after, err := h.settleOrder(before, o, facts)
	if err != nil || !isStart {
		return after, err
	}
	h.origins[start.Origin] = after.ID
	return h.settleOrder(after, deployer.Order{Deployment: after.ID, Command: deployer.Resolve{Targets: targets(after)}}, facts)
}

// settleOrder decides and commits. The caller holds the lock.
func (h *hall) settleOrder(before deployer.Deployment, o deployer.Order, facts deployer.Facts) (deployer.Deployment, error) {
	events, letters, err := deployer.Decide(before, o, facts)
	if err != nil {
		return before, err
	}
	c := deployer.Pack(before, o, events, letters)
	if len(events) > 0 || len(c.Sent) > 0 {
		h.Commit(c)
	}
	return c.After, nil
}

// work brings about what deployments want, one step of it a second.
func (h *hall) work(ctx context.Context, moved func(id string)) {
	for slackapi.Sleep(ctx, time.Second) {
		h.Mu.Lock()
		all := slices.Collect(maps.Values(h.All))
		h.Mu.Unlock()
		for _, d := range all {
			for _, w := range deployer.Next(d, h.Now()).Effects {
				var cmd deployer.Command = deployer.Settle{Key: w.Key, Outcome: deployer.Outcome{Result: deployer.OK}}
				switch w.Stage {
				case "":
					cmd = deployer.Intend{Key: w.Key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Target(w.Service()).Before}}
				case deployer.Intended:
					cmd = deployer.Act{Key: w.Key, Ref: "r"}
				}
				h.Mu.Lock()
				h.Reported[d.ID] = map[string]deployer.Progress{w.Key: {Total: 9, Updated: rand.IntN(9)}}
				h.Mu.Unlock()
				moved(d.ID)
				if _, err := h.decide(deployer.Order{Deployment: d.ID, Command: cmd}, nil); err != nil {
					h.T.Errorf("%T: %v", cmd, err)
				}
			}
		}
	}
}

// ended reports whether so many deployments are over and everything was said.
func (h *hall) ended(n int) bool {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	for _, d := range h.All {
		if !d.Status.Ended() {
			return false
		}
	}
	return len(h.All) == n && len(h.Letters) == 0
}

// started returns the deployment of a service, if there is one.
func (h *hall) started(service string) (deployer.Deployment, bool) {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	for _, d := range h.All {
		if d.Releases[0].Service == service {
			return d, true
		}
	}
	return deployer.Deployment{}, false
}

// A life is one process with a bot: its connections, and its way to the hall.
// When it dies, in the middle of any call, nothing of it reaches anything.
type life struct {
	*hall
	bot  *Bot
	wire *http.Transport

	mu    sync.Mutex
	dead  bool
	fuse  int  // calls until it dies; 0: it does not
	after bool // it dies after that call and before the answer
	conns []net.Conn
	died  chan struct{}
	stop  context.CancelFunc
	over  chan struct{} // Run has returned
}

// live starts a process.
func (h *hall) live(ctx context.Context, w *bottest.Wire) *life {
	l := &life{hall: h, wire: w.Transport(), died: make(chan struct{}), over: make(chan struct{})}
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
	p := bottest.Sop()
	p.Steps = slices.DeleteFunc(p.Steps, func(s deployer.Step) bool { return s.ID == "soak" })
	p.Steps[len(p.Steps)-1].Needs = []string{"pods"}
	cfg.Procedures = map[string]deployer.Procedure{"deployment": p}
	client := slackapi.New(localTokens[0], localTokens[1], bottest.WireURL+"/api/")
	client.HTTP.Transport = bottest.RoundTrip(l.roundTrip)
	l.bot = botOn(client, cfg, l, &cluster{}, tuning{})
	ctx, l.stop = context.WithCancel(ctx)
	go func() {
		defer close(l.over)
		if err := l.bot.Run(ctx); err != nil && !l.isDead() {
			h.T.Errorf("Run ended with %v", err)
		}
	}()
	return l
}

func (l *life) isDead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// light has the process die of one of the calls to come.
func (l *life) light(calls int, after bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fuse, l.after = calls, after
}

// kill ends the process as it is.
func (l *life) kill() {
	l.mu.Lock()
	if l.dead {
		l.mu.Unlock()
		return
	}
	l.dead = true
	l.mu.Unlock()
	l.cut()
	close(l.died)
	l.stop()
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

// call makes a call of the process, unless it dies of it.
func (l *life) call(do func() error) error {
	l.mu.Lock()
	dies := l.fuse == 1
	l.fuse = max(l.fuse-1, 0)
	dead, after := l.dead, l.after
	l.mu.Unlock()
	if !dead && dies && !after {
		l.kill()
		dead = true
	}
	if dead {
		return bottest.ErrDead
	}
	err := do()
	if dies {
		l.kill()
	}
	if l.isDead() {
		return bottest.ErrDead
	}
	return err
}

func (l *life) roundTrip(r *http.Request) (resp *http.Response, err error) {
	err = l.call(func() error { resp, err = l.wire.RoundTrip(r); return err })
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
	e := l.call(func() error { d, err = l.decide(o, roles); return err })
	return d, e
}

func (l *life) Load(ctx context.Context, id string) (d deployer.Deployment, err error) {
	e := l.call(func() error { d, err = l.Desk.Load(ctx, id); return err })
	return d, e
}

func (l *life) Messages(ctx context.Context, after string, limit int) (out []deployer.OutboxMessage, err error) {
	e := l.call(func() error { out, err = l.Desk.Messages(ctx, after, limit); return err })
	return out, e
}

func (l *life) Discard(ctx context.Context, x deployer.OutboxMessage) error {
	return l.call(func() error { return l.Desk.Discard(ctx, x) })
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
