// Package engine runs deployments: it is a level-triggered reconciler with one
// goroutine for each live deployment, which loads the state, asks
// [deployer.Next] what is wanted, starts what is missing, cancels what is
// surplus, and waits for a change, a time or the end. Resuming after a crash
// is the ordinary path.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// Config is what an Engine works with. All fields but the last four are
// required.
type Config struct {
	Journal  deployer.Journal
	Resolver deployer.Resolver
	Runners  map[string]deployer.Runner // by name, such as kubernetes.rollout
	People   deployer.People
	Log      *slog.Logger

	Progressed func(id string) // called when the progress of a deployment has changed; must not block
	Settle     time.Duration   // how long something that was sent may still take effect; as long as a call may last, 30 s, when zero
	StopGrace  time.Duration   // how long a stopped effect is looked for before a person is asked; 1 min when zero
	Retry      time.Duration   // the first pause after an error, doubled up to 50 times itself; 200 ms when zero
}

// An Engine takes orders and brings about what follows. Its methods are safe
// for concurrent use.
type Engine struct {
	Config
	fatal chan error

	mu        sync.Mutex
	instances map[string]*instance
	ctx       context.Context // of Run; nil before
	loops     sync.WaitGroup
}

// New makes an Engine. It does nothing by itself until Run.
func New(c Config) *Engine {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Progressed == nil {
		c.Progressed = func(string) {}
	}
	c.Settle = orElse(c.Settle, actTimeout)
	c.StopGrace = orElse(c.StopGrace, time.Minute)
	c.Retry = orElse(c.Retry, 200*time.Millisecond)
	return &Engine{Config: c, fatal: make(chan error, 1), instances: map[string]*instance{}}
}

func orElse(d, other time.Duration) time.Duration {
	if d == 0 {
		return other
	}
	return d
}

// Run resumes every live deployment and runs until ctx ends, or until the
// journal can not be trusted any more, which is the error that it returns; the
// process must end then. It returns when everything it started has stopped.
// It may be called once.
func (e *Engine) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer e.loops.Wait()
	defer cancel()
	live, err := e.Journal.Live(ctx)
	if err != nil {
		return fmt.Errorf("list live deployments: %w", err)
	}
	e.mu.Lock()
	e.ctx = ctx
	for id := range e.instances { // started before Run
		live = append(live, id)
	}
	for _, id := range live {
		e.launch(id)
	}
	e.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil
	case err := <-e.fatal:
		return err
	}
}

// Progress is how far the effects under way have come, by their keys.
func (e *Engine) Progress(id string) map[string]deployer.Progress {
	e.mu.Lock()
	t := e.instances[id]
	e.mu.Unlock()
	if t == nil {
		return nil
	}
	t.pmu.Lock()
	defer t.pmu.Unlock()
	return maps.Clone(t.progress)
}

// instance returns the instance of a deployment.
func (e *Engine) instance(id string) *instance {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.instances[id]
	if t == nil {
		t = newInstance(e, id)
		e.instances[id] = t
	}
	return t
}

// drop forgets a deployment that has ended. While its loop runs, that does it.
func (e *Engine) drop(t *instance, loop bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.instances[t.id] == t && t.launched == loop {
		delete(e.instances, t.id)
	}
}

// launch starts the loop of a deployment, once. The caller holds e.mu.
func (e *Engine) launch(id string) {
	t := e.instances[id]
	if t == nil {
		t = newInstance(e, id)
		e.instances[id] = t
	}
	if e.ctx == nil || t.launched || e.ctx.Err() != nil {
		return
	}
	t.launched = true
	e.loops.Go(func() { t.loop(e.ctx) })
}

// fail ends Run: nothing that is in memory can be trusted.
func (e *Engine) fail(err error) {
	select {
	case e.fatal <- err:
	default:
	}
}

// pause waits, doubling, up to fifty times the first pause.
func (e *Engine) pause(ctx context.Context, n int) error {
	d := e.Retry << min(n, 5)
	t := time.NewTimer(min(d, 50*e.Retry))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// A refusal is for whoever reads it; everything else is the engine's trouble.
func refusal(err error) (*deployer.Refusal, bool) {
	var r *deployer.Refusal
	return r, errors.As(err, &r)
}
