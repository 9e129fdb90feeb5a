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
	ref            followRef
	lastFault      time.Time     // when something was last seen to be out of order
	grace          time.Duration // how long a Service may lead to nothing
	content        content
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
		out.end(deployer.Interrupted, fmt.Sprintf("%s runs %s now, not %s.", j.at.workload, tellApart(image, j.in.To.Image), tellApart(j.in.To.Image, image)))
		out.supersededMark = j.in.Mark
		return out
	}
	if why, c := j.restarted(v, set); c != nil {
		out.end(deployer.Failed, why)
		out.culprit = c
		return out
	}
	why, c := j.fault(v, set)
	if why == "" {
		why = j.uncovered(&out, v, set, now)
	} else {
		j.uncoveredSince = time.Time{}
	}
	switch {
	case out.done:
	case why != "":
		j.lastFault = now
		if j.content.err != nil {
			out.recheckAt = now.Add(askAgain)
		}
		j.failAtDeadline(&out, why, c, now)
	case v.endpoints.incomplete():
		j.failAtDeadline(&out, "What the Services lead to is not seen yet.", nil, now)
	default:
		j.passWhenSteady(&out, v, set, now)
	}
	return out
}

// failAtDeadline ends what is out of order for too long, a moment before the engine would.
func (j *verifyJudge) failAtDeadline(out *verdict, why string, c *culprit, now time.Time) {
	out.progress.Note = why
	if j.in.Deadline.IsZero() {
		return
	}
	end := j.in.Deadline.Add(-deadlineMargin)
	if !now.Before(end) {
		out.end(deployer.Failed, "It was not healthy in time. "+why)
		out.culprit = c
	}
	if out.recheckAt.IsZero() || end.Before(out.recheckAt) {
		out.recheckAt = end
	}
}

// uncovered says which Service does not lead to the pods, or "". It fails the step
// only after a while, since endpoints come after the pods.
func (j *verifyJudge) uncovered(out *verdict, v view, set *appsv1.ReplicaSet, now time.Time) string {
	why := v.endpoints.uncovered(v.of(set))
	if why == "" {
		j.uncoveredSince = time.Time{}
		return ""
	}
	if j.uncoveredSince.IsZero() {
		j.uncoveredSince = now
	}
	if out.recheckAt = j.uncoveredSince.Add(j.grace); !now.Before(out.recheckAt) {
		out.end(deployer.Failed, why)
	}
	return why
}

// passWhenSteady ends it once all has been well for long enough. The pods themselves say
// since when they are ready, so that our own restart costs no time.
func (j *verifyJudge) passWhenSteady(out *verdict, v view, set *appsv1.ReplicaSet, now time.Time) {
	since := j.ref.since
	for _, p := range v.of(set) {
		if c := condition(p, corev1.PodReady); c.LastTransitionTime.After(since) {
			since = c.LastTransitionTime.Time
		}
	}
	if j.lastFault.After(since) {
		since = j.lastFault
	}
	if since.After(now) {
		since = now // that clock is ahead of ours
	}
	end := since.Add(j.steady)
	if now.Before(end) {
		out.recheckAt = end
		out.progress.Note = fmt.Sprintf("Healthy; must stay so for %s.", deployer.Span(j.steady))
		return
	}
	if v.wanted() == 0 {
		out.end(deployer.Interrupted, j.at.workload+" is scaled to 0: nothing runs that could be verified.")
		return
	}
	out.end(deployer.OK, fmt.Sprintf("%s, healthy for %s", deployer.Count(v.wanted(), "pod"), deployer.Span(j.steady))+
		v.endpoints.caveat()+j.content.caveat(v.of(set), j.at.container, j.in.To.Image))
	if j.errors != nil {
		out.search = &logSearch{pattern: j.errors, pods: v.of(set)}
	}
}

// fault is what is out of order, or "".
func (j *verifyJudge) fault(v view, set *appsv1.ReplicaSet) (string, *culprit) {
	switch old := v.old(set); {
	case set == nil && v.wanted() > 0:
		return "The cluster has not taken up the last change yet.", nil
	case len(old) > 0:
		return stopping(old), nil
	}
	pods := v.of(set)
	for _, p := range pods {
		if found := j.content.of(p, j.at.container, j.in.To.Image); found.wrong != "" {
			return found.wrong, &culprit{pod: p}
		}
		if !ready(p) {
			return unready(v, set)
		}
	}
	if len(pods) != v.wanted() {
		return fmt.Sprintf("There %s %s, and should be %d.", pick(len(pods), "is", "are"), deployer.Count(len(pods), "pod"), v.wanted()), nil
	}
	return "", nil
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
func (j *verifyJudge) restarted(v view, set *appsv1.ReplicaSet) (string, *culprit) {
	for _, p := range v.of(set) {
		for _, c := range running(p) {
			key := runKey{p.UID, c.Name}
			before, known := j.restarts[key]
			if !known {
				j.restarts[key] = c.RestartCount
			}
			end := c.LastTerminationState.Terminated
			if now := c.State.Terminated; now != nil {
				end = now
			}
			if !(known && c.RestartCount > before || end != nil && end.FinishedAt.After(j.ref.since)) {
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
