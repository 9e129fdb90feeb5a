package kube

import (
	"cmp"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// A Grace says of each cause that may pass by itself how long it may last before
// it fails a step; 0 means what stands behind it. The progress deadline of the
// workload and the deadline of the step end it earlier.
type Grace struct {
	Image       time.Duration // an image that does not come, of a registry that has not said no; 1 min
	Start       time.Duration // a container that can't be started, as for want of a Secret; 1 min
	Quota       time.Duration // no room or leave for new pods or ReplicaSets, while nothing can free any; 15 s
	Webhook     time.Duration // an admission webhook that does not answer; 1 min
	Schedule    time.Duration // pods that fit on no node, since an autoscaler may bring one; 2 min
	Endpoints   time.Duration // a Service that does not lead to pods that are ready; 15 s
	Stopping    time.Duration // an old pod that is not gone after the time that it was given to stop; 1 min
	Unready     time.Duration // pods that were verified and are out of order, while something rests on that; 1 min
	Controllers time.Duration // a change that the cluster's controllers have not taken up, until it is said; 15 s
}

func (g Grace) orDefault() Grace {
	return Grace{
		Image: cmp.Or(g.Image, time.Minute), Start: cmp.Or(g.Start, time.Minute),
		Quota: cmp.Or(g.Quota, 15*time.Second), Webhook: cmp.Or(g.Webhook, time.Minute),
		Schedule: cmp.Or(g.Schedule, 2*time.Minute), Endpoints: cmp.Or(g.Endpoints, 15*time.Second),
		Stopping: cmp.Or(g.Stopping, time.Minute), Unready: cmp.Or(g.Unready, time.Minute),
		Controllers: cmp.Or(g.Controllers, 15*time.Second),
	}
}

// A cause is what kind of trouble it is, which says how long it is tolerated.
type cause int

const (
	causeFinal   cause = iota // it does not pass
	causeRefused              // somebody says no, and may be told otherwise
	causeQuota                // the room that is wanted is used up
	causeWebhook
	causeStart
	causeImage
	causeSchedule
	causeStopping
	causeControllers
)

func (g Grace) of(c cause) time.Duration {
	switch c {
	case causeRefused, causeQuota:
		return g.Quota
	case causeWebhook:
		return g.Webhook
	case causeStart:
		return g.Start
	case causeImage:
		return g.Image
	case causeSchedule:
		return g.Schedule
	case causeStopping:
		return g.Stopping
	case causeControllers:
		return g.Controllers
	}
	return 0
}

// A graceTracker remembers since when what is wrong is wrong, by what it is wrong
// with, and when the rollout last came on. It belongs to one Follow.
type graceTracker struct {
	grace    Grace
	from     time.Time // when the attempt began: what the cluster says of before does not count
	looks    int       // how many there were
	clocks   map[clockKey]*clock
	came     map[types.UID]bool // new pods that were ready once
	old      map[types.UID]bool // old pods of the last look
	progress time.Time          // when a new pod became ready, or an old one went away
	left     *leftover          // the old pods that are stopping; nil: none
}

// A clockKey is one cause of trouble of a pod, or of another object.
type clockKey struct {
	of    types.UID
	cause cause
}

type clock struct {
	began time.Time     // of the trouble
	since time.Time     // from when on its grace counts
	look  int           // when it was last asked for
	given time.Duration // the longest that a pod was given to stop: whoever ends it at last takes that away
}

func newGraceTracker(g Grace, from time.Time) *graceTracker {
	return &graceTracker{grace: g, from: from, clocks: map[clockKey]*clock{}, came: map[types.UID]bool{}}
}

// look takes in a new view, before anything is asked of it: what has passed since
// the last one begins anew when it comes again.
func (g *graceTracker) look(v view, set *appsv1.ReplicaSet, now time.Time) {
	for key, c := range g.clocks {
		if c.look < g.looks {
			delete(g.clocks, key)
		}
	}
	g.looks++
	for _, p := range v.of(set) {
		if c := condition(p, corev1.PodReady); !g.came[p.UID] && c != nil && c.Status == corev1.ConditionTrue {
			g.came[p.UID] = true
			g.progress = later(g.progress, g.began(c.LastTransitionTime.Time, now))
		}
	}
	old := v.old(set)
	g.left = g.leftover(old, now)
	if set == nil { // all are old for now, as when an autoscaler's change was not taken up yet
		return
	}
	before := g.old
	g.old = make(map[types.UID]bool, len(old))
	for _, p := range old {
		g.old[p.UID] = true
	}
	for uid := range before {
		if !g.old[uid] {
			g.progress = now
		}
	}
}

// began is when something began that is seen now. What was there at the first look
// began when the cluster says, so that our own restart costs no time. Later it begins
// when it is seen, for the cluster's clock may not go as ours.
func (g *graceTracker) began(told, now time.Time) time.Time {
	if g.looks > 1 || told.IsZero() || told.After(now) {
		return now
	}
	return told
}

// clock is that of a trouble, which began then if the cluster says when.
func (g *graceTracker) clock(key clockKey, told, now time.Time) *clock {
	c := g.clocks[key]
	if c == nil {
		c = &clock{began: g.began(told, now)}
		g.clocks[key] = c
	}
	c.look = g.looks
	return c
}

// until is when the grace of the symptom ends; zero: it has, or there is none. It
// counts while the rollout does not come on, and where room is wanted while nothing
// can free any. It is no longer than the progress deadline.
func (g *graceTracker) until(s symptom, deadline time.Duration, now time.Time) time.Time {
	if s.cause == causeFinal {
		return time.Time{}
	}
	told := s.began
	if !told.IsZero() {
		told = later(told, g.from)
	}
	c := g.clock(clockKey{s.of, s.cause}, told, now)
	c.since = later(later(c.since, c.began), g.progress)
	if end, frees := g.left.frees(now); frees && s.wantsRoom() {
		c.since = now
		return end
	}
	grace := min(g.grace.of(s.cause), deadline)
	if s.cause == causeQuota {
		// A controller waits ever longer before it tries again: about as long as it has failed.
		grace += c.since.Sub(c.began)
	}
	if end := c.since.Add(grace); end.After(now) {
		return end
	}
	return time.Time{}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
