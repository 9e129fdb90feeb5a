package engine

import (
	"context"

	"github.com/stationmaster/stationmaster/deployer"
)

// A job is an effect, the resolving, or something that is watched, under way.
type job struct {
	cancel context.CancelFunc
	done   chan struct{}
	task   task
}

// A task is what a job is at. One that is at another is cancelled, and the next is
// begun when it has let go: what is shown of a key is always one job's.
type task struct {
	what    string
	attempt int
}

// What a job of an effect can be at.
const (
	following    = "follow"
	halting      = "halt"
	watching     = "watch"
	lookingAgain = "look again"
)

// reconcile starts what is missing and cancels what is surplus.
func (t *instance) reconcile(ctx context.Context, jobs map[string]*job, plan deployer.Plan) {
	wanted := map[string]bool{}
	if plan.Resolve {
		wanted[""] = true
		t.ensure(ctx, jobs, "", task{}, t.resolve)
	}
	for _, w := range plan.Effects {
		wanted[w.Key] = true
		what := following
		if w.Halt != "" {
			what = halting
		}
		t.ensure(ctx, jobs, w.Key, task{what, w.Intent.Attempt}, func(ctx context.Context) { t.effect(ctx, w.Key) })
	}
	for _, w := range plan.Watches {
		wanted[w.Key] = true
		what := watching
		if w.Now {
			what = lookingAgain
		}
		t.ensure(ctx, jobs, w.Key, task{what, w.Intent.Attempt}, func(ctx context.Context) { t.watch(ctx, w) })
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

func (t *instance) ensure(ctx context.Context, jobs map[string]*job, key string, at task, work func(context.Context)) {
	if j := jobs[key]; j != nil {
		if j.task != at {
			j.cancel()
		}
		if !j.over() {
			return
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	j := &job{cancel: cancel, done: make(chan struct{}), task: at}
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
