package engine

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// An instance is one deployment in memory.
type instance struct {
	e       *Engine
	id      string
	users   int  // its loop and orders; without any it is forgotten; guarded by e.mu
	running bool // the loop runs; guarded by e.mu
	woken   chan struct{}

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

// loop runs the deployment until it sleeps, ends or is put in quarantine, or
// ctx ends. It calls looked, perhaps several times, as soon as it knows what is
// under way.
func (t *instance) loop(ctx context.Context, looked func()) {
	looked = sync.OnceFunc(looked)
	jobs := map[string]*job{}
	asleep := false
	err := guard(func() (err error) {
		asleep, err = t.reconcileUntilRest(ctx, jobs, looked)
		return err
	})
	looked()
	switch {
	case t.e.logBug("run", t.id, err):
		t.e.isolate(broken(t.id))
	case errors.Is(err, deployer.ErrNotFound):
		t.e.isolate(missing(t.id))
	}
	for _, j := range jobs {
		j.cancel()
	}
	for _, j := range jobs {
		<-j.done
	}
	if !asleep {
		t.e.end(t)
	}
}

// reconcileUntilRest reports whether it has put the deployment to sleep, with
// no job left.
func (t *instance) reconcileUntilRest(ctx context.Context, jobs map[string]*job, looked func()) (asleep bool, err error) {
	asked := false // the rules, which may be others than they were when a loop before asked them
	for failures := 0; ctx.Err() == nil; {
		d, err := t.load(ctx)
		if err != nil || !deployer.Lives(d) {
			return false, err
		}
		plan := deployer.Next(d, t.e.nowOf(d))
		if s := d.HeldByRule(); s != nil && !asked {
			plan.Due = append(plan.Due, deployer.Reconsider{Step: s.ID})
		}
		t.reconcile(ctx, jobs, plan)
		err = t.due(ctx, d, plan.Due)
		asked = err == nil
		looked()
		switch {
		case err != nil:
			_ = t.e.pause(ctx, failures)
			failures++
		case len(plan.Due) > 0:
			failures = 0 // what follows is planned at once
		case len(jobs) > 0:
			t.rest(ctx, plan.Wake)
		case t.e.sleep(t, plan.Wake):
			return true, nil
		}
	}
	return false, nil
}

func (t *instance) load(ctx context.Context) (deployer.Deployment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state(ctx)
}

// due carries out timers that have run out.
func (t *instance) due(ctx context.Context, d deployer.Deployment, due []deployer.Command) (failed error) {
	for _, c := range due {
		if _, err := t.order(ctx, t.paging(d, c)); !conclusive(err) && ctx.Err() == nil {
			t.e.complain(slog.LevelError, "a timer could not be carried out", t.id, "deployment", t.id, "err", err)
			failed = err
		}
	}
	return failed
}

// paging says with the order who is on call now, where it pages somebody.
func (t *instance) paging(d deployer.Deployment, c deployer.Command) deployer.Command {
	e, ok := c.(deployer.EscalateTo)
	if !ok || e.Level != deployer.LevelPage || t.e.Pager == nil || d.Drill.On { // nobody is got out of bed by a drill
		return c
	}
	for _, q := range deployer.AllAwaiting(d) {
		if q.Step != e.Step {
			continue
		}
		for _, role := range deployer.Paged(d, q) {
			for _, p := range t.e.Pager.OnCall(role) {
				if !slices.ContainsFunc(e.People, func(other deployer.Actor) bool { return other.ID == p.ID }) {
					e.People = append(e.People, p)
				}
			}
		}
	}
	return e
}

// rest waits for a change, or for a time, or until the clock is to be looked at
// again.
func (t *instance) rest(ctx context.Context, until time.Time) {
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(t.e.until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-ctx.Done():
	case <-t.woken:
	case <-alarm:
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
