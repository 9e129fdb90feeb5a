package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// finish notes that a message needs no sending any more, and writes that down.
// toRecord is what the engine has to be told; recordNothing, if it is nothing.
func (q *queue) finish(ctx context.Context, it *item, m deployer.OutboxMessage, toRecord func(context.Context) error) {
	it.sent, it.toRecord = m, toRecord
	q.record(ctx, it)
}

func recordNothing(context.Context) error { return nil }

// record writes down what became of an item and discards the message that was
// sent, or tries that again later. A newer message may have come meanwhile.
func (q *queue) record(ctx context.Context, it *item) {
	ctx, cancel := outlive(ctx, q.pace.Grace)
	defer cancel()
	err := it.toRecord(ctx)
	if err == nil && (reactor{q}).keeps(it) {
		return
	}
	if err == nil {
		err = q.ports.Mailbox.Discard(ctx, it.sent)
	}
	if err != nil {
		q.log.Error("what became of a message can't be written down", "message", it.sent.Key, "err", err)
		q.putOff(it)
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if it.message.Rev != it.sent.Rev {
		it.startOver()
	} else {
		it.doneInRead = q.mailboxReads.Load()
	}
}

// recordPost returns what has to be written down of a message that stands there
// now and shows that content. Only then a card is known to be there: the thread
// needs what was written.
func (q *queue) recordPost(m deployer.OutboxMessage, post deployer.Post, content string) func(context.Context) error {
	if !m.Receipt && !m.IsCard() {
		return recordNothing
	}
	cmd := deployer.Deliver{Post: post, Kind: m.Kind, OutboxKey: keyToDiscard(m)}
	return func(ctx context.Context) error {
		err := q.command(ctx, m.Deployment, cmd)
		if err == nil && m.IsCard() {
			q.mu.Lock()
			s := q.card(m.Deployment)
			s.posted, s.content, s.notBefore = true, content, time.Now().Add(q.pace.Card)
			s.reaction.due = !q.withoutReactions.Load()
			q.mu.Unlock()
		}
		return err
	}
}

// keyToDiscard is the key of a message that the engine may discard with its
// commit: one that nothing else can take the place of. A card's can be taken by a
// newer one, which must not go with it.
func keyToDiscard(m deployer.OutboxMessage) string {
	if m.IsCard() {
		return ""
	}
	return m.Key
}

// command gives the engine an order; one that is not needed any more is no
// error.
func (q *queue) command(ctx context.Context, deployment string, cmd deployer.Command) error {
	_, err := q.ports.Engine.Do(ctx, deployer.Order{Deployment: deployment, Command: cmd})
	if _, refused := errors.AsType[*deployer.Refusal](err); refused || errors.Is(err, deployer.ErrStale) || errors.Is(err, deployer.ErrNotFound) {
		return nil
	}
	return err
}
