// Package engine runs deployments: it is a level-triggered reconciler. A
// deployment that has something under way has a loop, which loads the state,
// asks [deployer.Next] what is wanted, starts what is missing, cancels what is
// surplus, and waits for a change, a time or the end. Resuming after a crash is
// the ordinary path.
//
// A deployment that only waits, for a person or for a time, costs no goroutine
// and is not in memory: one alarm holds its id and the time, looks at the wall
// clock at least every half minute, and begins its loop when it is due. At a
// start the journal tells these times, so that nothing is folded before it is
// needed. An order loads what it is about. One that waits after something was proven
// watches that meanwhile: it stays in memory, with a goroutine for its loop and one for
// each proof, and writes nothing while all stays as it was.
//
// How a repeat is made harmless is the kind's to say, and the engine's to see to:
// what can be found is looked for only when it has had the time to show since the
// end of the last call, by this process or by one before; what is to be done at
// most once is never tried again. Every such try is in the record before it is
// made. A child deployment is an effect like any other: it is looked for by its
// origin, begun by a start, and followed to its end.
//
// What is wrong with one deployment harms no other. A panic of a runner settles
// its effect as interrupted. A deployment that can't be read although the
// journal answers otherwise, whose next commit the journal refuses for good, or
// which meets a bug of this program, is put in quarantine until the next start:
// it is not run, it keeps its places, orders for it are refused, and
// [Engine.Quarantined] tells why. Only a journal that answers nothing ends
// [Engine.Run].
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

// Config is what an Engine works with. Journal, Resolver, Runners and People
// are required; Language where a procedure has conditions or texts to be filled; Launch
// where a step may run another procedure.
type Config struct {
	Journal  deployer.Journal
	Resolver deployer.Resolver
	Runners  map[string]deployer.Runner // by name, such as kubernetes.rollout
	People   deployer.People
	Members  deployer.Members // who is told directly; nil: nobody is known
	Language deployer.Language
	Launch   Launch                                                  // without it nothing of the kind run is started
	CardURL  func(context.Context, deployer.Deployment) string       // leads to the card of what was started; nil: nothing does
	Pager    deployer.Pager                                          // who is paged where nobody comes; nil: nobody is by a message of their own
	Policy   func(deployer.Site) deployer.Policy                     // who may do what there, as is configured now; nil: the procedures alone say
	Rules    func(deployer.Deployment, time.Time) []deployer.Verdict // what windows and freezes say of a deployment at a time, as is configured now; pure; nil: nothing
	Hold     func() string                                           // why nothing new may change what runs now, as a whole sentence; nil, or "": it may
	Store    string                                                  // the journal's own id, for the marks of what is done; none when empty
	Log      *slog.Logger                                            // nothing is logged when nil

	Progressed func(id string)  // called when the progress of a deployment has changed; must not block
	Settle     time.Duration    // how long something that was sent may still take effect; as long as a call may last, 30 s, when zero
	StopGrace  time.Duration    // how long a stopped effect is looked for before a person is asked; 1 min when zero
	Patience   time.Duration    // how long a system may not answer before a person is asked; 10 min when zero
	Retry      time.Duration    // the first pause after an error, doubled up to 50 times itself; what is held is tried again after ten times; 200 ms when zero
	Now        func() time.Time // the wall clock, which may be set back and forth; time.Now when nil
}

// An Engine takes orders and brings about what follows. Its methods are safe
// for concurrent use.
type Engine struct {
	Config
	fatal   chan error
	slots   chan struct{} // one for each deployment that the alarm has woken and that was not looked at yet
	limiter limiter
	turns   turns // of starts

	mu          sync.Mutex
	instances   map[string]*instance // those that run, or that somebody has an order for
	alarm       alarm
	quarantined map[string]*quarantine
	awaited     map[string]map[chan struct{}]bool // see await
	line        line                              // guards itself
	ctx         context.Context                   // of Run; nil before
	loops       sync.WaitGroup
}

// slotsMax bounds how many of those that are due are looked at at once: enough
// that a journal can put their commits together, and few enough that people's
// orders, which need no slot, have their turn.
const slotsMax = 128

// New makes an Engine. It does nothing by itself until Run.
func New(c Config) *Engine {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Progressed == nil {
		c.Progressed = func(string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Settle = orElse(c.Settle, actTimeout)
	c.StopGrace = orElse(c.StopGrace, time.Minute)
	c.Patience = orElse(c.Patience, 10*time.Minute)
	c.Retry = orElse(c.Retry, 200*time.Millisecond)
	e := &Engine{
		Config: c, fatal: make(chan error, 1), slots: make(chan struct{}, slotsMax),
		instances: map[string]*instance{}, alarm: newAlarm(), quarantined: map[string]*quarantine{},
		awaited: map[string]map[chan struct{}]bool{},
	}
	if e.Launch != nil {
		e.Runners = map[string]deployer.Runner{deployer.KindRun: childRunner{e}}
		maps.Copy(e.Runners, c.Runners)
	}
	return e
}

func orElse(d, other time.Duration) time.Duration {
	if d == 0 {
		return other
	}
	return d
}

// now is the time on the wall. It is compared with times from disk, so that it
// must follow every step of the clock.
func (e *Engine) now() time.Time { return e.Now().Round(0) }

// Run resumes every live deployment and runs until ctx ends, or until the
// journal can not be trusted any more, which is the error that it returns; the
// process must end then. It returns when everything it started has stopped.
// It may be called once.
func (e *Engine) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer e.loops.Wait()
	defer func() {
		e.mu.Lock() // nothing is begun after this
		defer e.mu.Unlock()
		cancel()
	}()
	wakeups, err := e.Journal.Wakeups(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list live deployments: %w", err)
	}
	e.mu.Lock()
	e.ctx = ctx
	e.remember(wakeups)
	e.loops.Go(func() { e.ring(ctx) })
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

// fail ends Run: nothing that is in memory can be trusted.
func (e *Engine) fail(err error) {
	select {
	case e.fatal <- err:
	default:
	}
}

// longestPause is how many times the first pause the longest is.
const longestPause = 50

// pause waits, doubling, up to the longest pause.
func (e *Engine) pause(ctx context.Context, n int) error {
	d := e.Retry << min(n, 6)
	t := time.NewTimer(min(d, longestPause*e.Retry))
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
	return errors.AsType[*deployer.Refusal](err)
}
