package outbox

import (
	"context"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// revises reports whether a message has another one edited, which was posted under its
// key: what is said of a problem. A card's new states are the card editor's.
func revises(m deployer.OutboxMessage) bool {
	return deployer.IsProblemKey(m.DedupKey) && !m.Receipt && !m.Thread
}

// revise has the message about a problem say what is so now. Edits of one deployment are
// made one after the other, and one without an answer, or of a process that died, is made
// once more after it has settled, so that the last one stays. One that is not there, or
// can't be edited any more, is left alone: the card says the same.
func (q *queue) revise(ctx context.Context, it *item, m deployer.OutboxMessage, d deployer.Deployment) {
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
