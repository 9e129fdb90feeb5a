package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// actTimeout bounds one call that changes the world. It is not cancelled by
// anything but the end of the process, so that nobody is told that something
// was not done while the call is still on its way.
const actTimeout = 30 * time.Second

// lookWithin bounds the last look at what was stopped.
const lookWithin = 2 * time.Second

// An effectRun carries one effect from where it stands to its end.
type effectRun struct {
	*instance
	w       deployer.Wanted
	runner  deployer.Runner
	fresh   bool              // it may act without another look: the intent was committed by this run, and what is there is not done, or a repeat is refused
	sent    time.Time         // when a request was on its way at the latest: by this run, or before it began by another run or process
	shown   deployer.Progress // the last that was told
	told    atomic.Int64      // how often something else was told
	failing time.Time         // since when its system does not do what it is asked; zero: it does
}

// A wait is no failure: it is looked again after that time.
type wait struct {
	time.Duration
	why string
}

func (w wait) Error() string { return w.why }

// effect brings an effect to its end, if it is still wanted, or until ctx ends.
// The plan that asked for it may be older than the end of the run before, so
// the state on disk is asked again: no other run works on the same key.
func (t *instance) effect(ctx context.Context, key string) {
	w, ok := t.wanted(ctx, key)
	if !ok {
		return
	}
	defer t.hide(w.Key)
	d := &effectRun{instance: t, w: w, runner: t.e.runner(w.Runner, t.id), sent: time.Now()}
	for n := 0; ; n++ {
		err := d.step(ctx)
		if err != nil && !conclusive(err) && ctx.Err() == nil && d.outOfPatience(err) {
			err = d.giveUp(ctx, err)
		}
		if conclusive(err) || ctx.Err() != nil || d.again(ctx, err, n) != nil {
			return
		}
	}
}

// again waits before the next try.
func (d *effectRun) again(ctx context.Context, err error, n int) error {
	if w, ok := errors.AsType[wait](err); ok {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(w.Duration):
			return nil
		}
	}
	d.e.complain(slog.LevelWarn, "an effect is tried again", d.id+" "+d.w.Key, "deployment", d.id, "effect", d.w.Key, "stage", d.w.Stage, "err", err)
	d.show(d.w.Key, deployer.Progress{Note: err.Error()})
	return d.e.pause(ctx, n)
}

// outOfPatience reports whether a system has not answered for so long that a
// person is asked. Whoever stops a deployment, or waits until what failed is
// held, waits less.
func (d *effectRun) outOfPatience(err error) bool {
	if _, ok := errors.AsType[wait](err); ok {
		return false
	}
	if d.failing.IsZero() {
		d.failing = time.Now()
	}
	patience := d.e.Patience
	if d.w.Halt != "" || d.w.Verb == deployer.VerbPause {
		patience = d.e.StopGrace
	}
	return time.Since(d.failing) > patience
}

// giveUp has a person asked.
func (d *effectRun) giveUp(ctx context.Context, err error) error {
	why := "It can not be told how far it came: " + err.Error()
	if d.w.Stage == "" {
		_, err = d.order(ctx, deployer.Intend{Key: d.w.Key, Observation: deployer.Observation{Kind: deployer.ObservedUnknown, Why: why}})
		return err
	}
	return d.settle(ctx, deployer.Interrupted, why)
}

func (t *instance) wanted(ctx context.Context, key string) (deployer.Wanted, bool) {
	d, err := t.load(ctx)
	if err != nil {
		return deployer.Wanted{}, false
	}
	for _, w := range deployer.Next(d, t.e.nowOf(d)).Effects {
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
		return d.lastLook(ctx)
	}
	return d.follow(ctx)
}

// intend looks at what is there and commits the intent.
func (d *effectRun) intend(ctx context.Context) error {
	if left := d.unclear(); left > 0 {
		return wait{left, "what was sent before may still show"}
	}
	observation, err := d.runner.Look(ctx, d.w.Intent)
	if r, ok := refusal(err); ok {
		observation, err = deployer.Observation{Kind: deployer.ObservedUnknown, Why: r.Error()}, nil
	} else if err == nil && observation.Kind == deployer.ObservedUnknown {
		err = errors.New(observation.Why)
	}
	if err != nil {
		return err
	}
	d.failing = time.Time{}
	now, err := d.order(ctx, deployer.Intend{Key: d.w.Key, Observation: observation})
	if err != nil && !errors.Is(err, deployer.ErrHeld) {
		return err
	}
	e := now.Effect(d.w.Key)
	switch s := now.Step(d.w.Intent.Step); {
	case e != nil && e.Stage == deployer.Intended:
	case s != nil && s.Held.Rule != "": // it is wanted again when the rule is asked again
		return deployer.ErrStale
	case s != nil && s.Held.Why != "":
		return wait{10 * d.e.Retry, s.Held.Why}
	default:
		return deployer.ErrStale // an approval is asked for again, or a person decides
	}
	d.w.Stage, d.w.Intent.At, d.w.Sent = deployer.Intended, e.At, nil
	d.fresh = observation.Kind != deployer.ObservedPresent || d.w.Repeat == deployer.RepeatConditional
	if !d.w.Intent.Back {
		d.w.Intent.From = e.Before
	}
	return nil
}

func (d *effectRun) settle(ctx context.Context, result deployer.Result, why string) error {
	_, err := d.order(ctx, deployer.Settle{Key: d.w.Key, Outcome: deployer.Outcome{Result: result, Why: why}})
	return err
}
