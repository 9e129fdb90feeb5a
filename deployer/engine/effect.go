package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// actTimeout bounds one call that changes the world. It is not cancelled by
// anything but the end of the process, so that nobody is told that something
// was not done while the call is still on its way.
const actTimeout = 30 * time.Second

// An effectRun carries one effect from where it stands to its end.
type effectRun struct {
	*instance
	w      deployer.Wanted
	runner deployer.Runner
	fresh  bool      // the intent was committed by this run: nothing can have acted on it yet
	since  time.Time // when it began
}

// effect brings an effect to its end, if it is still wanted, or until ctx ends.
// The plan that asked for it may be older than the end of the run before, so
// the state on disk is asked again: no other run works on the same key.
func (t *instance) effect(ctx context.Context, key string) {
	w, ok := t.wanted(ctx, key)
	if !ok {
		return
	}
	defer t.hide(w.Key)
	d := &effectRun{instance: t, w: w, runner: t.e.runner(w.Runner, t.id), since: time.Now()}
	for n := 0; ; n++ {
		err := d.step(ctx)
		if conclusive(err) || ctx.Err() != nil {
			return
		}
		t.e.complain(slog.LevelWarn, "an effect is tried again", t.id+" "+w.Key, "deployment", t.id, "effect", w.Key, "stage", d.w.Stage, "err", err)
		t.show(w.Key, deployer.Progress{Note: err.Error()})
		if t.e.pause(ctx, n) != nil {
			return
		}
	}
}

func (t *instance) wanted(ctx context.Context, key string) (deployer.Wanted, bool) {
	d, err := t.load(ctx)
	if err != nil {
		return deployer.Wanted{}, false
	}
	for _, w := range deployer.Next(d, t.e.now()).Effects {
		if w.Key == key {
			return w, true
		}
	}
	return deployer.Wanted{}, false
}

// step goes on from the stage on disk. Any error means: look again.
func (d *effectRun) step(ctx context.Context) error {
	if d.w.Stage == "" {
		if err := d.intend(ctx); err != nil {
			return err
		}
	}
	if d.w.Stage == deployer.Intended {
		settled, err := d.reach(ctx)
		if err != nil || settled {
			return err
		}
	}
	if d.w.Halt != "" {
		return d.settle(ctx, deployer.Failed, d.w.Halt)
	}
	return d.follow(ctx)
}

// intend looks at what is there and commits the intent.
func (d *effectRun) intend(ctx context.Context) error {
	observation, err := d.runner.Look(ctx, d.w.Intent)
	if r, ok := refusal(err); ok {
		observation, err = deployer.Observation{Kind: deployer.ObservedUnknown, Why: r.Error()}, nil
	} else if err == nil && observation.Kind == deployer.ObservedUnknown {
		err = errors.New(observation.Why)
	}
	if err != nil {
		return err
	}
	now, err := d.order(ctx, deployer.Intend{Key: d.w.Key, Observation: observation})
	if err != nil {
		return err
	}
	e := now.Effect(d.w.Key)
	if e == nil || e.Stage != deployer.Intended {
		return deployer.ErrStale // an approval is asked for again, or a person decides
	}
	d.w.Stage, d.w.Intent.At, d.fresh = deployer.Intended, e.At, true
	if !d.w.Intent.Back {
		d.w.Intent.From = e.Before
	}
	return nil
}

// reach brings an intended effect to acted, or settles it.
func (d *effectRun) reach(ctx context.Context) (settled bool, err error) {
	if d.fresh && d.w.Halt == "" {
		d.fresh = false
		return d.act(ctx)
	}
	observation, err := d.runner.Look(ctx, d.w.Intent)
	if r, ok := refusal(err); ok {
		return true, d.settle(ctx, deployer.Interrupted, r.Error())
	}
	if err != nil || observation.Kind == deployer.ObservedUnknown {
		if d.w.Halt != "" && time.Since(d.since) > d.e.StopGrace {
			return true, d.settle(ctx, deployer.Interrupted, "It can not be told how far it came: "+reason(observation, err))
		}
		return false, errors.New(reason(observation, err))
	}
	switch observation.Kind {
	case deployer.ObservedPresent:
		if observation.PausedByUs && d.w.Halt == "" && !d.w.LookOnly {
			return d.act(ctx) // a retry that died before it let the rollout go on
		}
		return false, d.acted(ctx, observation.Ref)
	case deployer.ObservedSuperseded:
		return true, d.settle(ctx, deployer.Interrupted, observation.Why)
	}
	return d.absent(ctx)
}

func reason(s deployer.Observation, err error) string {
	if err != nil {
		return err.Error()
	}
	return s.Why
}

// absent is what to do about an intended effect that is not there. To act is
// safe, since acting is conditional; to say that it will never take place is
// safe only when nothing can be on its way any more.
func (d *effectRun) absent(ctx context.Context) (settled bool, err error) {
	if d.w.Halt == "" && !d.w.LookOnly {
		return d.act(ctx)
	}
	// The last request was sent before this run began, by another run or by
	// another process.
	if left := time.Until(d.since.Add(d.e.Settle)); left > 0 {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(left):
			return false, errors.New("it is not there yet")
		}
	}
	why := d.w.Halt
	if why == "" {
		why = "It was not done."
	}
	return true, d.settle(ctx, deployer.Absent, why)
}

func (d *effectRun) act(ctx context.Context) (settled bool, err error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), actTimeout)
	defer cancel()
	ref, err := d.runner.Act(call, d.w.Intent)
	if r, ok := refusal(err); ok {
		return true, d.settle(ctx, deployer.Absent, r.Error())
	}
	if b, ok := errors.AsType[*runnerBug](err); ok {
		return true, d.settle(ctx, deployer.Interrupted, b.Error())
	}
	if err != nil {
		return false, err
	}
	return false, d.acted(ctx, ref)
}

func (d *effectRun) acted(ctx context.Context, ref string) error {
	if _, err := d.order(ctx, deployer.Act{Key: d.w.Key, Ref: ref}); err != nil {
		return err
	}
	d.w.Stage, d.w.Ref = deployer.Acted, ref
	return nil
}

func (d *effectRun) follow(ctx context.Context) error {
	out, err := d.runner.Follow(ctx, d.w.Intent, d.w.Ref, func(p deployer.Progress) { d.show(d.w.Key, p) })
	if r, ok := refusal(err); ok {
		out, err = deployer.Outcome{Result: deployer.Failed, Why: r.Error()}, nil
	}
	if err != nil {
		return err
	}
	_, err = d.order(ctx, deployer.Settle{Key: d.w.Key, Outcome: out})
	return err
}

func (d *effectRun) settle(ctx context.Context, result deployer.Result, why string) error {
	_, err := d.order(ctx, deployer.Settle{Key: d.w.Key, Outcome: deployer.Outcome{Result: result, Why: why}})
	return err
}
