package kube

import (
	"context"

	"github.com/stationmaster/stationmaster/deployer"
)

// pause is the runner that holds a rollout of ours where it is, so that it
// harms no more pods while people decide.
type pause struct{ s *System }

// Look finds out whether there is something of ours to hold. What is complete,
// or somebody else's by now, or held already, is not.
func (r pause) Look(ctx context.Context, in deployer.Intent) (deployer.Observation, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	at := workloadRefOf(in.Where)
	_, d, err := r.s.findWorkload(ctx, at)
	if err != nil {
		return deployer.Observation{}, refuseMismatch(err)
	}
	v := view{deployment: d}
	s := deployer.Observation{Kind: deployer.ObservedPresent, Ref: deployer.NothingToPause, State: v.state(at.container)}
	switch paused, ours := v.paused(); {
	case ours:
		s.Ref = followRef{generation: d.Generation}.String()
	case !paused && v.mark() == in.Mark && !v.complete():
		s.Kind, s.Ref = deployer.ObservedAbsent, ""
	}
	return s, nil
}

// Act pauses the rollout if it is still ours, by one conditional patch.
func (r pause) Act(ctx context.Context, in deployer.Intent) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	at := workloadRefOf(in.Where)
	c, d, err := r.s.findWorkload(ctx, at)
	if err != nil {
		return "", refuseMismatch(err)
	}
	v := view{deployment: d}
	switch paused, ours := v.paused(); {
	case ours:
		return followRef{generation: d.Generation}.String(), nil
	case paused || v.mark() != in.Mark || v.complete():
		return deployer.NothingToPause, nil
	}
	var p patch
	p.testTemplate(d, at)
	p.testPaused(d)
	p.testAnnotation(d.Annotations, PausedBy, "metadata")
	p.set(true, "spec", "paused")
	p.setAnnotation(d.Annotations, PausedBy, in.ForwardMark(), "metadata")
	d, err = c.send(ctx, at, p, "pause the rollout")
	if err != nil {
		return "", err
	}
	return followRef{generation: d.Generation}.String(), nil
}

// Follow has nothing to wait for: a pause holds from the moment it is written. It
// says which version runs on how many pods, if the cluster says so now: as long as
// the pause holds, it stays so.
func (r pause) Follow(ctx context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out := deployer.Outcome{Result: deployer.OK}
	at := workloadRefOf(in.Where)
	if c, d, err := r.s.findWorkload(ctx, at); err == nil {
		if v, err := c.readWorkload(ctx, d); err == nil {
			out.Why = deployer.SpreadOver(v.spread(at.container))
			if why := notHeld(in, v); out.Why != "" && why != "" {
				out.Why += ": " + why
			}
		}
	}
	return out, nil
}

// notHeld says why there is nothing to hold, or "" where there is or was.
func notHeld(in deployer.Intent, v view) string {
	at := workloadRefOf(in.Where)
	switch paused, ours := v.paused(); {
	case ours:
		return ""
	case paused:
		return "it is paused, and not by stationmaster"
	case v.mark() == in.Mark && v.complete():
		return "everything is new already"
	case v.mark() == in.Mark, v.image(at.container) == in.From.Image:
		return ""
	}
	return "somebody else has taken it over"
}
