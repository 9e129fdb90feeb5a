package kube

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// Recheck reads the workload once more from the API server, since a watch may lag
// behind. What may pass by itself is waited for.
func (r verify) Recheck(ctx context.Context, in deployer.Intent, reference string, known deployer.Outcome) (deployer.Outcome, error) {
	at := workloadRefOf(in.Where)
	c, v, err := r.s.readFresh(ctx, at)
	if err != nil {
		return interruptedBy(err)
	}
	j := r.s.newProofJudge(ctx, in, reference)
	j.once, j.ref.generation = true, v.deployment.Generation
	var out deployer.Outcome
	if now := j.judge(v, time.Now()); !now.done {
		out, err = r.s.followThrough(ctx, in, j.judge, &j.ref.generation, false, nil)
	} else if out = c.explain(ctx, at, now); out.Result == deployer.OK {
		out.Remark = v.changedSentence(in, " meanwhile")
	}
	if err != nil || out.Result != deployer.OK {
		return out, err
	}
	known.State, known.Remark = out.State, out.Remark
	return known, nil
}

// Watch returns once the pods are not proven any more.
func (r verify) Watch(ctx context.Context, in deployer.Intent, reference string, _ deployer.Outcome, report func(deployer.Progress)) (deployer.Outcome, error) {
	return r.s.follow(ctx, in, r.s.newProofJudge(ctx, in, reference).judge, true, report)
}

// readFresh reads the workload, its history and its pods from the API server.
func (s *System) readFresh(ctx context.Context, at workloadRef) (*cluster, view, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, d, err := s.findWorkload(ctx, at)
	if err != nil {
		return nil, view{}, err
	}
	v, err := c.readWorkload(ctx, d)
	return c, v, err
}

// interruptedBy is the outcome where what was resolved is gone; any other error stays one.
func interruptedBy(err error) (deployer.Outcome, error) {
	if r, ok := errors.AsType[*deployer.Refusal](refuseMismatch(err)); ok {
		return deployer.Outcome{Result: deployer.Interrupted, Why: r.Error()}, nil
	}
	return deployer.Outcome{}, err
}

// A proofJudge says whether pods that were proven are so still.
type proofJudge struct {
	in      deployer.Intent
	at      workloadRef
	ref     followRef
	content content
	untold  bool          // what is out of order is that nobody says whether it is the image
	wrong   bool          // what is out of order is the image
	once    bool          // it ends when all is well
	unready time.Duration // how long something may be out of order
	pods    *graceTracker // what the pods of a rollout suffer from
	began   map[string]time.Time
}

func (s *System) newProofJudge(ctx context.Context, in deployer.Intent, reference string) *proofJudge {
	return &proofJudge{
		in: in, at: workloadRefOf(in.Where), ref: parseFollowRef(reference), content: content{manifests: s.manifests(ctx)},
		unready: s.cfg.Grace.Unready, pods: newGraceTracker(s.cfg.Grace, in.At), began: map[string]time.Time{},
	}
}

func (j *proofJudge) judge(v view, now time.Time) verdict {
	if err := v.mismatch(j.at); err != nil {
		return mismatchVerdict(err)
	}
	var out verdict
	out.outcome.State = v.state(j.at.container)
	switch image := v.image(j.at.container); {
	case v.deployment.Generation < j.ref.generation:
		out.progress.Note = v.outdated().Note
		return out
	case !matchesImage(image, j.in.To.Image):
		out.end(deployer.Failed, j.at.runsAnother(image, j.in.To.Image))
		out.outcome.Kind = failWrongVersion
		out.supersededMark = j.in.Mark
		return out
	case v.wanted() == 0:
		out.end(deployer.Failed, j.at.workload+" is scaled to 0: nothing runs of it now.")
		out.outcome.Kind = failNotReady
		return out
	}
	set := v.current()
	j.pods.look(v, set, now)
	v = j.withoutAdded(v, set, now)
	j.untold, j.wrong = false, false
	why, who := j.fault(v, set)
	if why == "" {
		why = v.endpoints.uncovered(v.of(set))
	}
	switch {
	case why != "":
		out.progress.Note = why
		j.wait(&out, v, set, who, now)
	case j.once:
		out.end(deployer.OK, "")
	default:
		clear(j.began)
	}
	return out
}

// withoutAdded leaves out the pods that an autoscaler has added and that still come up,
// while there are as many that are ready as were proven.
func (j *proofJudge) withoutAdded(v view, set *appsv1.ReplicaSet, now time.Time) view {
	well := 0
	for _, p := range v.of(set) {
		if ready(p) {
			well++
		}
	}
	if well >= j.ref.needed(v) {
		v.pods = slices.DeleteFunc(slices.Clone(v.pods), func(p *corev1.Pod) bool {
			return belongs(p, set) && comesUp(p, j.ref.since, now)
		})
	}
	return v
}

