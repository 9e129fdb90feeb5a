package deployer

import (
	"slices"
	"strings"
	"time"
)

// A Good says which version a target is known to have run well: what a rollback
// goes back to. It is looked for when the target is resolved, and frozen with it,
// so that the card, the dialog and the rollback itself mean the same one.
//
// What ran when the deployment began counts if nearly all of its pods were
// ready, also where somebody has brought it by hand: that is what was relied on a
// minute ago. It does not if a deployment of ours has brought it and was stopped
// or has failed. Then the last version counts that a deployment of ours has
// proven; and after all those the newest in the system's own history that no
// deployment of ours has failed with, of which nobody knows how it ran.
type Good struct {
	State State     // zero for EvidenceNone
	How   Evidence  // how it is known
	By    string    // the deployment that has proven it; "": none of ours
	Since time.Time // from when on it ran so; zero: not known
	Until time.Time // until when; zero: until the rollout that is taken back
}

// Evidence is how it is known that a version ran well.
type Evidence string

// The kinds of evidence.
const (
	EvidenceUnsought Evidence = ""       // nobody has looked: of targets that were resolved before it was looked for
	EvidenceProven   Evidence = "proven" // a deployment has brought it, or went back to it, and a step of it looked and found all well
	EvidenceSeen     Evidence = "seen"   // it ran when the deployment began
	EvidenceListed   Evidence = "listed" // the system's history has it, and nothing speaks against it
	EvidenceNone     Evidence = "none"   // no version is known to have run well
)

// BackTo is what a rollback of the target puts back; false: no version is known
// to have run well, so that it can't be rolled back. Where that is what the
// rollout found there it is put back as it was found then, unless what was proven
// had another template: somebody has changed that since.
func BackTo(d Deployment, t Target) (State, bool) {
	found := Found(d, t)
	switch g := t.Good; {
	case g.How == EvidenceUnsought:
		return found, true
	case g.How == EvidenceNone:
		return State{}, false
	case g.State.Image == found.Image && !(g.How == EvidenceProven && found.Template != "" && g.State.Template != "" && g.State.Template != found.Template):
		return found, true
	default:
		return g.State, true
	}
}

// IsLive reports whether a target runs what is wanted without this deployment, so
// that it has nothing to do there.
func IsLive(d Deployment, t Target) bool { return t.Live || slices.Contains(d.Arrived, t.Service) }

// Found is what the rollout of the target found there, or until then what was
// looked up.
func Found(d Deployment, t Target) State {
	for _, s := range d.Steps {
		if e := s.Effect(EffectKey{Step: s.ID, Item: t.Service}.String()); e != nil && s.Deploys() && s.Part == PartMain {
			return e.Before
		}
	}
	return t.Before
}

// revertible are those services that a rollback can put back, and those that it
// can't, since no version of theirs is known to have run well.
func revertible(d Deployment, services []string) (back, not []string) {
	for _, service := range services {
		if _, ok := BackTo(d, *d.Target(service)); ok {
			back = append(back, service)
		} else {
			not = append(not, service)
		}
	}
	return back, not
}

// RanWell are the versions that a deployment knows which has ended, or has only paperwork left, to have run well of a
// service, the last first: what it brought or went back to, if that was proven,
// and what it would have gone back to. A drill has brought nothing.
func RanWell(d Deployment, service string) []Good {
	t := d.Target(service)
	if t == nil || d.Drill.On {
		return nil
	}
	var out []Good
	if state, ok := BackTo(d, *t); ranThrough(d, RolledBack) && ok && slices.Contains(d.RollbackServices, service) && proven(d, service) {
		out = append(out, Good{State: state, How: EvidenceProven, By: d.ID, Since: d.Ended})
	} else if ranThrough(d, Complete) && proven(d, service) && (IsLive(d, *t) || slices.Contains(d.Touched(), service)) {
		out = append(out, Good{State: t.After, How: EvidenceProven, By: d.ID, Since: d.Ended})
	}
	if g := t.Good; g.State != (State{}) {
		if began := rolledOutAt(d, service); g.Until.IsZero() {
			g.Until = began
		}
		out = append(out, g)
	}
	return out
}

// ranThrough reports whether a deployment has done all that changes what runs on the way
// to an end, though paperwork may be left.
func ranThrough(d Deployment, end Status) bool {
	return d.Status == end || d.Freed && (d.Part == PartRollback) == (end == RolledBack)
}

// RanThrough reports whether a deployment has come to an end, or to what that tells of.
func RanThrough(d Deployment) (end Status, ok bool) {
	for _, end := range []Status{Complete, RolledBack} {
		if ranThrough(d, end) {
			return end, true
		}
	}
	return d.Status, d.Status.Ended()
}

// rolledOutAt is when the rollout of a service began; zero: it did not.
func rolledOutAt(d Deployment, service string) time.Time {
	for _, s := range d.Steps {
		if e := s.Effect(EffectKey{Step: s.ID, Item: service}.String()); e != nil && s.Deploys() && s.Part == PartMain && e.Touched() {
			return e.At
		}
	}
	return time.Time{}
}

