package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// Launch makes the start of what a step of the kind run asks for; its origin is
// the engine's to say. A *deployer.Refusal says that it can't be started.
type Launch func(context.Context, deployer.Intent) (deployer.Start, error)

// A childRunner runs a deployment of another one: an effect that is looked for
// by what started it, acted by starting it, and followed to its end.
type childRunner struct{ e *Engine }

// Look finds the child.
func (r childRunner) Look(ctx context.Context, in deployer.Intent) (deployer.Observation, error) {
	id, err := r.e.Journal.Started(ctx, deployer.RunOrigin(in))
	if err != nil {
		return deployer.Observation{}, fmt.Errorf("look up what %s started: %w", deployer.RunOrigin(in), err)
	}
	if id == "" {
		return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedPresent, Ref: id, Why: id + " goes on by itself."}, nil
}

// Act starts the child, in the name of whoever has started its parent: so it
// counts as theirs, and they approve neither.
func (r childRunner) Act(ctx context.Context, in deployer.Intent) (string, error) {
	start, err := r.e.Launch(ctx, in)
	if err != nil {
		return "", err
	}
	start.Origin = deployer.RunOrigin(in)
	d, err := r.e.start(ctx, deployer.Order{By: in.By, Nonce: start.Origin, Command: start}, start, true)
	return d.ID, err
}

// Follow waits for the child's end.
func (r childRunner) Follow(ctx context.Context, _ deployer.Intent, id string, show func(deployer.Progress)) (deployer.Outcome, error) {
	changed, forget := r.e.await(id)
	defer forget()
	show(deployer.Progress{Note: id + " is under way"})
	for {
		d, err := r.load(ctx, id)
		q, ill := errors.AsType[*quarantine](err)
		switch {
		case ill:
			return untold(id, q.Error()+"."), nil
		case errors.Is(err, deployer.ErrNotFound):
			return untold(id, "There is no record of "+id+"."), nil
		case err != nil:
			return deployer.Outcome{}, err
		case d.Status.Ended():
			out := childOutcome(d)
			if r.e.CardURL != nil {
				out.Outputs["url"] = deployer.Value{Text: r.e.CardURL(ctx, d)}
			}
			return out, nil
		}
		select {
		case <-ctx.Done():
			return deployer.Outcome{}, ctx.Err()
		case <-changed:
		}
	}
}

// untold is the outcome of a child of which nobody can tell how it ends.
func untold(id, why string) deployer.Outcome {
	return deployer.Outcome{Result: deployer.Interrupted, Why: why, Outputs: deployer.Values{"id": {Text: id}}}
}

// childOutcome is what a child that has ended means for its parent.
func childOutcome(d deployer.Deployment) deployer.Outcome {
	out := deployer.Outcome{Result: deployer.Failed, Kind: string(d.Status), Outputs: deployer.Values{"id": {Text: d.ID}, "outcome": {Text: string(d.Status)}}}
	switch {
	case d.Status == deployer.Complete:
		out.Result, out.Kind = deployer.OK, ""
	case d.Status == deployer.Stopped && d.Why != "": // it says that it was stopped, or rejected, and by whom
		out.Why = d.ID + " was " + strings.ToLower(d.Why[:1]) + deployer.Sentence(d.Why[1:])
	case d.Status == deployer.Refused:
		out.Why = d.ID + " was refused: " + deployer.Sentence(d.Why)
	default:
		out.Why = fmt.Sprintf("%s was %s.", d.ID, strings.ReplaceAll(string(d.Status), "-", " "))
	}
	return out
}

// load returns a deployment as it is now.
func (r childRunner) load(ctx context.Context, id string) (deployer.Deployment, error) {
	t := r.e.hold(id)
	defer r.e.letGo(t)
	return t.load(ctx)
}

// await returns what gets a token when a deployment has ended or is put in
// quarantine, perhaps once too often. The caller looks after it has begun to
// wait, so that it misses nothing, and forgets it at the end.
func (e *Engine) await(id string) (changed <-chan struct{}, forget func()) {
	c := make(chan struct{}, 1)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.awaited[id] == nil {
		e.awaited[id] = map[chan struct{}]bool{}
	}
	e.awaited[id][c] = true
	return c, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.awaited[id], c)
		if len(e.awaited[id]) == 0 {
			delete(e.awaited, id)
		}
	}
}

// tell wakes whoever awaits a deployment. The caller holds e.mu.
func (e *Engine) tell(id string) {
	for c := range e.awaited[id] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