// comesUp reports whether a pod that was made after then was never ready, and nothing is
// wrong with it but that it may wait for a node.
func comesUp(p *corev1.Pod, then, now time.Time) bool {
	if ready(p) || p.DeletionTimestamp != nil || !p.CreationTimestamp.After(then) {
		return false
	}
	if s := diagnosePod(p, time.Time{}, now); s != nil && s.cause != causeSchedule {
		return false
	}
	return !slices.ContainsFunc(p.Status.ContainerStatuses, func(c corev1.ContainerStatus) bool {
		// A pod that has never been ready is not so since before its containers ran.
		r, run := condition(p, corev1.PodReady), c.State.Running
		return c.RestartCount > 0 || r != nil && run != nil && r.LastTransitionTime.After(run.StartedAt.Time)
	})
}

// fault is what is out of order, or "".
func (j *proofJudge) fault(v view, set *appsv1.ReplicaSet) (string, *culprit) {
	switch old := v.old(set); {
	case set == nil:
		return "The cluster has not taken up the last change yet.", nil
	case len(old) > 0:
		return stopping(old), nil
	}
	pods := v.of(set)
	if found, p := j.content.wrong(pods, j.at.container, j.in.To.Image); p != nil {
		j.untold, j.wrong = found.untold, true
		return found.wrong, &culprit{pod: p}
	}
	for _, p := range pods {
		if !ready(p) {
			return unready(v, set)
		}
	}
	if len(pods) < j.ref.needed(v) || len(pods) > v.wanted() {
		return v.miscounted(len(pods)), nil
	}
	return "", nil
}

// name is which failure it is: of the image, of pods, or else of the Services.
func (j *proofJudge) name(v view, set *appsv1.ReplicaSet, who *culprit, now time.Time) string {
	pods := v.of(set)
	switch {
	case j.wrong:
		return failWrongVersion
	case who == nil && len(pods) == v.wanted() && v.endpoints.uncovered(pods) != "":
		return failNoEndpoints
	}
	return nameOfPods(v, set, now)
}

// wait lets pass what may: the controller brings another template with the same
// image, as a restart does, for as long as that gets on; all else for a while.
func (j *proofJudge) wait(out *verdict, v view, set *appsv1.ReplicaSet, who *culprit, now time.Time) {
	if v.rolling() {
		clear(j.began)
		f := j.pods.failure(v, set, j.ref.since, now)
		if f == nil || !f.until.IsZero() {
			if f != nil {
				out.recheckAt = f.until
			}
			return
		}
		out.end(deployer.Failed, f.why)
		out.outcome.Kind, out.outcome.Detail, out.culprit = f.name, f.detail, f.culprit
		return
	}
	result, end := deployer.Failed, j.oldest(v, set, now).Add(j.unready)
	out.recheckAt = end
	if j.untold {
		result, out.recheckAt = deployer.Interrupted, now.Add(askAgain)
	}
	if !now.Before(end) {
		out.end(result, out.progress.Note)
		out.outcome.Kind, out.culprit = j.name(v, set, who, now), who
	}
}

// rolling reports whether the controller is at a rollout that it has not completed.
// Of pods that fall ill after it, its condition says nothing.
func (v view) rolling() bool {
	if v.deployment.Spec.Paused || v.complete() {
		return false
	}
	for _, c := range v.deployment.Status.Conditions {
		if c.Type == appsv1.DeploymentProgressing {
			return c.Reason != "NewReplicaSetAvailable"
		}
	}
	return false
}

// oldest is since when the first of what is out of order has been so, each pod by
// itself, so that pods which are replaced one after the other don't add up.
func (j *proofJudge) oldest(v view, set *appsv1.ReplicaSet, now time.Time) time.Time {
	found := map[string]time.Time{}
	note := func(key string, since time.Time) {
		if before, known := j.began[key]; known {
			since = before
		}
		found[key] = since
	}
	pods := v.of(set)
	for _, p := range pods {
		if !ready(p) || j.content.of(p, j.at.container, j.in.To.Image).wrong != "" {
			note(string(p.UID), now)
		}
	}
	for _, p := range v.old(set) {
		since := now
		if end := p.DeletionTimestamp; end != nil && end.After(now) { // it has until then to stop
			since = end.Time
		}
		note(string(p.UID), since)
	}
	switch {
	case len(pods) < j.ref.needed(v) || len(pods) > v.wanted():
		note("count", now)
	case len(found) == 0: // the controller, or a Service
		note("other", now)
	}
	j.began = found
	return slices.MinFunc(slices.Collect(maps.Values(found)), time.Time.Compare)
}
