package kube

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// A verifyJudge says whether the pods are proven.
type verifyJudge struct {
	in             deployer.Intent
	at             workloadRef
	steady         time.Duration
	store          string // the id of the store, whose deployments are ours
	ref            followRef
	lastFault      time.Time // when something about all pods was last seen to be out of order
	grace          *graceTracker
	proof          *proof
	content        content
	untold         bool           // what is out of order is that nobody says whether it is the image
	wrong          bool           // what is out of order is the image
	errors         *regexp.Regexp // what no log may hold; nil: nothing
	restarts       map[runKey]int32
	uncoveredSince time.Time // since when a Service leads to nothing; zero: all do
}

// A runKey is a container of a pod.
type runKey struct {
	pod       types.UID
	container string
}

func (j *verifyJudge) judge(v view, now time.Time) verdict {
	if err := v.mismatch(j.at); err != nil {
		return mismatchVerdict(err)
	}
	set := v.current()
	out := verdict{progress: v.progress(set)}
	out.outcome.State = v.state(j.at.container)
	if v.deployment.Generation < j.ref.generation {
		out.progress = v.outdated()
		return out
	}
	if image := v.image(j.at.container); !matchesImage(image, j.in.To.Image) {
		if other := v.broughtBy(j.in, j.at.container, j.store); other != "" {
			out.end(deployer.Interrupted, j.at.workload+" runs "+out.outcome.State.Version+" of "+other+" now.")
			out.outcome.Kind = failReplaced
			return out
		}
		out.end(deployer.Interrupted, j.at.runsAnother(image, j.in.To.Image))
		out.outcome.Kind = failWrongVersion
		out.supersededMark = j.in.Mark
		return out
	}
	if why, c := j.restarted(v, set, now); c != nil {
		out.end(deployer.Failed, why)
		out.outcome.Kind, out.culprit = failRestarted, c
		return out
	}
	j.grace.look(v, set, now)
	j.untold, j.wrong = false, false
	why, c := j.fault(&out, v, set, now)
	if why == "" {
		why = j.uncovered(&out, v, set, now)
	} else {
		j.uncoveredSince = time.Time{}
	}
	switch {
	case out.done:
	case why != "":
		if j.untold {
			out.recheckAt = now.Add(askAgain)
		}
		j.failAtDeadline(&out, why, c, now)
		if out.done {
			out.outcome.Kind = j.name(v, set, now)
		}
	case v.endpoints.incomplete():
		j.failAtDeadline(&out, "What the Services lead to is not seen yet.", nil, now)
	default:
		j.passWhenSteady(&out, v, set, now)
	}
	return out
}

// name is which failure it is that pods are not what they should be.
func (j *verifyJudge) name(v view, set *appsv1.ReplicaSet, now time.Time) string {
	switch {
	case j.wrong:
		return failWrongVersion
	case !j.uncoveredSince.IsZero():
		return failNoEndpoints
	}
	return nameOfPods(v, set, now)
}

// nameOfPods is the failure of which the first pod suffers that is not ready, or that
// only old ones are left over.
func nameOfPods(v view, set *appsv1.ReplicaSet, now time.Time) string {
	pods := v.of(set)
	if v.hasMore(set) {
		return failWrongVersion
	}
	for _, p := range pods {
		s := diagnosePod(p, time.Time{}, now)
		if s == nil || ready(p) {
			continue
		}
		if name := s.name(); name == failCrashLoop || name == failImagePull {
			return name
		}
	}
	return failNotReady
}

// hasMore reports whether old pods are there, and as many new ones as there should be,
// all ready.
func (v view) hasMore(set *appsv1.ReplicaSet) bool {
	pods := v.of(set)
	return len(v.old(set)) > 0 && len(pods) >= v.wanted() && !slices.ContainsFunc(pods, func(p *corev1.Pod) bool { return !ready(p) })
}

// failAtDeadline ends what is out of order for too long, a moment before the engine would.
func (j *verifyJudge) failAtDeadline(out *verdict, why string, c *culprit, now time.Time) {
	out.progress.Note = why
	if j.in.Deadline.IsZero() {
		return
	}
	end := j.in.Deadline.Add(-deadlineMargin)
	switch {
	case now.Before(end):
	case j.untold:
		out.end(deployer.Interrupted, "It could not be verified in time. "+why)
	default:
		out.end(deployer.Failed, "It was not healthy in time. "+why)
		out.culprit = c
	}
	if out.recheckAt.IsZero() || end.Before(out.recheckAt) {
		out.recheckAt = end
	}
}

