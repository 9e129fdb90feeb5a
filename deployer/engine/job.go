package engine

import (
	"context"

	"github.com/stationmaster/stationmaster/deployer"
)

// A job is an effect, the resolving, or something that is watched, under way.
type job struct {
	cancel context.CancelFunc
	done   chan struct{}
	halt   bool
	at     int // the attempt
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
	for _, c := range plan.Asks {
		wanted["when "+c.Step] = true
		t.ensure(ctx, jobs, "when "+c.Step, false, 0, func(ctx context.Context) { t.evaluate(ctx, c) })
	}
	for _, w := range plan.Watches {
		wanted["watch "+w.Key] = true
		t.ensure(ctx, jobs, "watch "+w.Key, w.Now, w.Intent.Attempt, func(ctx context.Context) { t.watch(ctx, w) })
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
		if err := guard(func() error { work(ctx); return nil }); t.e.logBug("carry out "+key, t.id, err) {
			t.e.isolate(broken(t.id))
		}
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
