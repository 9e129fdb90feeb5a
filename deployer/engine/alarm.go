package engine

import (
	"container/heap"
	"context"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// recheck bounds one wait for a time: a clock that was set, or a machine that
// was suspended, is noticed by then.
const recheck = 30 * time.Second

// An alarm holds when sleeping deployments must be looked at. Engine.mu guards
// it.
type alarm struct {
	queue   sleepers
	byID    map[string]*sleeper
	changed chan struct{} // has a token when the first one may be another
}

// A sleeper is a deployment that waits for a time.
type sleeper struct {
	id    string
	at    time.Time
	index int // in the queue
}

func newAlarm() alarm {
	return alarm{byID: map[string]*sleeper{}, changed: make(chan struct{}, 1)}
}

// set has a deployment looked at at a time; zero: not by itself.
func (a *alarm) set(id string, at time.Time) {
	s := a.byID[id]
	switch {
	case at.IsZero() && s == nil:
		return
	case at.IsZero():
		heap.Remove(&a.queue, s.index)
		delete(a.byID, id)
		return
	case s == nil:
		s = &sleeper{id: id, at: at.Round(0)}
		a.byID[id] = s
		heap.Push(&a.queue, s)
	default:
		s.at = at.Round(0)
		heap.Fix(&a.queue, s.index)
	}
	if s.index == 0 {
		select {
		case a.changed <- struct{}{}:
		default:
		}
	}
}

// remember takes over what the journal tells of those that are live. What
// orders have told since may be newer, and the earlier time is the safe one: to
// look at a deployment too early does no harm. The caller holds e.mu.
func (e *Engine) remember(wakeups map[string]deployer.Wakeup) {
	now := e.now()
	for id, w := range wakeups {
		if w.Now {
			w.At = now
		}
		if s := e.alarm.byID[id]; s == nil || w.At.Before(s.at) && !w.At.IsZero() {
			e.alarm.set(id, w.At)
		}
	}
}

// ring begins the loops of those whose time has come, until ctx ends.
func (e *Engine) ring(ctx context.Context) {
	for {
		select {
		case e.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		wait, rang := e.wakeFirst()
		if rang {
			continue // its loop gives the slot back
		}
		<-e.slots
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-e.alarm.changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// wakeFirst begins the loop of the first one that is due. If there is none, it
// says how long to wait.
func (e *Engine) wakeFirst() (wait time.Duration, rang bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.alarm.queue) == 0 {
		return recheck, false
	}
	first := e.alarm.queue[0]
	if wait = e.until(first.at); wait > 0 {
		return wait, false
	}
	e.launch(e.get(first.id), func() { <-e.slots })
	return 0, true
}

// until is how long to wait for a time before the clock is looked at again.
func (e *Engine) until(at time.Time) time.Duration { return min(at.Sub(e.now()), recheck) }

// sleepers is a heap, for container/heap; the first one is the next.
type sleepers []*sleeper

func (s sleepers) Len() int           { return len(s) }
func (s sleepers) Less(i, j int) bool { return s[i].at.Before(s[j].at) }

func (s sleepers) Swap(i, j int) {
	s[i], s[j] = s[j], s[i]
	s[i].index, s[j].index = i, j
}

func (s *sleepers) Push(x any) {
	x.(*sleeper).index = len(*s)
	*s = append(*s, x.(*sleeper))
}

func (s *sleepers) Pop() any {
	last := (*s)[len(*s)-1]
	(*s)[len(*s)-1] = nil
	*s = (*s)[:len(*s)-1]
	return last
}
