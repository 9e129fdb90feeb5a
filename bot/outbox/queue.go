package outbox

import (
	"context"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A queue holds the letters of one channel. Its worker posts them, one after the
// other; cards that are there are the painter's.
type queue struct {
	*Outbox
	channel string
	limiter *Limiter // about one post a second
	wake    chan struct{}

	mu      sync.Mutex
	running bool
	order   []string         // the keys of the letters, sorted
	items   map[string]*item // by key
	cards   map[string]*shown
	scans   map[string]historyScan // what was read to look for posts, by thread
}

// An item is a letter and how far it has come. Its fields belong to the
// queue's lock, save where whoever has it in hand alone touches them.
type item struct {
	letter   deployer.OutboxMessage
	since    time.Time                   // when the first letter came that it stands for
	busy     bool                        // somebody has it in hand
	unclear  time.Time                   // when it may have been sent last; zero: it was not
	rest     func(context.Context) error // what is left to write down; nil: it has to be sent
	sent     deployer.OutboxMessage      // with rest: which letter that is about
	plain    bool                        // Slack does not accept its form
	failures int
	next     time.Time // not before
	done     int64     // the newest scan when it was finished; 0: it is not
}

// shown is what is known about the card of a deployment.
type shown struct {
	posted bool // it is in the channel
	moved  bool // its pods have moved on since
	gone   bool // somebody deleted it
	lost   bool // that it can't be posted was said
	told   bool // the requester was told that its channel can't be
	busy   bool // it is being edited
	drawn  string
	next   time.Time // no edit before
	shaky  time.Time // an edit without an answer may take effect until then
	again  time.Time // when it is painted once more because of such a one; zero: it is not
}

// class orders what waits in a queue.
type class int

const (
	announced class = iota // others wait for it: starting, complete, failed
	firstCard              // the thread hangs on it
	threaded               // in the card's thread, and to one person
	newState               // of a card that is there: the painter's
)

// reserve is how many posts of [postsAtOnce] a class leaves to those before it,
// where much is said at once in many channels, and how many in its own channel:
// in ten channels with ten deployments each, whose people approve whatever they
// see, up to forty announcements fall due within three seconds.
func (c class) reserve() (everywhere, here int) {
	switch c {
	case firstCard:
		return 34, 1
	case threaded:
		return 40, 1
	}
	return 0, 0
}

// A job is what a queue does next: an item, or a card that has moved.
type job struct {
	class      class
	deployment string
	item       *item // nil: the card has moved, and no letter says so
	since      time.Time
	leads      bool // it is a first card that goes before an announcement of its deployment
}

func newQueue(o *Outbox, channel string) *queue {
	return &queue{
		Outbox: o, channel: channel, limiter: o.poster.channel(channel), wake: make(chan struct{}, 1),
		items: map[string]*item{}, cards: map[string]*shown{}, scans: map[string]historyScan{},
	}
}

// set takes over what a scan of the mailbox has found. Letters that were there
// at the start may have been sent by a process that died.
func (q *queue) set(letters []deployer.OutboxMessage, scan int64, atStart bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.order = q.order[:0]
	there := make(map[string]bool, len(letters))
	for _, l := range letters {
		there[l.Key] = true
		q.order = append(q.order, l.Key)
		it := q.items[l.Key]
		switch {
		case it == nil && atStart:
			q.items[l.Key] = &item{letter: l, since: l.At, unclear: q.born}
		case it == nil, it.done != 0 && l.Rev != it.letter.Rev:
			q.items[l.Key] = &item{letter: l, since: l.At}
		case it.done != 0 && scan > it.done: // finished, and still there
			it.done, it.sent, it.rest = 0, l, nothing
		case l.Rev != it.letter.Rev:
			it.letter, it.next = l, time.Time{}
		}
	}
	for key, it := range q.items {
		if !there[key] && (it.done == 0 || scan > it.done) {
			delete(q.items, key)
		}
	}
	q.wakeUp()
}

func nothing(context.Context) error { return nil }

// move notes that the pods of a deployment have moved on.
func (q *queue) move(deployment string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.card(deployment).moved = true
	q.wakeUp()
}

// card returns what is known about a card. The caller holds the lock.
func (q *queue) card(deployment string) *shown {
	s := q.cards[deployment]
	if s == nil {
		s = &shown{}
		q.cards[deployment] = s
	}
	return s
}

// wakeUp has the queue's worker and the painter look what there is to do.
func (q *queue) wakeUp() {
	for _, wake := range []chan struct{}{q.wake, q.editWake} {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// start reports whether the queue needs a goroutine. Whoever is told so
// provides it.
func (q *queue) start() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running {
		return false
	}
	q.running = true
	return true
}

// run works until nothing is left to do, or ctx ends.
func (q *queue) run(ctx context.Context) {
	for ctx.Err() == nil {
		j, at, ok := q.next(time.Now())
		if !ok {
			return
		}
		if wait := time.Until(at); wait > 0 {
			linger(ctx, wait, q.wake)
			continue
		}
		q.do(ctx, j)
		q.wakeUp() // a card may have become the painter's
	}
}

// linger waits, but no longer than until it is woken.
func linger(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-wake:
	case <-ctx.Done():
	}
}

// next returns the job that comes first, and when it may be done. If there is
// none, the queue's goroutine is no longer needed.
func (q *queue) next(now time.Time) (best job, at time.Time, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	line := newState // the best of what stands in line; a job that is done meanwhile costs no place
	for _, j := range q.candidates() {
		ready, inLine := q.ready(j, now)
		if inLine {
			line = min(line, j.class)
		}
		if !ok || before(j, ready, best, at, now) {
			best, at, ok = j, ready, true
		}
	}
	if line < newState {
		q.posts.wait(q.channel, line, now)
	} else {
		q.posts.leave(q.channel)
	}
	if q.running = ok; !ok {
		q.scans = map[string]historyScan{}
	}
	return best, at, ok
}

// before reports whether a job comes before another: of two that may be done,
// by class and age; else the one that may be done first.
func before(a job, aAt time.Time, b job, bAt, now time.Time) bool {
	switch {
	case aAt.After(now) || bAt.After(now):
		return aAt.Before(bAt)
	case a.class != b.class:
		return a.class < b.class
	case !a.since.Equal(b.since):
		return a.since.Before(b.since)
	}
	return a.leads && !b.leads
}

// candidates are the first letters of every deployment and class: those behind
// them wait, so that a thread keeps its order. The painter's are not among them.
//
// A first card whose deployment has something to announce goes right before
// that, as old as the announcement: the cards of others do not.
func (q *queue) candidates() []job {
	type lane struct {
		deployment string
		class      class
	}
	var lanes []lane
	first := map[lane]*item{}
	for _, key := range q.order {
		it := q.items[key]
		if it == nil || it.done != 0 {
			continue
		}
		if l := (lane{it.letter.Deployment, q.classOf(it.letter)}); first[l] == nil {
			lanes, first[l] = append(lanes, l), it
		}
	}
	var out []job
	for _, l := range lanes {
		j := job{class: l.class, deployment: l.deployment, item: first[l], since: first[l].since}
		switch l.class {
		case firstCard:
			if a := first[lane{l.deployment, announced}]; a != nil {
				j.class, j.since, j.leads = announced, a.since, true
			}
		case threaded:
			if first[lane{l.deployment, firstCard}] != nil {
				continue
			}
		case newState:
			continue
		}
		out = append(out, j)
	}
	return out
}

func (q *queue) classOf(l deployer.OutboxMessage) class {
	switch {
	case l.Kind == deployer.MessageCard:
		if s := q.cards[l.Deployment]; !l.Receipt || s != nil && s.posted {
			return newState
		}
		return firstCard
	case l.Thread, l.Kind == deployer.MessageRefused:
		return threaded
	}
	return announced
}

// ready is when a job may be done, at the earliest. inLine says that all it
// waits for is the gate of all channels: only then it stands in line there, since
// nobody should wait for a post that its own channel does not take yet.
func (q *queue) ready(j job, now time.Time) (at time.Time, inLine bool) {
	it := j.item
	_, here := j.class.reserve()
	switch {
	case it.rest != nil:
		return it.next, false
	case it.letter.Kind == deployer.MessageRefused:
		return latest(it.next, q.ephemerals.open(now)), false
	case !it.unclear.IsZero() && it.letter.Thread:
		return latest(it.next, it.unclear.Add(q.pace.Settle), q.replies.open(now)), false
	case !it.unclear.IsZero():
		return latest(it.next, it.unclear.Add(q.pace.Settle), q.reads.open(now)), false
	}
	if at := latest(it.next, q.limiter.openReserving(here, now)); at.After(now) {
		return at, false
	}
	return q.posts.opens(q.channel, j.class, now), true
}
