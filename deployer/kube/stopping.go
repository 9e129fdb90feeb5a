package kube

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// A leftover is the old pods that were told to end and have not, or all such pods.
type leftover struct {
	what  string        // one of them, in words
	pods  []*corev1.Pod // the one whose time is over first comes first
	until []time.Time   // of each: then it is stuck
	since time.Time     // when the first of them was told to
	only  bool          // all of those that were looked at are such
}

// leftover picks out of the pods those that were told to end; nil: none was.
// One is stuck when it is there for longer than it was given, and its grace.
func (g *graceTracker) leftover(all []*corev1.Pod, now time.Time) *leftover {
	l, first := &leftover{what: "old pod", since: now}, 0
	for _, p := range all {
		if p.DeletionTimestamp == nil {
			continue
		}
		var given time.Duration
		if s := p.DeletionGracePeriodSeconds; s != nil {
			given = time.Duration(*s) * time.Second
		}
		c := g.clock(clockKey{p.UID, causeStopping}, p.DeletionTimestamp.Add(-given), now)
		c.given = max(c.given, given)
		l.pods, l.until = append(l.pods, p), append(l.until, c.began.Add(c.given+g.grace.Stopping))
		if c.began.Before(l.since) {
			l.since = c.began
		}
		switch n := len(l.pods) - 1; l.until[n].Compare(l.until[first]) {
		case -1:
			first = n
		case 0:
			if p.Name < l.pods[first].Name {
				first = n
			}
		}
	}
	if len(l.pods) == 0 {
		return nil
	}
	l.pods[0], l.pods[first], l.until[0], l.until[first] = l.pods[first], l.pods[0], l.until[first], l.until[0]
	l.only = len(l.pods) == len(all)
	return l
}

// frees reports whether one of them can still end, and so free room, and until when
// the next of these may take.
func (l *leftover) frees(now time.Time) (next time.Time, ok bool) {
	if l == nil {
		return time.Time{}, false
	}
	for _, t := range l.until {
		if t.After(now) && (!ok || t.Before(next)) {
			next, ok = t, true
		}
	}
	return next, ok
}

// freeing is how many of them can still end.
func (l *leftover) freeing(now time.Time) int {
	n := 0
	for _, t := range l.until {
		if t.After(now) {
			n++
		}
	}
	return n
}

// stuck reports whether nothing else of the old is left, and all of it for too long.
func (l *leftover) stuck(now time.Time) bool {
	_, frees := l.frees(now)
	return l != nil && l.only && !frees
}

// recheck is when to look again: when one is stuck, or when the words change.
func (l *leftover) recheck(now time.Time) time.Time {
	next := l.since.Add(rounded(now.Sub(l.since)) + unit(now.Sub(l.since)))
	if end, ok := l.frees(now); ok && end.Before(next) {
		return end
	}
	return next
}

// words say how long they have been stopping, and why if that is known.
func (l *leftover) words(now time.Time, why string) string {
	n := len(l.pods)
	s := fmt.Sprintf("%s been stopping for %s", deployer.Count(n, l.what)+pick(n, " has", " have"), roughly(now.Sub(l.since)))
	if why != "" {
		s += " (" + why + ")"
	}
	return s
}

// reason is what the first of them says of why it does not end, or else its name.
func (l *leftover) reason() string {
	p := l.pods[0]
	switch target := condition(p, corev1.DisruptionTarget); {
	case p.Status.Reason == "NodeLost":
		return p.Spec.NodeName + " does not answer"
	case len(p.Finalizers) > 0:
		return "held by the finalizer " + p.Finalizers[0]
	case target != nil && target.Status == corev1.ConditionTrue && target.Reason == "DeletionByTaintManager":
		return "a taint of " + p.Spec.NodeName + " has sent it away"
	}
	return p.Name
}

// stopping says that old pods are left.
func stopping(old []*corev1.Pod) string {
	slices.SortFunc(old, func(a, b *corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	return fmt.Sprintf("%s still there: %s.", deployer.Count(len(old), "old pod")+pick(len(old), " is", " are"), old[0].Name)
}

// roughly is a time that has passed, in words that don't change all the time.
func roughly(d time.Duration) string {
	switch n := rounded(d); {
	case n < time.Minute:
		return fmt.Sprintf("%d s", n/time.Second)
	case n < time.Hour:
		return fmt.Sprintf("%d min", n/time.Minute)
	case n < 48*time.Hour:
		return fmt.Sprintf("%d h", n/time.Hour)
	default:
		return fmt.Sprintf("%d days", n/(24*time.Hour))
	}
}

func rounded(d time.Duration) time.Duration { return max(d, 0).Truncate(unit(d)) }

// unit is to what roughly rounds down.
func unit(d time.Duration) time.Duration {
	switch {
	case d < 5*time.Second:
		return time.Second
	case d < time.Minute:
		return 5 * time.Second
	case d < time.Hour:
		return time.Minute
	case d < 48*time.Hour:
		return time.Hour
	}
	return 24 * time.Hour
}
