package outbox

import (
	"context"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// The queue of a person holds their direct messages. It has the person's id, and the
// conversation's is asked for once.

// address is the id of the channel that a message goes to: of a person's, that of the
// conversation with them, which is opened where it has to be.
func (q *queue) address(ctx context.Context, m deployer.OutboxMessage) (string, error) {
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
func (q *queue) place() string {
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