// RanFor is how long a version ran well before the deployment took its place, or
// up to now; 0: it is not known.
func RanFor(d Deployment, t Target, now time.Time) time.Duration {
	until := t.Good.Until
	if until.IsZero() {
		until = rolledOutAt(d, t.Service)
	}
	if until.IsZero() {
		until = now
	}
	if t.Good.How != EvidenceProven || t.Good.Since.IsZero() || until.Before(t.Good.Since) {
		return 0
	}
	return until.Sub(t.Good.Since)
}

// A Shortfall is what the end of a deployment does not stand for, though it went
// through all of its steps.
type Shortfall string

// What can be missing.
const (
	ShortOfNothing Shortfall = ""
	ShortOfRollout Shortfall = "rollout" // nothing was rolled out, or put back
	ShortOfProof   Shortfall = "proof"   // no step has looked whether it runs
)

// ShortOf says what the part that a deployment is on falls short of, and of which
// services: whether it changed anything that runs, and whether a step has looked
// since and found all well. Of a deployment under way it is what can't be made
// good any more.
func ShortOf(d Deployment) (Shortfall, []string) {
	var changed, unproven []string
	for _, t := range d.Targets {
		switch {
		case !changes(d, t.Service):
		default:
			changed = append(changed, t.Service)
			if !proven(d, t.Service) && !toBeProven(d) {
				unproven = append(unproven, t.Service)
			}
		}
	}
	switch {
	case starts(d) || len(d.Targets) == 0:
		return ShortOfNothing, nil
	case len(changed) == 0 && !toBeRolledOut(d):
		return ShortOfRollout, Services(d)
	case len(unproven) > 0:
		return ShortOfProof, unproven
	}
	return ShortOfNothing, nil
}

// Services are those that a deployment is about, as it has resolved them.
func Services(d Deployment) []string {
	out := make([]string, len(d.Targets))
	for i, t := range d.Targets {
		out[i] = t.Service
	}
	return out
}

// starts reports whether the deployment has others do its work.
func starts(d Deployment) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == d.Part && s.kind().Name == KindRun })
}

// changes reports whether the part that a deployment is on has changed what a
// service runs.
func changes(d Deployment, service string) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool {
		e := s.Effect(EffectKey{Step: s.ID, Item: service}.String())
		return e != nil && s.Deploys() && s.Part == d.Part && e.Outcome.Result == OK
	})
}

// toBeRolledOut reports whether the part has a rollout that is not over.
func toBeRolledOut(d Deployment) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == d.Part && s.Deploys() && !s.Background && !s.Over() })
}

// toBeProven reports whether the part has a step that may prove it yet.
func toBeProven(d Deployment) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == d.Part && s.Proves() && !s.Background && !s.Over() })
}

// proven reports whether a step of the part that a deployment is on has looked
// at a service after the rollout, and found all well.
func proven(d Deployment, service string) bool {
	rolledOut := planner{d}.rolledOut()
	return slices.ContainsFunc(d.Steps, func(s StepState) bool {
		if !(planner{d}).isProof(s, rolledOut) {
			return false
		}
		e := s.Effect(EffectKey{Step: s.ID, Item: service}.String())
		return e == nil && s.Scope() != ScopeServices || e != nil && e.Outcome.Result == OK
	})
}

// Waived is the title of a step that was to prove what the part has changed, and
// that somebody skipped; "": there is none.
func Waived(d Deployment) string {
	for _, s := range d.Steps {
		if s.Part == d.Part && s.Proves() && s.Skipped.By.ID != "" {
			return s.Title
		}
	}
	return ""
}

// failedProof is the title of a step that was to prove what the part has changed, and
// did not, which is only noted; "": there is none.
func failedProof(d Deployment) string {
	for _, s := range d.Steps {
		if s.Part == d.Part && s.Proves() && s.Noted() {
			return s.Title
		}
	}
	return ""
}

// ShortWords say in plain words what the end does not stand for; "": nothing.
func ShortWords(d Deployment) string {
	short, services := ShortOf(d)
	switch {
	case short == ShortOfProof && failedProof(d) != "":
		return "Not proven: “" + failedProof(d) + "” failed."
	case short == ShortOfProof && Waived(d) != "":
		return "Not proven: “" + Waived(d) + "” was skipped."
	case short == ShortOfProof:
		return "Not proven: no step has looked whether " + strings.Join(services, ", ") + " runs well."
	case short == ShortOfRollout && d.Part == PartRollback:
		return "Nothing was put back."
	case short == ShortOfRollout:
		return "Nothing was rolled out: " + strings.Join(runsStill(d), ", ") + "."
	}
	return ""
}

// runsStill says of each service what it ran, where nothing was rolled out.
func runsStill(d Deployment) []string {
	var out []string
	for _, t := range d.Targets {
		words := t.Service + " ran " + t.Before.Version + " when this began"
		if IsLive(d, t) {
			words = t.Service + " has " + t.After.Version + " already"
		}
		out = append(out, words)
	}
	return out
}
