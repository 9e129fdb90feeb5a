package outbox

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// ephemeralTries is how often an answer for one person is tried. It is better
// there twice than not at all: a refusal that nobody sees looks like a button
// that does not work.
const ephemeralTries = 3

// PostEphemeral shows a person something that nobody else sees, again where it
// is unclear whether they did. A process that dies takes it along.
func (o *Outbox) PostEphemeral(ctx context.Context, channel, user, text string, blocks []slack.Block) {
	if channel == "" || user == "" {
		return
	}
	to := deployer.OutboxMessage{Message: deployer.Message{Channel: channel, To: user}}
	var err error
	for range ephemeralTries {
		if !o.ephemerals.Pass(ctx) {
			break
		}
		err = o.postOnceEphemeral(ctx, to, text, blocks)
		if f, _ := slackapi.OutcomeOf(err); f == slackapi.Delivered {
			return
		} else if f == slackapi.Rejected {
			break
		}
	}
	o.log.Warn("an answer for one person was lost", "channel", channel, "err", err)
}

// ReadReplies reads messages of a thread at the pace of all that read threads:
// the outbox looks there for what it may have posted. Unlike its own calls this
// one ends with ctx.
func (o *Outbox) ReadReplies(ctx context.Context, what slack.GetConversationRepliesParameters) ([]slack.Message, error) {
	if !o.replies.Pass(ctx) {
		return nil, errors.New("too much is read at once")
	}
	defer o.replies.done()
	list, _, _, err := o.client.GetConversationRepliesContext(ctx, &what)
	if f, wait := slackapi.OutcomeOf(err); f == slackapi.RateLimited {
		o.replies.Close(wait)
	}
	return list, err
}
