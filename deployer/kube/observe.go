package kube

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/podtemplate"
)

// observe says how far the intent has come, going by the workload and its
// history.
func observe(in deployer.Intent, v view) deployer.Observation {
	at := workloadRefOf(in.Where)
	now := v.fullState(at.container)
	present := deployer.Observation{Kind: deployer.ObservedPresent, Ref: followRef{generation: v.deployment.Generation}.String(), State: now}
	superseded := deployer.Observation{Kind: deployer.ObservedSuperseded, State: now, Why: supersededWhy(in, v)}
	absent := deployer.Observation{Kind: deployer.ObservedAbsent, State: now, Why: podtemplate.Changes(in.From.Template, now.Template)}
	switch {
	case brought(in, v):
		_, present.PausedByUs = v.paused()
		return present
	case v.mark() == in.Mark, v.rolledBackBy() == in.Mark, v.marked(in.Mark, in.To, at.container) != nil:
		return superseded
	case in.Back:
		return observeRollback(in, v, absent, superseded)
	case !in.At.IsZero() && !in.From.Is(now):
		// What was approved is not what is there any more, and acting is not
		// possible: the patch tests it.
		return superseded
	}
	return absent
}

// observeRollback is observe for a rollback that was not done yet. Only what we have
// brought is rolled back.
func observeRollback(in deployer.Intent, v view, absent, superseded deployer.Observation) deployer.Observation {
	switch {
	case stands(in, v):
		s := deployer.Observation{Kind: deployer.ObservedPresent, State: absent.State}
		s.Ref = followRef{generation: v.deployment.Generation, found: true}.String()
		_, ours := v.paused()
		s.PausedByUs = ours && isState(in.To, v.deployment.Spec.Template, workloadRefOf(in.Where).container)
		return s
	case forwardRuns(in, v), untouched(in, v):
		return absent
	}
	return superseded
}

// stands reports whether nothing is left to roll back: the workload runs what a
// rollback goes to, since somebody has put it back, or we have never touched it. What
// somebody has changed of a template that we have never touched is theirs.
func stands(in deployer.Intent, v view) bool {
	if !in.Back || forwardRuns(in, v) {
		return false
	}
	container, to := workloadRefOf(in.Where).container, in.To
	if untouched(in, v) && !in.Found.Is(v.fullState(container)) {
		to.Template = ""
	}
	return isState(to, v.deployment.Spec.Template, container)
}

// brought reports whether the workload runs what the intent wants, under its mark. What
// the cluster, or somebody, has written into a template that was put back does not make
// it another one, unless the template is all that the intent changes.
func brought(in deployer.Intent, v view) bool {
	if in.Back || !matchesImage(in.From.Image, in.To.Image) {
		in.To.Template = ""
	}
	return v.runs(in.Mark, in.To, workloadRefOf(in.Where).container) && !(in.Back && forwardRuns(in, v))
}

// forwardRuns reports whether the workload runs what a rollback is to undo, whatever
// was written into its template since.
func forwardRuns(in deployer.Intent, v view) bool {
	in.From.Template = ""
	return in.Back && v.runs(in.ForwardMark(), in.From, workloadRefOf(in.Where).container)
}

// untouched reports whether the workload still runs what a rollout of ours found
// there, and has never taken ours: its cluster has refused that. What ran well
// before may be another version.
func untouched(in deployer.Intent, v view) bool {
	at, mark := workloadRefOf(in.Where), in.ForwardMark()
	return in.Found.Image != "" && v.image(at.container) == in.Found.Image && v.mark() != mark && v.rolledBackBy() != mark &&
		v.marked(mark, in.From, at.container) == nil
}

// isState reports whether a template is that of the state, as far as it is known.
func isState(want deployer.State, t corev1.PodTemplateSpec, container string) bool {
	image, _ := imageOf(t, container)
	return matchesImage(image, want.Image) && (want.Template == "" || want.Template == templateOf(t, container))
}

// mark is the mark on the template, or "".
func (v view) mark() string { return v.deployment.Spec.Template.Annotations[Annotation] }

// rolledBackBy is the mark under which a template of the history was put back, or
// "". It may be out of date: it says nothing of what came after it.
func (v view) rolledBackBy() string {
	mark, _ := v.note(RolledBackBy)
	return mark
}

// runs reports whether the workload runs the state that a rollout with that mark
// has brought: in a template that bears the mark, or in one of the history that
// was put back under it, and is there still as far as it is wanted, or is as the
// cluster wrote it then.
func (v view) runs(mark string, want deployer.State, container string) bool {
	if v.mark() == mark {
		return matchesImage(v.image(container), want.Image)
	}
	by, generation := v.note(RolledBackBy)
	if by == mark && generation == v.deployment.Generation {
		want.Template = ""
	}
	return by == mark && isState(want, v.deployment.Spec.Template, container)
}

// marked is the newest ReplicaSet that a rollout with that mark has made, or has
// put back to bring the state, or nil. The controller copies the annotations of
// the workload to the ReplicaSet that it runs.
func (v view) marked(mark string, want deployer.State, container string) *appsv1.ReplicaSet {
	var newest *appsv1.ReplicaSet
	for _, s := range v.sets {
		by, _ := readNote(s.Annotations[RolledBackBy])
		ours := s.Spec.Template.Annotations[Annotation] == mark || by == mark && isState(want, s.Spec.Template, container)
		if ours && (newest == nil || revision(s) > revision(newest)) {
			newest = s
		}
	}
	return newest
}

// reusable is the ReplicaSet whose template is what the intent wants, or nil. Of
// several the one that has the most pods is best, since those are not touched. Where
// only the image is known, the number of the revision tells which was meant; and where
// none has the template, since another release has written its fingerprint.
func (v view) reusable(in deployer.Intent) *appsv1.ReplicaSet {
	best := v.bestFor(in)
	if best == nil && in.To.Template != "" {
		in.To.Template = ""
		if best = v.bestFor(in); best != nil && !numbered(best, in.To.Revision) {
			return nil
		}
	}
	return best
}

// numbered reports whether the ReplicaSet has that number in the history, or had it: it
// gets a new one whenever it is taken up again.
func numbered(s *appsv1.ReplicaSet, number string) bool {
	had := strings.Split(s.Annotations[revisionHistoryKey], ",")
	return number != "" && (s.Annotations[revisionKey] == number || slices.Contains(had, number))
}

func (v view) bestFor(in deployer.Intent) *appsv1.ReplicaSet {
	container := workloadRefOf(in.Where).container
	rank := func(s *appsv1.ReplicaSet) []int64 {
		pods, named := int64(s.Status.Replicas), int64(0)
		if numbered(s, in.To.Revision) {
			named = 1
		}
		if in.To.Template == "" {
			return []int64{named, pods, revision(s)}
		}
		return []int64{pods, named, revision(s)}
	}
	var best *appsv1.ReplicaSet
	for _, s := range v.sets {
		forward := in.Back && s.Spec.Template.Annotations[Annotation] == in.ForwardMark() && isState(deployer.State{Image: in.From.Image}, s.Spec.Template, container)
		if !forward && isState(in.To, s.Spec.Template, container) && (best == nil || slices.Compare(rank(s), rank(best)) > 0) {
			best = s
		}
	}
	return best
}
