package kube

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// rollout is the runner that changes what a Deployment runs, forward or back.
type rollout struct{ s *System }

// Look compares the mark on the workload and in its history with the intent's.
// A change that our own pause holds is present too: Act lets it go on.
func (r rollout) Look(ctx context.Context, in deployer.Intent) (deployer.Observation, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, d, err := r.s.findWorkload(ctx, workloadRefOf(in.Where))
	if err != nil {
		return deployer.Observation{}, refuseMismatch(err)
	}
	sets, err := c.sets(ctx, d)
	if err != nil {
		return deployer.Observation{}, err
	}
	v := view{deployment: d, sets: sets}
	if !brought(in, v) && v.marked(in.Mark, in.To, workloadRefOf(in.Where).container) != nil {
		// The history knows the change and the workload does not: somebody has
		// undone it, or it came between the two reads, from a process that died
		// and whose patch was on its way.
		if _, v.deployment, err = r.s.findWorkload(ctx, workloadRefOf(in.Where)); err != nil {
			return deployer.Observation{}, refuseMismatch(err)
		}
	}
	seen := observe(in, v)
	if at := workloadRefOf(in.Where); seen.Kind == deployer.ObservedAbsent && in.At.IsZero() && !in.Back && seen.State != in.From {
		if v, err = c.readWorkload(ctx, d); err != nil {
			return deployer.Observation{}, err
		}
		seen.Live = isLive(v, WorkloadSpec{Container: at.container}, in.To, r.s.manifests(ctx))
	}
	return seen, nil
}

// Act sends one conditional patch, or none if the change is there already. What
// somebody else has undone is done again: that is asked for only by a person
// who was told.
func (r rollout) Act(ctx context.Context, in deployer.Intent) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	at := workloadRefOf(in.Where)
	c, d, err := r.s.findWorkload(ctx, at)
	if err != nil {
		return "", refuseMismatch(err)
	}
	v := view{deployment: d}
	if in.Back || in.To.Revision != "" {
		if v.sets, err = c.sets(ctx, d); err != nil {
			return "", err
		}
	}
	paused, ours := v.paused()
	var p patch
	p.testTemplate(d, at)
	p.testPaused(d)
	switch there := brought(in, v); {
	case there && !ours:
		return followRef{generation: d.Generation}.String(), nil
	case stands(in, v) && !ours:
		return followRef{generation: d.Generation, found: true}.String(), nil
	case there:
		p.testSpec(d)
		p.unpause(d)
	case paused && !ours:
		return "", deployer.Refuse("Ask who did it. To let it go on: kubectl -n "+at.namespace+" rollout resume "+at.workload,
			"%s is paused, and not by stationmaster.", at.workload)
	default:
		if err := r.change(ctx, c, in, v, &p); err != nil {
			return "", err
		}
	}
	ref := followRef{lost: v.lostBy(in, p)}
	d, err = c.send(ctx, at, p, "roll out "+in.To.Version)
	if err != nil {
		return "", err
	}
	ref.generation = d.Generation
	return ref.String(), nil
}

// change adds to the patch what brings in.To.
func (r rollout) change(ctx context.Context, c *cluster, in deployer.Intent, v view, p *patch) error {
	at, d := workloadRefOf(in.Where), v.deployment
	if !replaceable(in, v) {
		return fmt.Errorf("roll out %s: %s has changed since it was looked at", in.To.Version, at.workload)
	}
	p.testSpec(d)
	set, err := replicaSet(in, v)
	if err != nil {
		return err
	}
	if set == nil {
		p.setImage(d, at, in.To.Image, in.Mark)
		p.forget(d, RolledBackBy)
	} else {
		t, err := c.template(ctx, set)
		if err != nil {
			return err
		}
		p.putBack(d, t, in.Mark)
	}
	p.unpause(d)
	return nil
}

// replaceable reports whether the workload runs what the intent may take the place
// of. For a rollback that is what we have brought, as the cluster wrote it, or what
// we could not take the place of; or what somebody has put back below our pause.
func replaceable(in deployer.Intent, v view) bool {
	at := workloadRefOf(in.Where)
	if !in.Back {
		return in.From.Is(v.fullState(at.container))
	}
	_, ours := v.paused()
	return forwardRuns(in, v) || untouched(in, v) && !stands(in, v) || ours && isState(in.To, v.deployment.Spec.Template, at.container)
}

// replicaSet is the one whose whole template is wanted, or nil where only the image
// is. Its pods, if it has any, are not touched, and it needs no room for others. A
// rollback makes do with the image; somebody who asked for a revision gets that or
// nothing.
func replicaSet(in deployer.Intent, v view) (*appsv1.ReplicaSet, error) {
	if in.Back {
		return v.reusable(in), nil
	}
	if in.To.Revision == "" {
		return nil, nil
	}
	at := workloadRefOf(in.Where)
	set := v.revision(in.To.Revision)
	switch {
	case set != nil && isState(in.To, set.Spec.Template, at.container):
		return set, nil
	case set != nil:
		return nil, deployer.Refuse("Look at the history again.", "Revision %s of %s is not what it was.", in.To.Revision, at.workload)
	case in.To.Template != "": // it has another number since it was taken up
		set = v.reusable(in)
	}
	if set == nil {
		return nil, deployer.Refuse("Look at the history again.", "Revision %s of %s does not exist any more.", in.To.Revision, at.workload)
	}
	return set, nil
}

// Follow watches until the revision of the intent runs and nothing else does,
// or until it is plain that it will not.
func (r rollout) Follow(ctx context.Context, in deployer.Intent, reference string, report func(deployer.Progress)) (deployer.Outcome, error) {
	watched := in
	watched.From.Template, watched.To.Template = "", "" // a watch keeps not all of a template
	j := &rolloutJudge{in: watched, at: workloadRefOf(in.Where), ref: parseFollowRef(reference), grace: newGraceTracker(r.s.cfg.Grace, in.At)}
	out, err := r.s.followThrough(ctx, in, j.judge, &j.ref.generation, false, report)
	if j.ref.lost != "" && out.Result == deployer.OK {
		out.Remark = strings.TrimSpace("With it went a change of " + j.ref.lost + ". " + out.Remark)
	}
	return out, err
}
