package outbox

import (
	"context"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// send posts a message, if its limiters let it.
func (q *queue) send(ctx context.Context, j job, m deployer.OutboxMessage, d deployer.Deployment) {
	it := j.item
	if m.Channel == "" {
		q.giveUp(ctx, it, m, d, errNoChannel)
		return
	}
	at := m
	var err error
	if at.Channel, err = address(ctx, q, m); err != nil {
		unopened(ctx, q, it, m, d, err)
		return
	}
	if !q.takePost(j.class) {
		return
	}
	served(q, j)
	text, blocks := q.render(ctx, m, d, it.form)
	post, err := q.post(ctx, at, q.metadata(m, q.storeOf(m, d), q.headOf(ctx, m)), threadOf(m, d), text, blocks)
	switch outcome, _ := slackapi.OutcomeOf(err); outcome {
	case slackapi.Delivered:
		took(q)
		q.finish(ctx, it, m, q.recordPost(m, post, contentOf(text, blocks)))
	case slackapi.Ambiguous:
		q.log.Warn("it is unclear whether a message was posted; it is looked for before it is sent again", "message", m.Key, "err", err)
		it.maybeSentAt = time.Now()
	case slackapi.Rejected:
		if slackapi.Malformed(err) && it.form != bare {
			q.log.Error("Slack does not accept the form of a message; it is sent in a simpler one", "message", m.Key, "err", err, "details", slackapi.ErrorDetails(err))
			it.form = q.simpler(blocks, err)
			return
		}
		if waitsOut(m, err) {
			waitOut(ctx, q, m, d, err)
			return
		}
		q.giveUp(ctx, it, m, d, err)
	}
}

// unopened is what becomes of a message whose conversation can't be opened: it waits, or
// never will be sent. Nothing was posted yet.
func unopened(ctx context.Context, q *queue, it *item, m deployer.OutboxMessage, d deployer.Deployment, err error) {
	if outcome, _ := slackapi.OutcomeOf(err); outcome == slackapi.Rejected {
		q.giveUp(ctx, it, m, d, err)
		return
	}
	if ctx.Err() == nil {
		q.putOff(it)
	}
}

// takePost counts one post at the channel's limiter and at that of all channels,
// if both are open. The channel's is this worker's alone: while it is open,
// nothing that is taken from the other one is in vain.
func (q *queue) takePost(c class) bool {
	now := time.Now()
	_, inChannel := c.reserve()
	return !q.limiter.opensAtReserving(inChannel, now).After(now) && q.posts.take(q.channel, c, now) && q.limiter.Take(now)
}

// threadOf is the thread that a message belongs into, or "": that of the card or, of
// what is about a problem, of the message that tells of it.
func threadOf(m deployer.OutboxMessage, d deployer.Deployment) string {
	if !m.Thread {
		return ""
	}
	if p := d.ProblemOf(m.DedupKey); p != nil && p.Post.TS != "" {
		return p.Post.TS
	}
	return d.Card.TS
}

// revises reports whether a message has another one edited, which was posted under its
// key: what is said of a problem. A card's new states are the card editor's.
func revises(m deployer.OutboxMessage) bool {
	return deployer.IsProblemKey(m.DedupKey) && !m.Receipt && !m.Thread
}

// revise has the message about a problem say what is so now. Edits of one deployment are
// made one after the other, and one without an answer, or of a process that died, is made
// once more after it has settled, so that the last one stays. One that is not there, or
// can't be edited any more, is left alone: the card says the same.
func revise(ctx context.Context, q *queue, it *item, m deployer.OutboxMessage, d deployer.Deployment) {
	p := d.ProblemOf(m.DedupKey)
	if p == nil || p.Post.TS == "" {
		q.finish(ctx, it, m, recordNothing)
		return
	}
	if !q.edits.Take(time.Now()) {
		return
	}
	text, blocks := q.render(ctx, m, d, it.form)
	err := q.edit(ctx, p.Post, text, blocks)
	switch outcome, _ := slackapi.OutcomeOf(err); {
	case outcome == slackapi.Delivered:
		q.finish(ctx, it, m, recordNothing)
	case outcome == slackapi.Ambiguous:
		it.maybeSentAt = time.Now()
	case outcome != slackapi.Rejected:
	case slackapi.Malformed(err) && it.form != bare:
		q.log.Error("Slack does not accept the form of a message; it is edited without", "message", m.Key, "err", err, "details", slackapi.ErrorDetails(err))
		it.form = q.simpler(blocks, err)
	case waitsOut(m, err):
		waitOut(ctx, q, m, d, err)
	default:
		q.log.Warn("a message can't be brought up to date", "message", m.Key, "err", err)
		q.finish(ctx, it, m, recordNothing)
	}
}
