package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// follow watches to the end. A runner may watch without a word for as long as
// its system takes, and for as long as that is gone: where it tells nothing new,
// the system is looked at, and one that does not answer is followed no further.
func (d *effectRun) follow(ctx context.Context) error {
	began := time.Now()
	watched, stop := d.guardFollow(ctx)
	defer stop()
	out, err := d.runner.Follow(watched, d.w.Intent, d.w.Ref, func(p deployer.Progress) { d.progressed(ctx, p) })
	lost, gone := errors.AsType[*unanswered](context.Cause(watched))
	switch {
	case gone && err != nil && ctx.Err() == nil:
		d.failing = lost.since
		return lost
	case time.Since(began) > longestPause*d.e.Retry:
		d.failing = time.Time{} // it was followed well until now
	}
	if r, ok := refusal(err); ok {
		out, err = deployer.Outcome{Result: deployer.Failed, Why: r.Error()}, nil
	}
	if err != nil {
		return err
	}
	_, err = d.order(ctx, deployer.Settle{Key: d.w.Key, Outcome: out})
	return err
}

// An unanswered look says since when a system does not answer.
type unanswered struct {
	since time.Time
	why   string
}

func (s *unanswered) Error() string { return s.why }

// guardFollow ends its context when the system has answered no look for longer
// than the engine's patience, and nothing new was told meanwhile.
func (d *effectRun) guardFollow(ctx context.Context) (context.Context, func()) {
	watched, cancel := context.WithCancelCause(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		if s := d.listen(watched); s != nil {
			cancel(s)
		}
	}()
	return watched, func() { cancel(nil); <-over }
}

// listen returns when a system has been silent for too long, or nil when ctx
// ends.
func (d *effectRun) listen(ctx context.Context) *unanswered {
	tick := time.NewTicker(d.e.Patience / 2)
	defer tick.Stop()
	var since time.Time
	for told := d.told.Load(); ; told = d.told.Load() {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := d.answers(ctx)
		switch {
		case err == nil || d.told.Load() != told:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		case time.Since(since) > d.e.Patience:
			return &unanswered{since, err.Error()}
		}
	}
}

// answers looks once, and reports why the system can't be looked at.
func (d *effectRun) answers(ctx context.Context) error {
	look, cancel := context.WithTimeout(ctx, actTimeout)
	defer cancel()
	observation, err := d.runner.Look(look, d.w.Intent)
	if _, ok := refusal(err); err == nil && observation.Kind == deployer.ObservedUnknown {
		return fmt.Errorf("look at it: %s", observation.Why)
	} else if ok {
		return nil // it has answered
	}
	return err
}

// progressed shows how far it is, and has a person asked where it waits for one.
func (d *effectRun) progressed(ctx context.Context, p deployer.Progress) {
	if p != d.shown { // the same again may be said of a system that is gone
		d.failing, d.shown = time.Time{}, p
		d.told.Add(1)
	}
	d.show(d.w.Key, p)
	if p.Gate.ID == "" {
		return
	}
	if _, err := d.order(ctx, deployer.OpenGate{Key: d.w.Key, Gate: p.Gate}); !conclusive(err) {
		d.e.complain(slog.LevelWarn, "a question can't be asked yet", d.id+" "+d.w.Key, "deployment", d.id, "effect", d.w.Key, "err", err)
	}
}

// lastLook settles what is to be followed no further: by how it ended, if that
// shows at once, and else as failed.
func (d *effectRun) lastLook(ctx context.Context) error {
	observation, err := d.runner.Look(ctx, d.w.Intent)
	switch {
	case err != nil:
		if r, ok := refusal(err); ok {
			return d.settle(ctx, deployer.Interrupted, r.Error())
		}
		return err
	case observation.Kind == deployer.ObservedUnknown:
		return errors.New(observation.Why)
	case observation.Kind == deployer.ObservedSuperseded:
		return d.settle(ctx, deployer.Interrupted, observation.Why)
	}
	brief, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	out, err := d.runner.Follow(brief, d.w.Intent, d.w.Ref, func(deployer.Progress) {})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return d.settle(ctx, deployer.Failed, strings.TrimSpace(d.w.Halt+" "+observation.Why))
	}
	_, err = d.order(ctx, deployer.Settle{Key: d.w.Key, Outcome: out})
	return err
}