// uncovered says which Service does not lead to the pods that are needed, or "". It
// fails the step only after a while, since endpoints come after the pods.
func (j *verifyJudge) uncovered(out *verdict, v view, set *appsv1.ReplicaSet, now time.Time) string {
	var pods []*corev1.Pod
	for _, p := range j.proof.longest(v.of(set), j.ref.since, now) {
		pods = append(pods, p.pod)
	}
	why := v.endpoints.uncovered(pods[:min(len(pods), j.ref.needed(v))])
	if why == "" {
		j.uncoveredSince = time.Time{}
		return ""
	}
	j.lastFault = now
	if j.uncoveredSince.IsZero() {
		j.uncoveredSince = now
	}
	if out.recheckAt = j.uncoveredSince.Add(j.grace.grace.Endpoints); !now.Before(out.recheckAt) {
		out.end(deployer.Failed, why)
		out.outcome.Kind = failNoEndpoints
	}
	return why
}

// fault is what is out of order, or "". The time of all begins anew after what is
// about all; a pod that is not ready begins its own anew.
func (j *verifyJudge) fault(out *verdict, v view, set *appsv1.ReplicaSet, now time.Time) (string, *culprit) {
	if set == nil && v.wanted() > 0 {
		return "The cluster has not taken up the last change yet.", nil
	}
	if old := v.old(set); len(old) > 0 {
		j.lastFault = now
		return j.oldPods(out, v, old, now), nil
	}
	pods := v.of(set)
	if found, p := j.content.wrong(pods, j.at.container, j.in.To.Image); p != nil {
		j.lastFault, j.untold, j.wrong = now, found.untold, true
		return found.wrong, &culprit{pod: p}
	}
	switch well, broken := j.proof.take(pods, j.ref.since, now); {
	case len(pods) < v.wanted() && len(pods) < j.ref.needed(v), v.wanted() == 0 && len(pods) > 0:
		return v.miscounted(len(pods)), nil
	case broken || well < j.ref.needed(v) && v.wanted() > 0:
		return unready(v, set)
	}
	return "", nil
}

// miscounted says that there are more or fewer pods than there should be.
func (v view) miscounted(n int) string {
	return fmt.Sprintf("There %s %s, and should be %d.", pick(n, "is", "are"), deployer.Count(n, "pod"), v.wanted())
}

// oldPods says that there are some. It fails the step when they do not end.
func (j *verifyJudge) oldPods(out *verdict, v view, old []*corev1.Pod, now time.Time) string {
	left := j.grace.left
	if left == nil || !left.only {
		return stopping(old)
	}
	head := ""
	if v.complete() {
		head = "Everything is new; "
	}
	if left.stuck(now) {
		out.endStuck(deployer.Failed, head, left, now)
		out.outcome.Kind = failWrongVersion
	}
	out.recheckAt = left.recheck(now)
	return head + left.words(now, "") + "."
}

// running are the containers that should run as long as the pod does: among the
// init containers those are the sidecars, which are not over when the pod runs.
func running(p *corev1.Pod) []corev1.ContainerStatus {
	all := slices.Clone(p.Status.ContainerStatuses)
	for _, c := range p.Status.InitContainerStatuses {
		if c.State.Running != nil && p.Status.Phase == corev1.PodRunning {
			all = append(all, c)
		}
	}
	return all
}

// restarted finds a container that has restarted while it was watched: one
// that counts more restarts than when it was first seen, or whose last end was
// after the beginning, which also shows what happened while we were not here.
func (j *verifyJudge) restarted(v view, set *appsv1.ReplicaSet, now time.Time) (string, *culprit) {
	for _, p := range v.of(set) {
		for _, c := range running(p) {
			key := runKey{p.UID, c.Name}
			before, known := j.restarts[key]
			if !known {
				j.restarts[key] = c.RestartCount
			}
			end := c.LastTerminationState.Terminated
			if over := c.State.Terminated; over != nil {
				end = over
			}
			// An end that is still to come is by a clock that is ahead of ours: then the count tells.
			since := end != nil && end.FinishedAt.After(j.ref.since) && !end.FinishedAt.After(now)
			if !(known && c.RestartCount > before || !known && since) {
				continue
			}
			why := fmt.Sprintf("%s in %s has restarted while it was verified", c.Name, p.Name)
			if end != nil {
				why += fmt.Sprintf(": exit %d", end.ExitCode)
				if end.Reason != "" && end.Reason != "Error" {
					why += " (" + end.Reason + ")"
				}
			}
			return why + ".", &culprit{pod: p, container: c.Name, previous: c.State.Terminated == nil}
		}
	}
	return "", nil
}
