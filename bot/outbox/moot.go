package outbox

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// moot reports whether a message has nothing to say any more: its deployment was
// stopped before it had begun anything, and before the message was posted. Nobody
// is told that it starts any more; and where nobody was told of it anywhere, nobody
// is told that it was stopped, and it has no card. What may have been posted is
// looked for first.
func moot(q *queue, it *item, m deployer.OutboxMessage, d deployer.Deployment) bool {
	if d.Status != deployer.Stopped || !it.maybeSentAt.IsZero() || slices.ContainsFunc(d.Steps, hasBegun) {
		return false
	}
	switch {
	case m.Receipt && !m.IsCard():
		return true
	case (m.IsCard() || m.Thread) && d.Card.TS != "":
		return false
	}
	return !slices.ContainsFunc(d.Steps, hasTold) && !maybeTold(q.Outbox, d)
}

// hasBegun reports whether a step has done something, or has failed, which others
// may have been told.
func hasBegun(s deployer.StepState) bool { return len(s.Effects) > 0 && !s.Announces() || s.Failed }

// hasTold reports whether a step has announced something somewhere.
func hasTold(s deployer.StepState) bool { return len(s.Posts) > 0 }

// maybeTold reports whether something is being announced, or may have been without
// our knowing, in one of a deployment's channels.
func maybeTold(o *Outbox, d deployer.Deployment) bool {
	for _, channel := range d.Channels {
		o.mu.Lock()
		q := o.queues[channel]
		o.mu.Unlock()
		if q != nil && mayHaveTold(q, d.ID) {
			return true
		}
	}
	return false
}

// mayHaveTold is that of one channel.
func mayHaveTold(q *queue, deployment string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	b := q.boxes[deployment]
	return b != nil && slices.ContainsFunc(b.items, func(it *item) bool {
		return it.message.Receipt && !it.message.IsCard() && !it.done() && (it.inHand || !it.maybeSentAt.IsZero() || it.toRecord != nil)
	})
}
