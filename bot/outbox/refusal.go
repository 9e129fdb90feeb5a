package outbox

import (
	"context"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// A channelRefusal is how long a channel is left alone that Slack takes nothing for
// now: it was archived, we were removed from it, a scope is lost. All that may pass.
// The zero value leaves it alone no more. The queue's lock guards it.
type channelRefusal struct {
	until time.Time
	times int // in a row
}

// refusalShare is how many times the longest wait of all a channel is left alone at
// most: a quarter of an hour by default.
const refusalShare = 30

// extend leaves the channel alone, longer each time; one for several calls that were
// under way at once.
func (r *channelRefusal) extend(p Pace, now time.Time) {
	if now.Before(r.until) {
		return
	}
	r.until = now.Add(min(p.WaitMax/2<<min(r.times, 10), refusalShare*p.WaitMax))
	r.times++
}

// waitsOut reports whether Slack refuses for now what has to be said in a
// deployment's own place: its card, its problems, and the thread. That is kept until it can be
// said. Announcements elsewhere are not: a step waits to hear what became of them.
func waitsOut(m deployer.OutboxMessage, err error) bool {
	return slackapi.MayPass(err) && (m.IsCard() || m.Thread || deployer.IsProblemKey(m.DedupKey))
}

// waitOut keeps a message until its channel takes it, and tells whoever asked for the
// deployment.
func waitOut(ctx context.Context, q *queue, m deployer.OutboxMessage, d deployer.Deployment, cause error) {
	why := undeliverable(cause, channelLabel(d, m.Message))
	q.log.Warn("a message waits until its channel takes it", "message", m.Key, "why", why, "err", cause)
	q.mu.Lock()
	q.refusal.extend(q.pace, time.Now())
	refreshAll(q)
	q.mu.Unlock()
	q.tellRequester(ctx, d, why)
}

// refreshAll works out anew what may be done next in a channel. The caller holds the
// lock.
func refreshAll(q *queue) {
	for deployment := range q.boxes {
		q.refresh(deployment)
	}
	q.wakeUp()
}

// TryAgain has what a channel did not take tried again at once: something was done
// there. It never waits.
func (o *Outbox) TryAgain(channel string) {
	o.mu.Lock()
	q := o.queues[channel]
	o.mu.Unlock()
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refusal != (channelRefusal{}) {
		q.refusal = channelRefusal{}
		refreshAll(q)
	}
}

// took notes that the channel takes something again.
func took(q *queue) { q.TryAgain(q.channel) }
