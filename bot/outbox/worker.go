package outbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// needsWorker reports whether the queue has no worker. Whoever is told so starts
// one.
func (q *queue) needsWorker() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	needed := !q.hasWorker
	q.hasWorker = true
	return needed
}

// work does one job after the other until none is left, or ctx ends.
func (q *queue) work(ctx context.Context) {
	for ctx.Err() == nil {
		j, ok := q.next(time.Now())
		if !ok {
			return
		}
		if wait := time.Until(j.readyAt); wait > 0 {
			sleepOrWake(ctx, wait, q.wake)
			continue
		}
		q.do(ctx, j)
		q.wakeUp() // a card may have become the card editor's
	}
}

// sleepOrWake waits, but no longer than until it is woken.
func sleepOrWake(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-wake:
	case <-ctx.Done():
	}
}

// do takes a message one step further. What goes wrong is tried again when its
// limiters are open.
//
// The message is taken before the deployment is loaded: a state that is older
// than the message must never stand for it.
func (q *queue) do(ctx context.Context, j job) {
	it := j.item
	m := q.takeInHand(it)
	defer q.release(it)
	if it.toRecord != nil {
		q.record(ctx, it)
		return
	}
	d, err := q.deploymentOf(ctx, m)
	switch {
	case errors.Is(err, deployer.ErrNotFound):
		q.drop(ctx, it, m)
	case err != nil:
		if ctx.Err() == nil {
			q.log.Error("a deployment can't be loaded", "deployment", m.Deployment, "err", err)
		}
		q.putOff(it)
	case moot(q, it, m, d):
		q.finish(ctx, it, m, recordNothing)
	case m.IsCard() && d.Card.TS != "":
		q.markPosted(m.Deployment)
	case m.Thread && d.Card.TS == "" && d.CardsLost > 0 && !isGivenUp(q, m.Deployment):
		q.putOff(it) // its thread is that of the next card
	case isRecorded(d, m):
		q.finish(ctx, it, m, recordNothing)
	case revises(m):
		revise(ctx, q, it, m, d)
	case m.Kind == deployer.MessageRefused:
		q.sendEphemeral(ctx, it, m, d)
	case !it.maybeSentAt.IsZero():
		q.findPosted(ctx, it, m, d)
	default:
		q.send(ctx, j, m, d)
	}
}

// deploymentOf loads the deployment that a message is about; the zero one, if it
// is about none.
func (q *queue) deploymentOf(ctx context.Context, m deployer.OutboxMessage) (deployer.Deployment, error) {
	if m.Deployment == "" {
		return deployer.Deployment{}, nil
	}
	return q.ports.Deployments.Load(ctx, m.Deployment)
}

// isRecorded reports whether the deployment has it that the announcement was
// posted: a step that is tried again writes the same one once more, while the
// first may still be waiting.
func isRecorded(d deployer.Deployment, m deployer.OutboxMessage) bool {
	if p := d.ProblemOf(m.DedupKey); p != nil && m.Receipt {
		return p.Post.TS != ""
	}
	return m.Receipt && slices.ContainsFunc(d.Steps, func(s deployer.StepState) bool {
		return slices.ContainsFunc(s.Posts, func(p deployer.Post) bool { return p.DedupKey == m.DedupKey })
	})
}

// isGivenUp reports whether it was said that a card can't be posted.
func isGivenUp(q *queue, deployment string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.cards[deployment]
	return s != nil && s.undelivered
}

// drop discards a message whose deployment does not exist.
func (q *queue) drop(ctx context.Context, it *item, m deployer.OutboxMessage) {
	q.log.Error("a message is dropped, since nobody knows its deployment", "message", m.Key)
	q.finish(ctx, it, m, recordNothing)
}
