package kube

import (
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// A failure is why a rollout will not be complete.
type failure struct {
	why     string
	detail  string
	until   time.Time // until then it may pass by itself; zero: it will not
	culprit *culprit
}

// pullCycle is how long a kubelet waits at most before it tries to pull an
// image again: past it, a pod that still waits has failed anew.
const pullCycle = 5 * time.Minute

// symptoms gathers what the revision's pods suffer from, one entry a kind.
func symptoms(v view, set *appsv1.ReplicaSet, since, now time.Time) []symptom {
	var found []symptom
	for _, pod := range v.of(set) {
		s := diagnosePod(pod, since, now)
		if s == nil {
			continue
		}
		i := slices.IndexFunc(found, func(f symptom) bool { return f.kind == s.kind })
		if i < 0 {
			found = append(found, *s)
			continue
		}
		found[i].pods++
		if s.tolerance < found[i].tolerance {
			s.pods = found[i].pods
			found[i] = *s
		}
	}
	slices.SortStableFunc(found, func(a, b symptom) int { return int(a.tolerance) - int(b.tolerance) })
	return found
}

// failure words the symptom: how many pods, and what they do.
func (s symptom) failure(v view) *failure {
	f := &failure{why: s.words, detail: s.detail, culprit: s.culprit}
	if s.pods > 0 {
		f.why = fmt.Sprintf("%d of %s %s: %s", s.pods, deployer.Count(v.wanted(), "pod"), pick(s.pods, s.verb, s.verbs), s.words)
	}
	return f
}

// quota is a ReplicaSet's failure to make pods, such as for want of quota.
func quota(set *appsv1.ReplicaSet) *symptom {
	if set == nil {
		return nil
	}
	for _, c := range set.Status.Conditions {
		if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue {
			return &symptom{kind: "create", words: "New pods can't be made: " + c.Message, tolerance: toleranceGrace}
		}
	}
	return nil
}

// stalled is the progress deadline, which is passed when the controller says
// so. What it said before the attempt began doesn't count; it says so again
// only after progress, so that the time is then taken here.
func stalled(v view, set *appsv1.ReplicaSet, since, now time.Time) *failure {
	for _, c := range v.deployment.Status.Conditions {
		if c.Type != appsv1.DeploymentProgressing || c.Reason != "ProgressDeadlineExceeded" || !v.observed() {
			continue
		}
		f := &failure{}
		if end := since.Add(deadline(v)); c.LastUpdateTime.Time.Before(since) && now.Before(end) {
			f.until = end
		}
		why, culprit := unready(v, set)
		f.why, f.culprit = "There was no progress for "+deployer.Span(deadline(v))+". "+why, culprit
		return f
	}
	return nil
}

func deadline(v view) time.Duration {
	if s := v.deployment.Spec.ProgressDeadlineSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return 10 * time.Minute
}

// unready says which pods of the revision are not ready, and points at one.
func unready(v view, set *appsv1.ReplicaSet) (string, *culprit) {
	var bad []*corev1.Pod
	pods := v.of(set)
	for _, p := range pods {
		if !ready(p) {
			bad = append(bad, p)
		}
	}
	switch old := v.old(set); {
	case len(bad) > 0:
		c := &culprit{pod: bad[0], container: waitsFor(bad[0]), events: true}
		why := fmt.Sprintf("%d of %s %s not ready", len(bad), deployer.Count(v.wanted(), "pod"), pick(len(bad), "is", "are"))
		if c.container != "" {
			why += ": " + c.container + " in " + bad[0].Name
		}
		return why + ".", c
	case len(pods) < v.wanted():
		return fmt.Sprintf("%d of %s exist.", len(pods), deployer.Count(v.wanted(), "pod")), nil
	case len(old) > 0:
		return stopping(old), nil
	}
	return "The controller has not said that it is complete.", nil
}

// waitsFor is the container that keeps the pod from being ready, or "". The
// others wait for init containers, which are ready when they are over.
func waitsFor(p *corev1.Pod) string {
	for _, list := range [][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for _, c := range list {
			if !c.Ready {
				return c.Name
			}
		}
	}
	return ""
}

// stopping says that old pods are left.
func stopping(old []*corev1.Pod) string {
	slices.SortFunc(old, func(a, b *corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	return fmt.Sprintf("%s still there: %s.", deployer.Count(len(old), "old pod")+pick(len(old), " is", " are"), old[0].Name)
}

func pick(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
