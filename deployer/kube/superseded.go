package kube

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/podtemplate"
)

// supersededWhy says in words what runs instead of what was intended.
func supersededWhy(in deployer.Intent, v view) string {
	at := workloadRefOf(in.Where)
	now := v.fullState(at.container)
	undone := at.workload + " was put back to " + now.Version + " by somebody else, or by a controller that undoes changes."
	by := v.madeBy(v.mark(), deployer.State{Image: now.Image}, at.container)
	switch {
	case forwardRuns(in, v):
		return undone
	case v.mark() == in.Mark, v.rolledBackBy() == in.Mark && !matchesImage(now.Image, in.To.Image):
		return at.workload + " was changed to " + tellApart(now.Image, in.To.Image) + " meanwhile."
	case putBack(in, v):
		return undone
	case by != "" && by != in.ForwardMark() && by != in.BackMark():
		return at.workload + " runs " + now.Version + " of " + deployer.DeploymentOfMark(by) + " now."
	case !in.Back && now.Image == in.From.Image && v.marked(in.Mark, in.To, at.container) != nil:
		return undone
	case !in.Back && now.Image == in.From.Image && !in.From.Is(now):
		return at.workload + " was changed meanwhile: " + podtemplate.Changes(in.From.Template, now.Template) + "."
	case !in.Back && in.To.Revision == "" && matchesImage(now.Image, in.To.Image) && v.marked(in.Mark, in.To, at.container) != nil:
		return at.workload + " runs " + now.Version + ", but somebody has replaced it meanwhile: the mark of stationmaster is gone."
	case in.To.Template != "" && matchesImage(now.Image, in.To.Image):
		return at.workload + " runs " + now.Version + ", but not as it ran before: " + podtemplate.Changes(in.To.Template, now.Template) + "."
	}
	return at.workload + " runs " + now.Version + " now; it ran " + in.From.Version + " before."
}

// putBack reports whether the workload runs a template that is older than what the
// intent has brought, or than what it found where it has brought nothing.
func putBack(in deployer.Intent, v view) bool {
	container := workloadRefOf(in.Where).container
	than := v.marked(in.Mark, in.To, container)
	if than == nil {
		than = v.oldest(func(s *appsv1.ReplicaSet) bool { return isState(in.From, s.Spec.Template, container) })
	}
	runs := v.state(container)
	if in.From.Template != "" || in.To.Template != "" { // or the view has not all of the template
		runs = v.fullState(container)
	}
	now := v.oldest(func(s *appsv1.ReplicaSet) bool {
		return s.Spec.Template.Annotations[Annotation] == v.mark() && isState(runs, s.Spec.Template, container)
	})
	return than != nil && now != nil && born(now) < born(than)
}

// madeBy is the mark of the rollout that made a template with that mark and state,
// or "" where it is none: whoever changes a template by hand leaves the mark that
// they find, so that only what the oldest with it holds was made under it.
func (v view) madeBy(mark string, now deployer.State, container string) string {
	first := v.oldest(func(s *appsv1.ReplicaSet) bool { return s.Spec.Template.Annotations[Annotation] == mark })
	if first != nil && !isState(now, first.Spec.Template, container) {
		return ""
	}
	return mark
}

// broughtBy is the id of another deployment of a store that has brought what runs; "": the
// intent's has, in whatever round, or somebody, or nobody knows who.
func (v view) broughtBy(in deployer.Intent, container, store string) string {
	by := v.madeBy(v.mark(), deployer.State{Image: v.image(container)}, container)
	if id := deployer.OwnDeployment(by, store); in.Mark != "" && id != deployer.DeploymentOfMark(in.Mark) {
		return id
	}
	return ""
}

// oldest is the ReplicaSet that was made first of those that are so, or nil.
func (v view) oldest(so func(*appsv1.ReplicaSet) bool) *appsv1.ReplicaSet {
	sets := slices.DeleteFunc(slices.Clone(v.sets), func(s *appsv1.ReplicaSet) bool { return !so(s) })
	if len(sets) == 0 {
		return nil
	}
	return slices.MinFunc(sets, func(a, b *appsv1.ReplicaSet) int { return cmp.Compare(born(a), born(b)) })
}

// born is the number that the ReplicaSet had at first in the history. It gets a new
// one whenever it is taken up again.
func born(s *appsv1.ReplicaSet) int64 {
	first, _, _ := strings.Cut(s.Annotations[revisionHistoryKey], ",")
	if n, err := strconv.ParseInt(first, 10, 64); err == nil {
		return n
	}
	return revision(s)
}
