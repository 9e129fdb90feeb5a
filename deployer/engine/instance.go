package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// An instance is one deployment in memory.
type instance struct {
	e        *Engine
	id       string
	launched bool // the loop runs; guarded by e.mu
	woken    chan struct{}

	mu sync.Mutex           // held over decide and commit
	d  *deployer.Deployment // nil: not loaded, or not to be trusted

	pmu      sync.Mutex
	progress map[string]deployer.Progress
}

func newInstance(e *Engine, id string) *instance {
	return &instance{e: e, id: id, woken: make(chan struct{}, 1), progress: map[string]deployer.Progress{}}
}

// wake makes the loop plan again.
func (t *instance) wake() {
	select {
	case t.woken <- struct{}{}:
	default:
	}
}

// A job is an effect, or the resolving, under way.
type job struct {
	cancel context.CancelFunc
	done   chan struct{}
	halt   bool
	at     int // the attempt
}

// loop reconciles until the deployment ends or ctx does.
func (t *instance) loop(ctx context.Context) {
	jobs := map[string]*job{}
	defer func() {
		for _, j := range jobs {
			j.cancel()
		}
		for _, j := range jobs {
			<-j.done
		}
		t.e.drop(t, true)
	}()
	for ctx.Err() == nil {
		d, err := t.load(ctx)
		if err != nil || d.Status.Ended() {
			return
		}
		plan := deployer.Next(d, time.Now())
		t.reconcile(ctx, jobs, plan)
		if t.due(ctx, plan.Due) {
			continue
		}
		t.rest(ctx, plan.Wake)
	}
}

func (t *instance) load(ctx context.Context) (deployer.Deployment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state(ctx)
}

// due carries out timers that have run out and reports whether there were any.
func (t *instance) due(ctx context.Context, due []deployer.Command) bool {
	for _, c := range due {
		if err := t.order(ctx, c); err != nil && !errors.Is(err, deployer.ErrStale) && ctx.Err() == nil {
			t.e.Log.Error("a timer could not be carried out", "deployment", t.id, "err", err)
			_ = t.e.pause(ctx, 0)
		}
	}
	return len(due) > 0
}

// rest waits for a change or a time.
func (t *instance) rest(ctx context.Context, until time.Time) {
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-ctx.Done():
	case <-t.woken:
	case <-alarm:
	}
}

// order gives an order of the engine. What has happened is written down even
// if nobody waits for it any more.
func (t *instance) order(ctx context.Context, c deployer.Command) error {
	_, err := t.do(context.WithoutCancel(ctx), deployer.Order{Deployment: t.id, Command: c}, deployer.Facts{Now: time.Now()})
	return err
}

// reconcile starts what is missing and cancels what is surplus. An effect that
// is to be halted is one that follows no longer: it is cancelled, and begun
// again as a halted one when it has let go.
func (t *instance) reconcile(ctx context.Context, jobs map[string]*job, plan deployer.Plan) {
	wanted := map[string]bool{}
	if plan.Resolve {
		wanted[""] = true
		t.ensure(ctx, jobs, "", false, 0, t.resolve)
	}
	for _, w := range plan.Effects {
		wanted[w.Key] = true
		t.ensure(ctx, jobs, w.Key, w.Halt != "", w.Intent.Attempt, func(ctx context.Context) { t.effect(ctx, w.Key) })
	}
	for key, j := range jobs {
		if !wanted[key] {
			j.cancel()
			if j.over() {
				delete(jobs, key)
			}
		}
	}
}

func (t *instance) ensure(ctx context.Context, jobs map[string]*job, key string, halt bool, attempt int, work func(context.Context)) {
	if j := jobs[key]; j != nil {
		if j.halt != halt || j.at != attempt {
			j.cancel()
		}
		if !j.over() {
			return
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	j := &job{cancel: cancel, done: make(chan struct{}), halt: halt, at: attempt}
	jobs[key] = j
	go func() {
		defer t.wake()
		defer close(j.done)
		defer cancel()
		work(ctx)
	}()
}

func (j *job) over() bool {
	select {
	case <-j.done:
		return true
	default:
		return false
	}
}

// show keeps progress in memory and tells whoever draws it.
func (t *instance) show(key string, p deployer.Progress) {
	t.pmu.Lock()
	same := t.progress[key] == p
	t.progress[key] = p
	t.pmu.Unlock()
	if !same {
		t.e.Progressed(t.id)
	}
}

func (t *instance) hide(key string) {
	t.pmu.Lock()
	delete(t.progress, key)
	t.pmu.Unlock()
}

// resolve finds out what the words mean. It only reads, so that it is simply
// done again after a crash.
func (t *instance) resolve(ctx context.Context) {
	began := time.Now()
	for n := 0; ; n++ {
		d, err := t.load(ctx)
		if err != nil {
			return
		}
		targets, err := t.e.Resolver.Resolve(ctx, d)
		r, refused := refusal(err)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			err = t.order(ctx, deployer.Resolve{Targets: targets})
		case refused:
			err = t.order(ctx, deployer.RejectStart{Refusal: *r})
		case time.Since(began) > t.e.StopGrace/2:
			err = t.order(ctx, deployer.RejectStart{Refusal: *deployer.Refuse("Nothing was touched. Try again when it answers.", "It could not be looked up: %v.", err)})
		}
		if err == nil || errors.Is(err, deployer.ErrStale) {
			return
		}
		t.e.Log.Warn("resolving goes on", "deployment", t.id, "err", err)
		if t.e.pause(ctx, n) != nil {
			return
		}
	}
}
