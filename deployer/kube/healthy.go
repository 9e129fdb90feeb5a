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
	in       deployer.Intent
	at       spot
	steady   time.Duration
	ref      ref
	bad      time.Time      // when something was last seen to be out of order
	grace    time.Duration  // how long a Service may lead to nothing
	errors   *regexp.Regexp // what no log may hold; nil: nothing
	restarts map[runKey]int32
	unserved time.Time // since when a Service leads to nothing; zero: all do
}

// A runKey is a container of a pod.
type runKey struct {
	pod       types.UID
	container string
}

func (j *verifyJudge) judge(v view, now time.Time) verdict {
	if err := v.strange(j.at); err != nil {
		return stranger(err)
	}
	set := v.current()
	out := verdict{progress: v.progress(set)}
	out.outcome.State = v.state(j.at.container)
	if v.deployment.Generation < j.ref.generation {
		out.progress = v.outdated()
		return out
	}
	if image := v.image(j.at.container); !means(image, j.in.To.Image) {
		out.end(deployer.Interrupted, fmt.Sprintf("%s runs %s now, not %s.", j.at.workload, apart(image, j.in.To.Image), apart(j.in.To.Image, image)))
		out.who = j.in.Mark
		return out
	}
	if why, c := j.restarted(v, set); c != nil {
		out.end(deployer.Failed, why)
		out.culprit = c
		return out
	}
	why, c := j.fault(v, set)
	if why == "" {
		why = j.front(&out, v, set, now)
	} else {
		j.unserved = time.Time{}
	}
	switch {
	case out.over:
	case why != "":
		j.bad = now
		j.late(&out, why, c, now)
	case v.exposure.waits():
		j.late(&out, "What the Services lead to is not seen yet.", nil, now)
	default:
		j.wait(&out, v, set, now)
	}
	return out
}

// late ends what is out of order for too long, a moment before the engine would.
func (j *verifyJudge) late(out *verdict, why string, c *culprit, now time.Time) {
	out.progress.Note = why
	if j.in.Deadline.IsZero() {
		return
	}
	end := j.in.Deadline.Add(-lead)
	if !now.Before(end) {
		out.end(deployer.Failed, "It was not healthy in time. "+why)
		out.culprit = c
	}
	if out.again.IsZero() || end.Before(out.again) {
		out.again = end
	}
}

// front says which Service does not lead to the pods, or "". That is borne with
// for a while, since endpoints come after the pods.
func (j *verifyJudge) front(out *verdict, v view, set *appsv1.ReplicaSet, now time.Time) string {
	why := v.exposure.unserved(v.of(set))
	if why == "" {
		j.unserved = time.Time{}
		return ""
	}
	if j.unserved.IsZero() {
		j.unserved = now
	}
	if out.again = j.unserved.Add(j.grace); !now.Before(out.again) {
		out.end(deployer.Failed, why)
	}
	return why
}

// wait ends it once all has been well for long enough. The pods themselves say
// since when they are ready, so that our own restart costs no time.
func (j *verifyJudge) wait(out *verdict, v view, set *appsv1.ReplicaSet, now time.Time) {
	since := j.ref.since
	for _, p := range v.of(set) {
		if c := condition(p, corev1.PodReady); c.LastTransitionTime.After(since) {
			since = c.LastTransitionTime.Time
		}
	}
	if j.bad.After(since) {
		since = j.bad
	}
	if since.After(now) {
		since = now // that clock is ahead of ours
	}
	end := since.Add(j.steady)
	if now.Before(end) {
		out.again = end
		out.progress.Note = fmt.Sprintf("Healthy; must stay so for %s.", deployer.Span(j.steady))
		return
	}
	if v.wanted() == 0 {
		out.end(deployer.Interrupted, j.at.workload+" is scaled to 0: nothing runs that could be verified.")
		return
	}
	out.end(deployer.OK, fmt.Sprintf("%s, healthy for %s", deployer.Count(v.wanted(), "pod"), deployer.Span(j.steady))+v.exposure.words())
	if j.errors != nil {
		out.search = &search{pattern: j.errors, pods: v.of(set)}
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
		if why := j.stray(p); why != "" {
			return why, &culprit{pod: p}
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

// stray says how the pod differs from what was asked for, or "". What a node
// says that it runs counts where both it and the image name a digest.
func (j *verifyJudge) stray(p *corev1.Pod) string {
	image := ""
	for _, c := range p.Spec.Containers {
		if c.Name == j.at.container {
			image = c.Image
		}
	}
	if !means(image, j.in.To.Image) {
		return fmt.Sprintf("%s runs %s, not %s.", p.Name, apart(image, j.in.To.Image), apart(j.in.To.Image, image))
	}
	for _, c := range p.Status.ContainerStatuses {
		got, want := digest(c.ImageID), digest(image)
		if c.Name == j.at.container && got != "" && want != "" && got != want {
			return fmt.Sprintf("%s runs the image %s, not %s.", p.Name, got, want)
		}
	}
	return ""
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
// that counts more restarts than at the first sight, or whose last end was
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
