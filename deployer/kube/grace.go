package kube

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
)

// A graceTracker remembers since when something is wrong that may pass by itself.
// It belongs to one Follow.
type graceTracker struct {
	grace, scheduling time.Duration
	since             map[string]time.Time
}

func (s *System) newGraceTracker() *graceTracker {
	return &graceTracker{grace: s.cfg.Grace, scheduling: s.cfg.SchedulingGrace, since: map[string]time.Time{}}
}

// failure is what is wrong with the revision's pods, the worst first, or nil.
// Other revisions' pods don't count. What happened before since doesn't either,
// where there is a time to it.
func (g *graceTracker) failure(v view, set *appsv1.ReplicaSet, since, now time.Time) *failure {
	found := symptoms(v, set, since, now)
	if s := quota(set); s != nil {
		found = append(found, *s)
	}
	for kind := range g.since {
		if !slices.ContainsFunc(found, func(s symptom) bool { return s.kind == kind }) {
			delete(g.since, kind)
		}
	}
	var first *failure
	for _, s := range found {
		f := s.failure(v)
		if f.until = g.until(s, now); f.until.IsZero() {
			return f
		}
		if first == nil {
			first = f
		}
	}
	if f := stalled(v, set, since, now); f != nil {
		return f
	}
	return first
}

// until is when the grace of the symptom ends; zero: it has.
func (g *graceTracker) until(s symptom, now time.Time) time.Time {
	var grace time.Duration
	switch s.tolerance {
	case toleranceNone:
		return time.Time{}
	case toleranceGrace:
		grace = g.grace
	case toleranceScheduling:
		grace = g.scheduling
	}
	if g.since[s.kind].IsZero() {
		g.since[s.kind] = now
	}
	if end := g.since[s.kind].Add(grace); end.After(now) {
		return end
	}
	return time.Time{}
}
