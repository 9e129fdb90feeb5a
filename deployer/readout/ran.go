// Package readout reads off a deployment what only those need who show or use it, such as what
// ran well before. No order rests on it.
package readout

import (
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// RanWell are the versions that a deployment knows which has ended, or has only paperwork left, to have run well of a
// service, the last first: what it brought or went back to, if that was proven,
// and what it would have gone back to. A drill has brought nothing.
func RanWell(d deployer.Deployment, service string) []deployer.Good {
	t := d.Target(service)
	if t == nil || d.Drill.On {
		return nil
	}
	var out []deployer.Good
	if state, ok := deployer.BackTo(d, *t); ranThrough(d, deployer.RolledBack) && ok && slices.Contains(d.RollbackServices, service) && deployer.Proven(d, service) {
		out = append(out, deployer.Good{State: state, How: deployer.EvidenceProven, By: d.ID, Since: d.Ended})
	} else if ranThrough(d, deployer.Complete) && deployer.Proven(d, service) && (deployer.IsLive(d, *t) || slices.Contains(d.Touched(), service)) {
		out = append(out, deployer.Good{State: t.After, How: deployer.EvidenceProven, By: d.ID, Since: d.Ended})
	}
	if g := t.Good; g.State != (deployer.State{}) {
		if began := rolledOutAt(d, service); g.Until.IsZero() {
			g.Until = began
		}
		out = append(out, g)
	}
	return out
}

// ranThrough reports whether a deployment has done all that changes what runs on the way
// to an end, though paperwork may be left.
func ranThrough(d deployer.Deployment, end deployer.Status) bool {
	return d.Status == end || d.Freed && (d.Part == deployer.PartRollback) == (end == deployer.RolledBack)
}

// RanThrough reports whether a deployment has come to an end, or to what that tells of.
func RanThrough(d deployer.Deployment) (end deployer.Status, ok bool) {
	for _, end := range []deployer.Status{deployer.Complete, deployer.RolledBack} {
		if ranThrough(d, end) {
			return end, true
		}
	}
	return d.Status, d.Status.Ended()
}

// rolledOutAt is when the first rollout of a service began; zero: it did not.
func rolledOutAt(d deployer.Deployment, service string) time.Time {
	if b := deployer.BroughtBefore(d, service); b != nil {
		return b.Since
	}
	for _, s := range d.Steps {
		if e := s.Effect(deployer.EffectKey{Step: s.ID, Item: service}.String()); e != nil && s.Deploys() && s.Part == deployer.PartMain && e.Touched() {
			return e.At
		}
	}
	return time.Time{}
}

// RanFor is how long a version ran well before the deployment took its place, or
// up to now; 0: it is not known.
func RanFor(d deployer.Deployment, t deployer.Target, now time.Time) time.Duration {
	until := t.Good.Until
	if until.IsZero() {
		until = rolledOutAt(d, t.Service)
	}
	if until.IsZero() {
		until = now
	}
	if t.Good.How != deployer.EvidenceProven || t.Good.Since.IsZero() || until.Before(t.Good.Since) {
		return 0
	}
	return until.Sub(t.Good.Since)
}
