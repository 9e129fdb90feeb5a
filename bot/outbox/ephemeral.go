package outbox

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// ephemeralTriesMax is how often an answer for one person is tried. It is better
// there twice than not at all: a refusal that nobody sees looks like a button
// that does not work.
const ephemeralTriesMax = 3

// sendEphemeral shows a message to one person alone. That takes no metadata, so
// it cannot be found again: where it is unclear whether they saw it, it is sent
// again, since what was refused leaves nothing else to see. Whom Slack shows
// nothing in that channel gets a direct message.
func (q *queue) sendEphemeral(ctx context.Context, it *item, m deployer.OutboxMessage, d deployer.Deployment) {
	if !q.ephemerals.Take(time.Now()) {
		return
	}
	text, blocks := q.render(ctx, m, d, whole)
	err := q.postOnceEphemeral(ctx, m, text, blocks)
	switch outcome, _ := slackapi.OutcomeOf(err); outcome {
	case slackapi.RateLimited, slackapi.NotSent, slackapi.Unauthorized:
		return
	case slackapi.Ambiguous:
		if q.putOff(it); it.failures < ephemeralTriesMax {
			return
		}
		q.log.Warn("it is unclear whether a refusal was told", "message", m.Key, "err", err)
	case slackapi.Rejected:
		q.log.Warn("a refusal can't be told in its channel", "message", m.Key, "err", err)
		q.direct(ctx, m.To, m.Deployment, text)
	}
	q.finish(ctx, it, m, recordNothing)
}

// PostEphemeral shows a person something that nobody else sees, again where it
// is unclear whether they did. A process that dies takes it along.
func (o *Outbox) PostEphemeral(ctx context.Context, channel, user, text string, blocks []slack.Block) {
	if channel == "" || user == "" {
		return
	}
	to := deployer.OutboxMessage{Message: deployer.Message{Channel: channel, To: user}}
	var err error
	for range ephemeralTriesMax {
		if !o.ephemerals.Pass(ctx) {
			break
		}
		err = o.postOnceEphemeral(ctx, to, text, blocks)
		if outcome, _ := slackapi.OutcomeOf(err); outcome == slackapi.Delivered {
			return
		} else if outcome == slackapi.Rejected {
			break
		}
	}
	o.log.Warn("an answer for one person was lost", "channel", channel, "err", err)
}
