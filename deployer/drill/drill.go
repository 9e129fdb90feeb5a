// Package drill stands for every outside system while a deployment rehearses its
// procedure: nothing is looked at and nothing is touched.
//
// What it does is in the record alone: an effect is over a short while after its intent
// was committed, by the clock, so that one that a process left behind ends in the next as
// if nothing had happened. To do it again is harmless, since nothing is done.
package drill

import (
	"context"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// How long an effect lasts: as its step is estimated, and no longer than this; of a step
// that nobody has estimated, this long.
const (
	longest = 10 * time.Second
	usual   = 2 * time.Second
)

// ref is where an effect can be followed: it says that nothing is there.
const ref = "drill"

// simulated is what was found out by an effect.
const simulated = "Simulated."

// word is the text of an output that can be any.
const word = "drill"

// A Runner ends effects well, but for those of steps that are to fail. It is safe for
// concurrent use as far as Load is.
type Runner struct {
	// Load returns a deployment as it is on record.
	Load func(ctx context.Context, id string) (deployer.Deployment, error)
	// Now is the clock by which the journal's events are written; nil is the machine's.
	Now func() time.Time
}

// Look finds what was intended, and nothing else; what runs stays what it was.
func (Runner) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	if !in.At.IsZero() {
		return deployer.Observation{Kind: deployer.ObservedPresent, Ref: ref, State: in.From}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent, State: in.From}, nil
}

// Act does nothing.
func (Runner) Act(context.Context, deployer.Intent) (string, error) { return ref, nil }

// Follow waits until it is over.
func (r Runner) Follow(ctx context.Context, in deployer.Intent, _ string, show func(deployer.Progress)) (deployer.Outcome, error) {
	d, err := r.Load(ctx, in.Deployment)
	if err != nil {
		return deployer.Outcome{}, err
	}
	s := d.Step(in.Step)
	if s == nil {
		return deployer.Outcome{}, deployer.Refuse("", "%s has no step %s.", in.Deployment, in.Step)
	}
	if left := in.At.Add(lasts(s.Step)).Sub(r.now()); left > 0 {
		show(deployer.Progress{Note: "simulated"})
		over := time.NewTimer(left)
		defer over.Stop()
		select {
		case <-ctx.Done():
			return deployer.Outcome{}, ctx.Err()
		case <-over.C:
		}
	}
	return outcome(d, *s, in), nil
}

// Recheck finds that all is as it was.
func (Runner) Recheck(_ context.Context, _ deployer.Intent, _ string, known deployer.Outcome) (deployer.Outcome, error) {
	return known, nil
}

// Watch sees nothing change.
func (Runner) Watch(ctx context.Context, _ deployer.Intent, _ string, _ deployer.Outcome, _ func(deployer.Progress)) (deployer.Outcome, error) {
	<-ctx.Done()
	return deployer.Outcome{}, ctx.Err()
}

// now is read without the monotonic clock: intents have none.
func (r Runner) now() time.Time {
	if r.Now == nil {
		return time.Now().Round(0)
	}
	return r.Now()
}

func lasts(s deployer.Step) time.Duration {
	if s.Estimate == 0 {
		return usual
	}
	return min(s.Estimate, longest)
}

// outcome is how an effect ends: well, unless its step is to fail. What only holds a
// rollout, or answers a system, never does.
func outcome(d deployer.Deployment, s deployer.StepState, in deployer.Intent) deployer.Outcome {
	if in.Verb == "" && d.Drill.Fails(s) {
		return deployer.Outcome{Result: deployer.Failed, Why: deployer.DrillFails, Kind: firstOf(s.Kind.Fails, ""), State: in.From}
	}
	out := deployer.Outcome{Result: deployer.OK, Why: simulated, State: in.To}
	if in.Verb != "" {
		return out
	}
	out.Outputs = deployer.Values{}
	for _, p := range s.Kind.Outputs {
		out.Outputs[p.Name] = value(s.Step, p, in.At)
	}
	for _, p := range s.Kind.Params {
		if p.Type != deployer.TypeOutputs {
			continue
		}
		for name := range s.WithOf(in.Item)[p.Name].Texts {
			out.Outputs[name] = deployer.Value{Text: word}
		}
	}
	return out
}

// value is one of the type of an output: what stands for good news, as far as a type
// knows any.
func value(s deployer.Step, p deployer.Param, at time.Time) deployer.Value {
	switch p.Type {
	case deployer.TypeFlag, deployer.TypeCond:
		return deployer.Value{Flag: true}
	case deployer.TypeNumber, deployer.TypeDuration:
		return deployer.Value{}
	case deployer.TypeTime:
		return deployer.Value{Time: at}
	case deployer.TypeList:
		return deployer.Value{List: []string{}}
	case deployer.TypeChoice:
		for _, q := range s.Kind.Params {
			if rows := s.With[q.Name].Rows; q.Type == deployer.TypeChoices && len(rows) > 0 {
				return deployer.Value{Text: rows[0]["id"]}
			}
		}
	}
	return deployer.Value{Text: firstOf(p.Options, word)}
}

// firstOf is the first of a list, or else what stands for none.
func firstOf(list []string, none string) string {
	if len(list) > 0 {
		return list[0]
	}
	return none
}
