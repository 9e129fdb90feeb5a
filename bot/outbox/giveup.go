package outbox

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// plainMax is how much of a message is left when Slack did not accept its form,
// in units: few enough for every limit that is known.
const plainMax = 2000

// plainly is a message without its form: one block, which takes the place of
// those that a card had.
func plainly(text string) (string, []slack.Block) {
	text = mrkdwn.Cut(text, plainMax)
	return text, []slack.Block{slack.NewSectionBlock(mrkdwn.PlainText(text), nil, nil)}
}

// giveUp says that a letter can not be delivered, and why: in the thread, by an
// event of the deployment, or, where the channel itself takes nothing, to the
// requester. Other channels go on, and so does the deployment, unless the
// procedure wanted the message delivered.
func (q *queue) giveUp(ctx context.Context, it *item, l deployer.OutboxMessage, d deployer.Deployment, cause error) {
	why := undeliverable(cause, channelLabel(d, l.Message))
	q.lost.Add(1)
	q.log.Warn("a message can't be delivered", "letter", l.Key, "why", why, "err", cause)
	it.sent, it.rest = l, nothing
	cmd := deployer.GiveUp{DedupKey: l.DedupKey, Why: why, OutboxKey: ownKey(l)}
	switch l.Kind {
	case deployer.MessageNote:
		// That would be told by another note, which would fare no better.
		q.tellRequester(ctx, d, why)
	case deployer.MessageLock:
		q.direct(ctx, l.Note.By.ID, "", "Its channel can't be told: "+view.LockMessage(l.Message, q.guide)+"\n"+mrkdwn.Escape(why, view.ArgMax)+" What you did holds all the same.")
	case deployer.MessageCard:
		q.tellRequester(ctx, d, why)
		q.mu.Lock()
		s := q.card(l.Deployment)
		said := s.lost
		s.lost = true
		q.mu.Unlock()
		if !said { // it brings a new card, which tries once more
			it.rest = func(ctx context.Context) error { return q.command(ctx, l.Deployment, cmd) }
		}
	default:
		it.rest = func(ctx context.Context) error { return q.command(ctx, l.Deployment, cmd) }
	}
	q.finish(ctx, it)
}

// tellRequester tells whoever asked for a deployment, in a direct message, that
// its channel can't be told about it: once in the life of a process. It may be
// lost; the log has it too.
func (q *queue) tellRequester(ctx context.Context, d deployer.Deployment, why string) {
	q.mu.Lock()
	s := q.card(d.ID)
	told := s.told
	s.told = true
	q.mu.Unlock()
	if told {
		return
	}
	q.direct(ctx, d.Requester.ID, d.ID, fmt.Sprintf("*%s* (%s in %s %s) can't be shown in its channel. %s The deployment goes on all the same.",
		mrkdwn.Escape(d.ID, mrkdwn.NameMax), mrkdwn.Escape(view.ServiceList(d.Releases), mrkdwn.TitleMax), mrkdwn.Escape(d.Retailer, mrkdwn.NameMax), mrkdwn.Escape(d.Environment, mrkdwn.NameMax), mrkdwn.Escape(why, view.ArgMax)))
}

// direct tells one person in a direct message that a channel can't be told.
func (q *queue) direct(ctx context.Context, to, deployment, text string) {
	if to == "" || !q.posts.limiter.Pass(ctx) || !q.poster.channel(to).Pass(ctx) {
		return
	}
	l := deployer.OutboxMessage{Deployment: deployment, Message: deployer.Message{Kind: "undelivered", DedupKey: "undelivered", Channel: to}}
	if _, err := q.post(ctx, l, "", text, nil); err != nil {
		q.log.Warn("a person could not be told that a channel can't be", "deployment", deployment, "err", err)
	}
}
