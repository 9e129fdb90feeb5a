package outbox

import (
	"context"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// An item is a message and how far it has come. The queue's lock guards its
// fields. While it is in hand, the other goroutines change message and notBefore
// alone (a newer message has come), and its holder needs no lock for what only
// holders touch: maybeSentAt, toRecord, sent, form.
type item struct {
	message    deployer.OutboxMessage // the newest one under its key: a card's newer state takes the place of the older
	waitsSince time.Time              // when the first message came that it stands for, by the mailbox's clock
	inHand     bool                   // somebody works on it

	// maybeSentAt is when it may have been posted last without our knowing: an
	// answer was lost, or an older process has died. Before it is posted again, it
	// is looked for. Zero: it was not posted.
	maybeSentAt time.Time

	// toRecord is what has to be written down since Slack has taken the message or
	// never will: tried until it succeeds, then the message is discarded. nil: it
	// has to be sent yet.
	toRecord func(context.Context) error
	sent     deployer.OutboxMessage // with toRecord: which message that is about; message may be newer by now

	form      form      // what Slack has not refused of it yet
	failures  int       // in a row
	notBefore time.Time // it has to wait until then; zero: it has not

	// heldUntil is how long a post waits for something besides itself: its channel,
	// which takes nothing now, or the card, which has to show its newest state before
	// the thread speaks of it. Zero: for nothing. The box sets it.
	heldUntil time.Time

	// shownRev is the revision of a card's message that Slack shows, though it is not
	// done: an older edit may still come over it. 0: none.
	shownRev int64

	// doneInRead is the number of the newest read of the mailbox when it was done.
	// That read may still have seen its message; a later one must not. 0: it is not
	// done.
	doneInRead int64
}

func (it *item) done() bool { return it.doneInRead != 0 }

// ownTime is what the worker does next with an item, and until when that has to
// wait by itself, whatever its limiters say. It takes the branches of [queue.do];
// settle is how long a call without an answer may take effect.
func (it *item) ownTime(settle time.Duration) (time.Time, action) {
	switch {
	case it.toRecord != nil:
		return it.notBefore, recording
	case revises(it.message) && it.maybeSentAt.IsZero():
		return it.notBefore, revising
	case revises(it.message): // an earlier edit may still come over this one
		return latest(it.notBefore, it.maybeSentAt.Add(settle)), revising
	case it.message.Kind == deployer.MessageRefused:
		return it.notBefore, whispering
	case it.maybeSentAt.IsZero():
		return latest(it.notBefore, it.heldUntil), posting
	case it.message.Thread:
		return latest(it.notBefore, it.heldUntil, it.maybeSentAt.Add(settle)), findingReplies
	}
	return latest(it.notBefore, it.heldUntil, it.maybeSentAt.Add(settle)), finding
}

// startOver makes an item of the message that has come while an older one was
// being sent.
func (it *item) startOver() {
	it.toRecord, it.maybeSentAt, it.failures, it.form = nil, time.Time{}, 0, whole
	it.waitsSince = it.message.At
}

// A cardState is what is known of the card of a deployment. The queue's lock
// guards it. It lives until the deployment has ended and its card shows that, or
// the process ends. Zero: nothing is known, and nothing was done.
type cardState struct {
	posted  bool // it is in the channel: its new states are edits
	deleted bool // it can't be edited any more, and its deployment has ended: it is left alone
	dirty   bool // it may have to show something else since it was drawn, though no message says so
	editing bool // the card editor works on it

	// content is what it shows, as [contentOf] says it. "": nobody knows, and the
	// next edit is made in any case.
	content   string
	notBefore time.Time // it is not edited before

	// An edit without an answer may take effect until lateEditUntil, over a newer
	// one. What was shown meanwhile is shown once more at editAgainAt; zero: that is
	// not needed.
	lateEditUntil time.Time
	editAgainAt   time.Time

	reaction reactionState

	undelivered   bool // an event of the deployment says that it can't be posted; once is enough
	requesterTold bool // the requester was told that the channel takes nothing; once is enough
}

// card returns what is known of a card. The caller holds the lock.
func (q *queue) card(deployment string) *cardState {
	s := q.cards[deployment]
	if s == nil {
		s = &cardState{}
		q.cards[deployment] = s
	}
	return s
}

// markPosted notes that a card was posted before: its new states are edits.
func (q *queue) markPosted(deployment string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.card(deployment).posted = true
}

// markDirty notes that a card may have to show something else now.
func (q *queue) markDirty(deployment string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.card(deployment).dirty = true
	q.refresh(deployment)
	q.wakeUp()
}

// isEditing reports whether the card editor works on a card. The caller holds
// the lock.
func (q *queue) isEditing(deployment string) bool {
	s := q.cards[deployment]
	return s != nil && s.editing
}

// forgetCard drops what is known of a card that will not change any more.
func (q *queue) forgetCard(d deployer.Deployment) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.cards[d.ID]; !deployer.Lives(d) && s != nil && !s.dirty && !s.deleted && !s.editing && !s.reaction.due {
		delete(q.cards, d.ID)
		q.refresh(d.ID)
	}
}
