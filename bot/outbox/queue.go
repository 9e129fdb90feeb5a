package outbox

import (
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A queue holds the messages of one channel. Its worker posts them, one after the
// other; new states of cards that are there are the card editor's.
type queue struct {
	*Outbox
	channel string
	limiter *Limiter      // of the channel's posts, about one a second; the worker alone takes from it
	wake    chan struct{} // the worker has something to look at

	mu        sync.Mutex
	hasWorker bool
	keys      []string               // of the messages, sorted
	items     map[string]*item       // by key
	cards     map[string]*cardState  // by deployment
	historyOf map[string]historyScan // what was read to look for posts, by thread; "" is the channel
}

func newQueue(o *Outbox, channel string) *queue {
	return &queue{
		Outbox: o, channel: channel, limiter: o.channelLimiter(channel), wake: make(chan struct{}, 1),
		items: map[string]*item{}, cards: map[string]*cardState{}, historyOf: map[string]historyScan{},
	}
}

// set takes over what a scan of the mailbox has found. Messages that were there
// at the start may have been sent by a process that died.
func (q *queue) set(messages []deployer.OutboxMessage, scan int64, atStart bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.keys = q.keys[:0]
	found := make(map[string]bool, len(messages))
	for _, m := range messages {
		found[m.Key] = true
		q.keys = append(q.keys, m.Key)
		q.setItem(m, scan, atStart)
	}
	for key, it := range q.items {
		if !found[key] && (!it.done() || scan > it.doneInScan) {
			delete(q.items, key)
		}
	}
	q.wakeUp()
}

// setItem takes over one message. The caller holds the lock.
func (q *queue) setItem(m deployer.OutboxMessage, scan int64, atStart bool) {
	it := q.items[m.Key]
	switch {
	case it == nil && atStart:
		q.items[m.Key] = &item{message: m, waitsSince: m.At, maybeSentAt: q.startedAt}
	case it == nil, it.done() && m.Rev != it.message.Rev:
		q.items[m.Key] = &item{message: m, waitsSince: m.At}
	case it.done() && scan > it.doneInScan: // done, and still there: only that has to be mended
		it.doneInScan, it.sent, it.toRecord = 0, m, recordNothing
	case m.Rev != it.message.Rev:
		it.message, it.notBefore = m, time.Time{}
	}
}

// takeInHand takes an item: nobody else works on it until it is released.
func (q *queue) takeInHand(it *item) deployer.OutboxMessage {
	q.mu.Lock()
	defer q.mu.Unlock()
	it.inHand = true
	return it.message
}

func (q *queue) release(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it.inHand = false
}

// putOff lets an item wait after something went wrong, longer each time.
func (q *queue) putOff(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it.failures++
	it.notBefore = time.Now().Add(q.pace.backoff(it.failures))
}

// wakeUp has the queue's worker and the card editor look what there is to do.
func (q *queue) wakeUp() {
	for _, wake := range []chan struct{}{q.wake, q.editWake} {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}
