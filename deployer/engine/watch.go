package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// watch has the outcome of a settled effect watched until it is not so any more, or
// looked at once more where something rests on it. It only reads, so that it is
// simply begun again after a crash.
func (t *instance) watch(ctx context.Context, w deployer.Watch) {
	defer t.hide(w.Key)
	runner := t.e.runner(w.Runner, t.id)
	var failing time.Time
	for n := 0; ctx.Err() == nil; n++ {
		out, err := t.seen(ctx, runner, w)
		if lost, gone := errors.AsType[*unanswered](err); gone {
			failing = lost.since
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			failing = time.Time{}
		case failing.IsZero():
			failing = time.Now()
		case w.Now && time.Since(failing) > t.e.Patience:
			out, err = deployer.Outcome{Result: deployer.Interrupted, Why: "Whether it is so still can not be told: " + err.Error()}, nil
		}
		if err == nil {
			_, err = t.order(ctx, deployer.Recheck{Key: w.Key, Outcome: out})
			if conclusive(err) && (w.Now || !errors.Is(err, deployer.ErrStale)) {
				return
			}
		}
		if err != nil && !conclusive(err) {
			t.e.complain(slog.LevelWarn, "what was settled can't be watched", t.id+" "+w.Key, "deployment", t.id, "effect", w.Key, "err", err)
			t.show(w.Key, deployer.Progress{Note: err.Error()})
		}
		if t.e.pause(ctx, n) != nil {
			return
		}
	}
}

// seen is how the effect stands, once that is to be told. A runner that looks once more
// may say nothing for as long as its system is gone, so that it is looked at meanwhile.
func (t *instance) seen(ctx context.Context, runner guarded, w deployer.Watch) (deployer.Outcome, error) {
	if !w.Now {
		return runner.Watch(ctx, w.Intent, w.Ref, w.Known, func(p deployer.Progress) { t.show(w.Key, p) })
	}
	d := &effectRun{instance: t, w: deployer.Wanted{Intent: w.Intent, Key: w.Key}, runner: runner}
	watched, stop := d.guardFollow(ctx)
	defer stop()
	out, err := runner.Recheck(watched, w.Intent, w.Ref, w.Known)
	if lost, gone := errors.AsType[*unanswered](context.Cause(watched)); gone && err != nil {
		err = lost
	}
	return out, err
}
