package outbox

import (
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A box holds the messages of a queue that are about one deployment, and what may
// be done next with them. So a message that arrives, or goes, concerns its box
// alone, however many others wait. The queue's lock guards it.
type box struct {
	items []*item // in the order of their keys
	turns []*turn // of these, in the schedules of the queue
	by    string  // who asked for the deployment; "": not known
}

// setBox takes over what a read of a box has found. The caller holds the lock.
//
// What is not there any more is forgotten: reads are made one after the other, so
// none that was made before can bring it back.
func (q *queue) setBox(deployment string, messages []deployer.OutboxMessage, read int64, atStart bool) {
	b := q.box(deployment)
	found := make(map[string]bool, len(messages))
	before := b.items
	b.items = make([]*item, len(messages))
	for i, m := range messages {
		found[m.Key] = true
		b.items[i] = q.setItem(m, read, atStart)
	}
	for _, it := range before {
		if key := it.message.Key; !found[key] {
			delete(q.items, key)
		}
	}
	q.refresh(deployment)
}

// setItem takes over one message. The caller holds the lock.
func (q *queue) setItem(m deployer.OutboxMessage, read int64, atStart bool) *item {
	it := q.items[m.Key]
	switch {
	case it == nil && atStart:
		it = &item{message: m, waitsSince: m.At, maybeSentAt: q.startedAt}
	case it == nil, it.done() && m.Rev != it.message.Rev:
		it = &item{message: m, waitsSince: m.At}
	case it.done() && read > it.doneInRead: // done, and still there: only that has to be mended
		it.doneInRead, it.sent, it.toRecord = 0, m, recordNothing
	case m.Rev != it.message.Rev:
		it.message, it.notBefore = m, time.Time{}
	}
	q.items[m.Key] = it
	return it
}

// box returns the box of a deployment. The caller holds the lock.
func (q *queue) box(deployment string) *box {
	b := q.boxes[deployment]
	if b == nil {
		b = &box{}
		q.boxes[deployment] = b
	}
	return b
}

// refresh works out anew what may be done next for a deployment. Whoever changes a
// message of it or its card calls it, at the end. The caller holds the lock.
func (q *queue) refresh(deployment string) {
	b, now := q.box(deployment), time.Now()
	for _, t := range b.turns {
		t.leave()
	}
	b.turns = b.turns[:0]
	for _, j := range b.candidates(q) {
		j.item.heldUntil = b.heldUntil(q, j.item)
		at, action := j.item.ownTime(q.pace.Settle)
		b.turns = append(b.turns, q.turns.add(j, action, at, now))
	}
	if j, ok := b.pendingEdit(q, deployment); ok {
		at, action := j.ownEditTime(q.cards[deployment])
		b.turns = append(b.turns, q.cardTurns.add(j, action, at, now))
	}
	if len(b.items) == 0 && len(b.turns) == 0 {
		delete(q.boxes, deployment)
	}
}

// candidates are the messages of a box that may come next: the first one of each
// class, since those of one class keep their order. A thread waits for its card.
// New states of cards are left to the card editor.
//
// A first card whose deployment has something to announce goes right before
// that, as old as the announcement: the cards of others do not. The caller holds
// the lock.
func (b *box) candidates(q *queue) []job {
	var heads [newState + 1]*item
	for _, it := range b.items {
		if c := q.classOf(it.message); !it.done() && heads[c] == nil {
			heads[c] = it
		}
	}
	var out []job
	for c, it := range heads[:newState] {
		if it == nil || it.inHand || class(c) == threaded && heads[firstCard] != nil {
			continue // one that is in hand comes next when it was released, if it still does
		}
		if b.awaitsPost(it.message) {
			continue
		}
		j := job{class: class(c), deployment: it.message.Deployment, item: it, since: it.waitsSince}
		if a := heads[announced]; class(c) == firstCard && a != nil {
			j.class, j.since, j.leads = announced, a.waitsSince, true
		}
		if j.class <= firstCard {
			j.by = b.by
		}
		out = append(out, j)
	}
	return out
}

// awaitsPost reports whether a message changes another one, or stands in its thread,
// that is not posted yet. The caller holds the lock.
func (b *box) awaitsPost(m deployer.OutboxMessage) bool {
	if m.Receipt || !deployer.IsProblemKey(m.DedupKey) {
		return false
	}
	return slices.ContainsFunc(b.items, func(it *item) bool {
		return !it.done() && it.message.Receipt && deployer.SameProblem(it.message.DedupKey, m.DedupKey)
	})
}

// shows reports whether Slack shows the newest state of a card, as far as is known.
// While it is in hand nobody else can tell: whoever has it looks again afterwards.
func (it *item) shows() bool {
	return it.done() || !it.inHand && (it.toRecord != nil || it.shownRev != 0 && it.shownRev == it.message.Rev)
}

// cardFirstMax bounds how long a message of the thread waits for the card: where many
// cards change, edits are scarce.
const cardFirstMax = 5 * time.Second

// heldUntil is until when a card, or a message of the thread, waits for something
// besides itself. The caller holds the lock.
func (b *box) heldUntil(q *queue, it *item) time.Time {
	if !it.message.IsCard() && !it.message.Thread {
		return time.Time{}
	}
	for _, c := range b.items {
		if it.message.Thread && c.message.IsCard() && !c.shows() && q.classOf(c.message) == newState {
			return latest(q.refusal.until, it.waitsSince.Add(cardFirstMax))
		}
	}
	return q.refusal.until
}

// pendingEdit is the edit that the card of a box needs, if it has something new to
// show and is not being edited. A card that has a message shows its progress with
// that, even if it is not there yet. The caller holds the lock.
func (b *box) pendingEdit(q *queue, deployment string) (job, bool) {
	for _, it := range b.items {
		if it.done() || !it.message.IsCard() {
			continue
		}
		j := job{class: newState, deployment: deployment, item: it, since: it.waitsSince}
		if s := q.cards[deployment]; s.isReactionDue(it) {
			if s.dirty {
				break // progress does not wait for a reaction
			}
			j.class = reactions
		}
		return j, q.classOf(it.message) == newState && !it.inHand && !q.isEditing(deployment)
	}
	s := q.cards[deployment]
	switch {
	case s == nil || s.editing:
		return job{}, false
	case s.dirty || !s.editAgainAt.IsZero():
		return job{class: newState, deployment: deployment, since: s.notBefore}, true
	}
	return job{class: reactions, deployment: deployment, since: s.notBefore}, s.isReactionDue(nil)
}
