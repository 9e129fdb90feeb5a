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
	name    string // see the constants; "": it has none
	detail  string
	until   time.Time // until then it may pass by itself; zero: it will not
	culprit *culprit
}

// pullCycle is how long a kubelet waits at most before it tries to pull an
// image again: past it, a pod that still waits has failed anew.
const pullCycle = 5 * time.Minute

// failure is what is wrong with the revision's pods, the worst first, or nil.
// Other revisions' pods don't count. What happened before since doesn't either,
// where there is a time to it.
func (g *graceTracker) failure(v view, set *appsv1.ReplicaSet, since, now time.Time) *failure {
	found := g.symptoms(v, set, since, now)
	if len(found) > 0 && found[0].until.IsZero() {
		return g.inWords(found[0], v, now)
	}
	if f := stalled(v, set, since, now); f != nil {
		if f.until.IsZero() && v.hasCome(set) { // the controller has yet to say so
			f.until = g.until(symptom{of: v.deployment.UID, cause: causeControllers, began: now}, g.grace.Controllers, now)
		}
		return f
	}
	if len(found) == 0 {
		return g.notTakenUp(v, set, now)
	}
	return g.inWords(found[0], v, now)
}

// inWords words the symptom, with the pods that keep the room that is wanted.
func (g *graceTracker) inWords(s symptom, v view, now time.Time) *failure {
	f := s.failure(v)
	if g.room == nil || !s.wantsRoom() {
		return f
	}
	if n := g.room.freeing(now); n > 0 {
		f.why = fmt.Sprintf("Waits for room: %s still stopping. %s", deployer.Count(n, g.room.what)+pick(n, " is", " are"), f.why)
	} else {
		f.why = deployer.Sentence(f.why) + " " + deployer.Sentence(g.room.words(now, g.room.reason()))
	}
	return f
}

// symptoms gathers what the revision's pods suffer from, one entry a kind, and what
// is to be borne least comes first.
func (g *graceTracker) symptoms(v view, set *appsv1.ReplicaSet, since, now time.Time) []symptom {
	var found []symptom
	for _, pod := range v.of(set) {
		s := diagnosePod(pod, since, now)
		if s == nil {
			continue
		}
		s.until = g.until(*s, deadline(v), now)
		i := slices.IndexFunc(found, func(f symptom) bool { return f.kind == s.kind })
		if i < 0 {
			found = append(found, *s)
			continue
		}
		found[i].pods++
		if s.until.Before(found[i].until) {
			s.pods = found[i].pods
			found[i] = *s
		}
	}
	for _, s := range []*symptom{notMade(v, set), rejected(v, set, since)} {
		if s != nil {
			s.until = g.until(*s, deadline(v), now)
			found = append(found, *s)
		}
	}
	slices.SortStableFunc(found, func(a, b symptom) int { return a.until.Compare(b.until) })
	return found
}

// notTakenUp says that the controllers have not looked at the change, or is nil. It
// is silent at first, and fails by the progress deadline, which nobody else counts then.
// The one of the ReplicaSet may be away where that of the Deployment has acted before.
func (g *graceTracker) notTakenUp(v view, set *appsv1.ReplicaSet, now time.Time) *failure {
	if v.observed() && (set == nil || set.Status.ObservedGeneration >= set.Generation) {
		return nil
	}
	told := g.from
	if set != nil {
		told = time.Time{} // it is another change, such as an autoscaler's
	}
	began := g.clock(clockKey{v.deployment.UID, causeControllers}, told, now).began
	const why = "The cluster's controllers have not taken up the change for "
	span, end := now.Sub(began), deadline(v)
	switch grace := g.grace.of(causeControllers); {
	case span >= end:
		left, _ := unready(v, set)
		return &failure{why: why + roughly(end) + ", the progress deadline. " + left, name: failStalled}
	case span < grace:
		return &failure{until: began.Add(min(grace, end))}
	}
	return &failure{why: why + roughly(span) + ".", until: began.Add(min(rounded(span)+unit(span), end))}
}

// failure words the symptom: how many pods, and what they do.
func (s symptom) failure(v view) *failure {
	f := &failure{why: s.words, name: s.name(), detail: s.detail, until: s.until, culprit: s.culprit}
	if s.pods > 0 {
		f.why = fmt.Sprintf("%d of %s %s: %s", s.pods, deployer.Count(v.wanted(), "pod"), pick(s.pods, s.verb, s.verbs), s.words)
	}
	return f
}

