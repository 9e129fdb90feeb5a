package kube

import (
	"context"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"

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
	case !paused && brought(in, v) && !v.complete():
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
	case paused || !brought(in, v) || v.complete():
		return deployer.NothingToPause, nil
	}
	var p patch
	p.testTemplate(d, at)
	p.testPaused(d)
	p.testSpec(d) // so that the generation of the pause is known
	p.testAnnotation(d.Annotations, PausedBy, "metadata")
	p.set(true, "spec", "paused")
	p.setAnnotation(d.Annotations, PausedBy, noteOf(in.ForwardMark(), d.Generation+1), "metadata")
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
	case brought(in, v) && v.complete():
		return "everything is new already"
	case brought(in, v), v.image(at.container) == in.From.Image:
		return ""
	}
	return "somebody else has taken it over"
}

// paused says whether the workload is paused, and whether by us. Our note is left
// there when somebody else ends our pause, so that it proves nothing of a later one:
// the API server's account of who has set the field does, or, where that was
// cleaned away, that the generation is still that of our pause.
func (v view) paused() (paused, ours bool) {
	d := v.deployment
	by, generation := v.note(PausedBy)
	if !d.Spec.Paused || by == "" {
		return d.Spec.Paused, false
	}
	if managers := pausers(d); len(managers) > 0 {
		return true, len(managers) == 1 && managers[0] == fieldManager
	}
	return true, generation == 0 || generation == d.Generation
}

// pausers are the managers that hold the workload's pause: several where one has
// applied what another had set.
func pausers(d *appsv1.Deployment) []string {
	var managers []string
	for _, e := range d.ManagedFields {
		if e.Subresource == "" && owns(e, "f:spec", "f:paused") {
			managers = append(managers, e.Manager)
		}
	}
	return managers
}

// atGeneration stands between the mark and the generation in a note.
const atGeneration = " at generation "

// noteOf is what an annotation of the workload says of a change of ours that makes
// that generation. Unlike a mark on the template it outlives what it is about.
func noteOf(mark string, generation int64) string {
	return mark + atGeneration + strconv.FormatInt(generation, 10)
}

// note reads such an annotation: "" where there is none, and 0 in one of before
// generations were written.
func (v view) note(key string) (mark string, generation int64) {
	return readNote(v.deployment.Annotations[key])
}

func readNote(value string) (mark string, generation int64) {
	mark, number, _ := strings.Cut(value, atGeneration)
	generation, _ = strconv.ParseInt(number, 10, 64)
	return mark, generation
}
