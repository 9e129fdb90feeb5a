package kube

import (
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
	switch mark := v.mark(); {
	case mark == in.Mark && matchesImage(now.Image, in.To.Image):
		_, present.PausedByUs = v.paused()
		return present
	case mark == in.Mark:
		return superseded
	case v.marked(in.Mark) != nil:
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
	case v.mark() == in.ForwardMark() && matchesImage(absent.State.Image, in.From.Image):
		return absent
	case v.mark() != in.ForwardMark() && matchesImage(absent.State.Image, in.To.Image):
		s := deployer.Observation{Kind: deployer.ObservedPresent, State: absent.State}
		s.Ref = followRef{generation: v.deployment.Generation, found: true}.String()
		return s
	}
	if untouched(in, v) {
		return absent
	}
	return superseded
}

// untouched reports whether the workload still runs what a rollout of ours found
// there, and has never taken ours: its cluster has refused that. What ran well
// before may be another version.
func untouched(in deployer.Intent, v view) bool {
	at := workloadRefOf(in.Where)
	return in.Found.Image != "" && v.image(at.container) == in.Found.Image && v.mark() != in.ForwardMark() && v.marked(in.ForwardMark()) == nil
}

// supersededWhy says in words what runs instead of what was intended.
func supersededWhy(in deployer.Intent, v view) string {
	at := workloadRefOf(in.Where)
	now, mark := v.fullState(at.container), v.mark()
	switch {
	case mark == in.Mark:
		return at.workload + " was changed to " + tellApart(now.Image, in.To.Image) + " meanwhile."
	case mark != "" && mark != in.ForwardMark() && mark != in.BackMark():
		return at.workload + " runs " + now.Version + " of " + deployer.DeploymentOfMark(mark) + " now."
	case !in.Back && now.Image == in.From.Image && v.marked(in.Mark) != nil:
		return at.workload + " was put back to " + now.Version + " by somebody else, or by a controller that undoes changes."
	case !in.Back && now.Image == in.From.Image && !in.From.Is(now):
		return at.workload + " was changed meanwhile: " + podtemplate.Changes(in.From.Template, now.Template) + "."
	}
	return at.workload + " runs " + now.Version + " now; it ran " + in.From.Version + " before."
}
