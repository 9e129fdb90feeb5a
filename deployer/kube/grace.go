package kube

import (
	"cmp"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
)

// A Grace says of each cause that may pass by itself how long it may last before
// it fails a step; 0 means what stands behind it. The progress deadline of the
// workload and the deadline of the step end it earlier.
type Grace struct {
	Image       time.Duration // an image that does not come, of a registry that has not said no; 1 min
	Start       time.Duration // a container that can't be started, for want of a Secret or a volume; 1 min
	Quota       time.Duration // no room or leave for new pods or ReplicaSets, while nothing can free any; 15 s
	Webhook     time.Duration // an admission webhook that does not answer; 1 min
	Schedule    time.Duration // pods that fit on no node, since an autoscaler may bring one; 2 min
	Endpoints   time.Duration // a Service that does not lead to pods that are ready; 15 s
	Stopping    time.Duration // an old pod that is not gone after the time that it was given to stop; 1 min
	Controllers time.Duration // a change that the cluster's controllers have not taken up, until it is said; 15 s
}

func (g Grace) orDefault() Grace {
	return Grace{
		Image: cmp.Or(g.Image, time.Minute), Start: cmp.Or(g.Start, time.Minute),
		Quota: cmp.Or(g.Quota, 15*time.Second), Webhook: cmp.Or(g.Webhook, time.Minute),
		Schedule: cmp.Or(g.Schedule, 2*time.Minute), Endpoints: cmp.Or(g.Endpoints, 15*time.Second),
		Stopping: cmp.Or(g.Stopping, time.Minute), Controllers: cmp.Or(g.Controllers, 15*time.Second),
	}
}

// A graceTracker remembers since when something is wrong that may pass by itself.
// It belongs to one Follow.
type graceTracker struct {
	grace Grace
	since map[string]time.Time
}

func (s *System) newGraceTracker() *graceTracker {
	return &graceTracker{grace: s.cfg.Grace, since: map[string]time.Time{}}
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
		grace = g.grace.Quota
	case toleranceScheduling:
		grace = g.grace.Schedule
	}
	if g.since[s.kind].IsZero() {
		g.since[s.kind] = now
	}
	if end := g.since[s.kind].Add(grace); end.After(now) {
		return end
	}
	return time.Time{}
}