// rejected is what nodes have against the pods, where they have refused more of them
// than there should be: the ReplicaSet makes another for each, at once, so that the
// progress deadline never passes. A few are evicted now and then, and replaced; the
// records of those of before since may lie about for weeks.
func rejected(v view, set *appsv1.ReplicaSet, since time.Time) *symptom {
	taken := 0 // in by their nodes
	for _, p := range v.of(set) {
		if len(p.Status.ContainerStatuses) > 0 {
			taken++
		}
	}
	if taken >= v.wanted() {
		return nil
	}
	var last *corev1.Pod
	n := 0
	for _, p := range v.pods {
		if belongs(p, set) && p.Status.Phase == corev1.PodFailed && !p.CreationTimestamp.Time.Before(since.Truncate(time.Second)) {
			if n++; last == nil || p.CreationTimestamp.After(last.CreationTimestamp.Time) {
				last = p
			}
		}
	}
	if n <= v.wanted() {
		return nil
	}
	return &symptom{kind: "rejected", cause: causeRefused, of: set.UID, culprit: &culprit{pod: last},
		words: fmt.Sprintf("%d new pods were refused by their nodes: %s, %s (%s)", n, last.Status.Reason, clip(last.Status.Message, 200), last.Spec.NodeName)}
}

// stalled is the progress deadline, which is passed when the controller says
// so. An attempt that finds pods there has all of that time for itself: the
// controller may have said so before, by a clock that is not ours, and says so
// again only after progress.
func stalled(v view, set *appsv1.ReplicaSet, since, now time.Time) *failure {
	for _, c := range v.deployment.Status.Conditions {
		if c.Type != appsv1.DeploymentProgressing || c.Reason != "ProgressDeadlineExceeded" || !v.observed() {
			continue
		}
		f := &failure{name: failStalled}
		if end := since.Add(deadline(v)); now.Before(end) {
			f.until = end
		}
		why, culprit := unready(v, set)
		f.why, f.culprit = "There was no progress for "+deployer.Span(deadline(v))+". "+why, culprit
		return f
	}
	return nil
}

// hasCome reports whether all pods are of the revision, and ready.
func (v view) hasCome(set *appsv1.ReplicaSet) bool {
	pods := v.of(set)
	return len(pods) == v.wanted() && len(v.old(set)) == 0 && !slices.ContainsFunc(pods, func(p *corev1.Pod) bool { return !ready(p) })
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
		if what := lack(bad[0]); what != "" {
			why += ": " + what
		}
		return why + ".", c
	case len(pods) == 0 && len(old) > 0 && allStopping(old):
		return stopping(old), nil
	case len(pods) < v.wanted():
		return notThere(len(pods), v.wanted(), old), nil
	case set != nil && v.deployment.Spec.MinReadySeconds > 0 && int(set.Status.AvailableReplicas) < v.wanted():
		after := time.Duration(v.deployment.Spec.MinReadySeconds) * time.Second
		return fmt.Sprintf("%s ready, and available only after %s (minReadySeconds).",
			deployer.Count(len(pods), "pod")+pick(len(pods), " is", " are"), deployer.Span(after)), nil
	case len(old) > 0:
		return stopping(old), nil
	}
	return "The controller has not said that it is complete.", nil
}

// notThere says that there are fewer new pods than wanted, and what serves meanwhile.
func notThere(n, wanted int, old []*corev1.Pod) string {
	run := 0
	for _, p := range old {
		if p.DeletionTimestamp == nil && ready(p) {
			run++
		}
	}
	why := fmt.Sprintf("%d of %s %s", n, deployer.Count(wanted, "new pod"), pick(wanted, "exists", "exist"))
	if run > 0 {
		why += fmt.Sprintf(", and %s %s", deployer.Count(run, "old pod"), pick(run, "runs", "run"))
	}
	return why + "."
}

// lack is what keeps a pod from being ready, or "" where nobody says.
func lack(p *corev1.Pod) string {
	scheduled, ready := condition(p, corev1.PodScheduled), condition(p, corev1.PodReady)
	switch c := waitsFor(p); {
	case c != "":
		return c + " in " + p.Name
	case scheduled != nil && scheduled.Reason == corev1.PodReasonSchedulingGated:
		return p.Name + " waits behind a scheduling gate"
	case p.Spec.NodeName == "":
		return "no node has been found for " + p.Name
	case len(p.Status.ContainerStatuses) == 0:
		return p.Spec.NodeName + " has not started " + p.Name
	case ready != nil && ready.Message != "":
		return p.Name + ", " + strings.TrimSuffix(ready.Message, ".")
	}
	return ""
}

func allStopping(pods []*corev1.Pod) bool {
	return !slices.ContainsFunc(pods, func(p *corev1.Pod) bool { return p.DeletionTimestamp == nil })
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

func pick(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
