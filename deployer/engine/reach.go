package engine

import (
	"context"
	"errors"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// unclear is how long what an attempt before has sent may still need to show: a
// person may have it retried before that.
func (d *effectRun) unclear() time.Duration {
	n := len(d.w.Sent)
	if d.w.Repeat != deployer.RepeatFindable || n == 0 {
		return 0
	}
	most := actTimeout + d.e.Settle // the call has ended that long after its try at the latest
	return min(most, most-d.e.now().Sub(d.w.Sent[n-1].Round(0)))
}

// reach brings an intended effect to acted, or settles it.
func (d *effectRun) reach(ctx context.Context) (settled bool, err error) {
	if w, ok := d.wanted(ctx, d.w.Key); ok { // somebody may have taken over since, or handed back
		d.w.Held = w.Held
	}
	if d.fresh && d.w.Halt == "" && d.w.Held == "" {
		d.fresh = false
		return d.act(ctx)
	}
	d.fresh = false
	observation, err := d.runner.Look(ctx, d.w.Intent)
	if r, ok := refusal(err); ok {
		return true, d.settle(ctx, deployer.Interrupted, r.Error())
	}
	if err != nil || observation.Kind == deployer.ObservedUnknown {
		return false, errors.New(reason(observation, err))
	}
	switch observation.Kind {
	case deployer.ObservedPresent:
		d.failing = time.Time{}
		if observation.PausedByUs && d.w.Halt == "" && !d.w.LookOnly {
			if d.w.Held != "" {
				return false, d.heldBack()
			}
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

// absent is what to do about an intended effect that is not there: act, where a
// repeat is harmless by now, or say that it will never take place, which is safe
// only when nothing can be on its way any more.
func (d *effectRun) absent(ctx context.Context) (settled bool, err error) {
	halted := d.w.Halt != "" || d.w.LookOnly
	switch {
	case !halted && d.w.Held != "":
		return false, d.heldBack()
	case !halted && d.w.Repeat == deployer.RepeatAtMostOnce && len(d.w.Sent) > 0:
		return true, d.settle(ctx, deployer.Interrupted, "It was tried once, and nobody can tell whether it was done.")
	case !halted && (d.w.Repeat != deployer.RepeatFindable || len(d.w.Sent) == 0):
		return d.act(ctx)
	}
	if left := d.e.Settle - time.Since(d.sent); left > 0 {
		return false, wait{left, "it is not there yet"}
	}
	if !halted {
		return d.act(ctx)
	}
	why := d.w.Halt
	if why == "" {
		why = "It was not done."
	}
	return true, d.settle(ctx, deployer.Absent, why)
}

// heldBack waits until it may act again.
func (d *effectRun) heldBack() error { return wait{10 * d.e.Retry, d.w.Held} }

func (d *effectRun) act(ctx context.Context) (settled bool, err error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err := d.try(ctx); err != nil {
		return false, err
	}
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), actTimeout)
	defer cancel()
	ref, err := d.runner.Act(call, d.w.Intent)
	d.sent = time.Now()
	if r, ok := refusal(err); ok {
		_, err := d.order(ctx, deployer.Settle{Key: d.w.Key, Outcome: deployer.Outcome{Result: deployer.Absent, Kind: deployer.FaultRefused, Why: r.Error()}})
		return true, err
	}
	if b, ok := errors.AsType[*runnerBug](err); ok {
		return true, d.settle(ctx, deployer.Interrupted, b.Error())
	}
	if err != nil {
		return false, err
	}
	d.failing = time.Time{}
	return false, d.acted(ctx, ref)
}

// try writes down that it is about to be tried, where a repeat is not harmless
// by itself.
func (d *effectRun) try(ctx context.Context) error {
	if d.w.Repeat != deployer.RepeatFindable && d.w.Repeat != deployer.RepeatAtMostOnce {
		return nil
	}
	now, err := d.order(ctx, deployer.Try{Key: d.w.Key})
	if err != nil {
		return err
	}
	if e := now.Effect(d.w.Key); e != nil {
		d.w.Sent = e.Sent
	}
	return nil
}

func (d *effectRun) acted(ctx context.Context, ref string) error {
	if _, err := d.order(ctx, deployer.Act{Key: d.w.Key, Ref: ref}); err != nil {
		return err
	}
	d.w.Stage, d.w.Ref = deployer.Acted, ref
	return nil
}
