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

// The queue of a person holds their direct messages. It has the person's id, and the
// conversation's is asked for once.

// address is the id of the channel that a message goes to: of a person's, that of the
// conversation with them, which is opened where it has to be.
func address(ctx context.Context, q *queue, m deployer.OutboxMessage) (string, error) {
	if m.DirectTo() == "" {
		return m.Channel, nil
	}
	q.mu.Lock()
	known := q.conversation
	q.mu.Unlock()
	if known != "" {
		return known, nil
	}
	if !q.opens.Pass(ctx) {
		return "", ctx.Err()
	}
	err := q.call(ctx, q.opens, q.opens.Close, func(ctx context.Context) error {
		c, _, _, err := q.client.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{m.DirectTo()}})
		if err == nil && c != nil {
			known = c.ID
		}
		return err
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	q.conversation = known
	return known, err
}

// place is the id by which Slack knows the channel: of a person's, that of the
// conversation, once address has found it.
func place(q *queue) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.conversation != "" {
		return q.conversation
	}
	return q.channel
}

// unreachable says why somebody gets no direct messages.
func unreachable(err error) string {
	code, needed := slackapi.ErrorCode(err)
	switch code {
	case "messages_tab_disabled":
		return "The app takes no direct messages: switch on its Messages tab."
	case "user_disabled", "user_not_found", "users_not_found":
		return "Their account is switched off."
	case "cannot_dm_bot":
		return "That is an app, which takes no direct messages."
	case "missing_scope":
		return "The Slack app lacks the permission " + needed + ": add it and install the app again."
	case "msg_too_long", "msg_blocks_too_long":
		return "The message is too long for Slack."
	}
	return "Slack refuses a direct message to them (" + code + ")."
}
