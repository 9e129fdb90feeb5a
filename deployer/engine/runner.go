package engine

import (
	"context"
	"errors"

	"github.com/stationmaster/stationmaster/deployer"
)

// runner returns the runner of that name, for an effect of a deployment.
func (e *Engine) runner(name, id string) guarded {
	r := e.Runners[name]
	if r == nil {
		r = absentRunner(name)
	}
	return guarded{e, r, name, id}
}

// A guarded runner survives a panic of the one within. Nobody knows what that
// has done by then, so that its effect is interrupted and a person decides.
type guarded struct {
	e      *Engine
	runner deployer.Runner
	name   string
	id     string // of the deployment
}

// A runnerBug says, for people, that a runner has panicked.
type runnerBug struct{ name string }

func (b *runnerBug) Error() string {
	return "It can not be told how far it came: " + b.name + " met a bug of this program, which the log tells more of."
}

func (g guarded) guard(doing string, work func() error) error {
	err := guard(work)
	if g.e.logBug(doing+" by "+g.name, g.id, err) {
		return &runnerBug{g.name}
	}
	return err
}

// Look answers a panic with a refusal: what is refused is interrupted.
func (g guarded) Look(ctx context.Context, in deployer.Intent) (o deployer.Observation, err error) {
	err = g.guard("look", func() error { o, err = g.runner.Look(ctx, in); return err })
	if b, ok := errors.AsType[*runnerBug](err); ok {
		err = &deployer.Refusal{Why: b.Error()}
	}
	return o, err
}

// Act answers a panic with a *runnerBug: a refusal would say that nothing was
// done.
func (g guarded) Act(ctx context.Context, in deployer.Intent) (ref string, err error) {
	err = g.guard("act", func() error { ref, err = g.runner.Act(ctx, in); return err })
	return ref, err
}

func (g guarded) Follow(ctx context.Context, in deployer.Intent, ref string, show func(deployer.Progress)) (out deployer.Outcome, err error) {
	err = g.guard("follow", func() error { out, err = g.runner.Follow(ctx, in, ref, show); return err })
	if b, ok := errors.AsType[*runnerBug](err); ok {
		out, err = deployer.Outcome{Result: deployer.Interrupted, Why: b.Error()}, nil
	}
	return out, err
}

// Recheck has a runner that is no Watcher look from the beginning.
func (g guarded) Recheck(ctx context.Context, in deployer.Intent, ref string, known deployer.Outcome) (out deployer.Outcome, err error) {
	return g.judged("look again", func() error {
		if w, ok := g.runner.(deployer.Watcher); ok {
			out, err = w.Recheck(ctx, in, ref, known)
			return err
		}
		out, err = g.runner.Follow(ctx, in, ref, func(deployer.Progress) {})
		return err
	}, &out)
}

// Watch has a runner that is no Watcher see nothing.
func (g guarded) Watch(ctx context.Context, in deployer.Intent, ref string, known deployer.Outcome, show func(deployer.Progress)) (out deployer.Outcome, err error) {
	return g.judged("watch", func() error {
		w, ok := g.runner.(deployer.Watcher)
		if !ok {
			<-ctx.Done()
			return ctx.Err()
		}
		out, err = w.Watch(ctx, in, ref, known, show)
		return err
	}, &out)
}

// judged answers a panic of what only reads with an outcome that a person decides
// on, and so a refusal.
func (g guarded) judged(doing string, work func() error, out *deployer.Outcome) (deployer.Outcome, error) {
	err := g.guard(doing, work)
	if b, ok := errors.AsType[*runnerBug](err); ok {
		return deployer.Outcome{Result: deployer.Interrupted, Why: b.Error()}, nil
	}
	if r, ok := refusal(err); ok {
		return deployer.Outcome{Result: deployer.Interrupted, Why: r.Error()}, nil
	}
	return *out, err
}

// absentRunner stands for a runner that the config no longer has: nothing can be
// told, so that a person decides.
type absentRunner string

func (a absentRunner) refuse() *deployer.Refusal {
	return deployer.Refuse("Put it back into the config, or stop.", "This process has no %s.", string(a))
}

func (a absentRunner) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{}, a.refuse()
}

func (a absentRunner) Act(context.Context, deployer.Intent) (string, error) { return "", a.refuse() }

func (a absentRunner) Follow(context.Context, deployer.Intent, string, func(deployer.Progress)) (deployer.Outcome, error) {
	return deployer.Outcome{Result: deployer.Interrupted, Why: a.refuse().Error()}, nil
}
