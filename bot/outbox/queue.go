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

	mu           sync.Mutex
	hasWorker    bool
	refusal      channelRefusal
	conversation string                 // of a person's: the id of the one with them; "": not known yet
	boxes        map[string]*box        // by deployment
	items        map[string]*item       // of all boxes, by key
	cards        map[string]*cardState  // by deployment
	servedAt     map[string]time.Time   // when something was posted for a person last, while the worker lives
	historyOf    map[string]historyScan // what was read to look for posts, by thread; "" is the channel
	turns        schedule               // what the worker may do next
	cardTurns    schedule               // what the card editor may do next
}

func newQueue(o *Outbox, channel string) *queue {
	return &queue{
		Outbox: o, channel: channel, limiter: o.channelLimiter(channel), wake: make(chan struct{}, 1),
		boxes: map[string]*box{}, items: map[string]*item{}, cards: map[string]*cardState{}, historyOf: map[string]historyScan{},
		servedAt: map[string]time.Time{},
	}
}

// set takes over all that is in the mailbox for the channel, which is what a scan
// has found.
func (q *queue) set(messages []deployer.OutboxMessage, read int64, atStart bool) {
	boxes := byDeployment(messages)
	q.mu.Lock()
	for id := range q.boxes {
		if boxes[id] == nil {
			boxes[id] = nil // nothing is left of it
		}
	}
	q.mu.Unlock()
	q.setBoxes(boxes, read, atStart)
}

// setBoxes takes over what was read in the boxes of some deployments. Messages
// that were there at the start may have been sent by a process that died.
func (q *queue) setBoxes(byDeployment map[string][]deployer.OutboxMessage, read int64, atStart bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, messages := range byDeployment {
		q.setBox(id, messages, read, atStart)
	}
	q.wakeUp()
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
	q.refresh(it.message.Deployment)
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
