package outbox

import (
	"cmp"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A class says which of the messages that wait goes first: the lower one.
type class int

const (
	announced class = iota // others wait for it: starting, complete, failed
	firstCard              // the thread hangs on it
	threaded               // in the card's thread, and to one person
	revised                // what is said of a problem has changed: its message is edited
	newState               // of a card that is there: the card editor's
	reactions              // on a card that shows its newest state: likewise, and last of all
)

// reserve is how many posts of [postBurst] a class leaves to those before it,
// where much is said at once in many channels, and how many in its own channel:
// in ten channels with ten deployments each, whose people approve whatever they
// see, up to forty announcements fall due within three seconds.
func (c class) reserve() (everywhere, inChannel int) {
	switch c {
	case firstCard:
		return 34, 1
	case threaded:
		return 40, 1
	}
	return 0, 0
}

// A job is a next step that may be taken: with a message or, for the card editor,
// with a card that is dirty.
type job struct {
	class      class
	deployment string
	item       *item     // nil: the card is dirty, and no message says so
	since      time.Time // how long it waits; the older one of a class goes first
	leads      bool      // it is a first card that goes before an announcement of its deployment
	by         string    // who asked for the deployment, of what is posted to everybody; "": not known
	servedAt   time.Time // when something of theirs was posted here last; zero: not lately

	readyAt time.Time // when it may be done, at the earliest

	// waitsForAll says that the limiter of all channels is all that it waits for.
	// Only then its channel is one of the waiters there, since nobody should wait for
	// a post that its own channel does not take yet.
	waitsForAll bool
}

// next returns the job that comes first; it may have to wait until it is ready.
// If there is none, the queue's worker is no longer needed.
func (q *queue) next(now time.Time) (first job, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	jobs := q.turns.heads(now)
	for i := range jobs {
		jobs[i].readyAt, jobs[i].waitsForAll = q.readyAt(jobs[i], now)
		jobs[i].servedAt = q.servedAt[jobs[i].by]
	}
	q.waitWithOthers(jobs, now)
	first, ok = firstOf(jobs, func(a, b job) bool { return before(a, b, now) })
	if q.hasWorker = ok; !ok {
		q.historyOf, q.servedAt = map[string]historyScan{}, map[string]time.Time{}
	}
	return first, ok
}

// firstOf returns the first of the jobs by an order; of two that it takes for
// equal, the one that stands before the other.
func firstOf[J any](jobs []J, before func(a, b J) bool) (first J, ok bool) {
	for _, j := range jobs {
		if !ok || before(j, first) {
			first, ok = j, true
		}
	}
	return first, ok
}

// before reports whether a job comes before another: of two that are ready, by
// class, and of one class first what is of whoever was served longest ago, then by
// age; else the one that is ready first.
func before(a, b job, now time.Time) bool {
	switch {
	case a.readyAt.After(now) || b.readyAt.After(now):
		return a.readyAt.Before(b.readyAt)
	case a.class != b.class:
		return a.class < b.class
	}
	return cmp.Or(a.servedAt.Compare(b.servedAt), byAge(a, b)) < 0
}

// served notes that a post was made for whoever asked for its deployment: the next
// turn is another one's. A card that leads takes none, so that its announcement
// follows it.
func served(q *queue, j job) {
	if j.by == "" || j.leads {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.servedAt[j.by] = time.Now()
}

// byAge orders jobs of one class: the older one goes first and, of those that came
// together, the one that leads, else the one whose key is the lower.
func byAge(a, b job) int {
	leads := 0
	switch {
	case a.leads && !b.leads:
		leads = -1
	case b.leads && !a.leads:
		leads = 1
	}
	return cmp.Or(a.since.Compare(b.since), leads, strings.Compare(a.key(), b.key()))
}

// key tells the job from all others of its class.
func (j job) key() string {
	if j.item == nil {
		return j.deployment
	}
	return j.item.message.Key
}

// waitWithOthers makes the channel a waiter at the limiter of all channels, with
// the best that it has for it. A job that is done meanwhile does not cost it its
// turn there.
func (q *queue) waitWithOthers(jobs []job, now time.Time) {
	best := newState // which is never posted
	for _, j := range jobs {
		if j.waitsForAll {
			best = min(best, j.class)
		}
	}
	if best < newState {
		q.posts.wait(q.channel, best, now)
	} else {
		q.posts.leave(q.channel)
	}
}

// classOf is the class of a message. The caller holds the lock.
func (q *queue) classOf(m deployer.OutboxMessage) class {
	switch {
	case m.IsCard():
		if s := q.cards[m.Deployment]; !m.Receipt || s != nil && s.posted {
			return newState
		}
		return firstCard
	case revises(m):
		return revised
	case m.Thread, m.Kind == deployer.MessageRefused:
		return threaded
	}
	return announced
}

// readyAt is when the worker may do a job, at the earliest, and whether it waits
// for the limiter of all channels alone: each action has its own limiter. The
// caller holds the lock.
func (q *queue) readyAt(j job, now time.Time) (at time.Time, waitsForAll bool) {
	own, action := j.item.ownTime(q.pace.Settle)
	switch action {
	case recording:
		return own, false
	case revising:
		return latest(own, q.refusal.until, q.edits.opensAt(now)), false
	case whispering:
		return latest(own, q.ephemerals.opensAt(now)), false
	case finding:
		return latest(own, q.reads.opensAt(now)), false
	case findingReplies:
		return latest(own, q.replies.opensAt(now)), false
	}
	_, inChannel := j.class.reserve()
	if at := latest(own, q.limiter.opensAtReserving(inChannel, now)); at.After(now) {
		return at, false
	}
	return q.posts.opensAt(q.channel, j.class, now), true
}
