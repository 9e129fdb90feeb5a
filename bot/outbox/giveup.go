package outbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// giveUp says that a message can not be delivered, and why: in the thread, by an
// event of the deployment, or, where the channel itself takes nothing, to the
// requester. Other channels go on, and so does the deployment, unless the
// procedure wanted the message delivered.
func (q *queue) giveUp(ctx context.Context, it *item, m deployer.OutboxMessage, d deployer.Deployment, cause error) {
	why := undeliverable(cause, channelLabel(d, m.Message))
	if m.DirectTo() != "" {
		why = unreachable(cause)
	}
	q.undelivered.Add(1)
	q.log.Warn("a message can't be delivered", "message", m.Key, "why", why, "err", cause)
	toRecord := func(ctx context.Context) error {
		return q.command(ctx, m.Deployment, deployer.GiveUp{DedupKey: m.DedupKey, Why: why, OutboxKey: keyToDiscard(m)})
	}
	switch {
	case m.Kind == deployer.MessageNote:
		// An event would be told by another note, which would fare no better.
		toRecord = recordNothing
		q.tellRequester(ctx, d, why)
	case m.Kind == deployer.MessageLock:
		toRecord = recordNothing
		q.direct(ctx, m.Note.By.ID, "", "Its channel can't be told: "+view.LockMessage(m.Message, q.renderer)+"\n"+mrkdwn.Escape(why, view.ArgMax)+" What you did holds all the same.")
	case m.IsCard():
		q.tellRequester(ctx, d, why)
		if !q.firstTime(m.Deployment, func(s *cardState) *bool { return &s.undelivered }) {
			toRecord = recordNothing // the event brings a new card, which tries once more
		}
	}
	q.finish(ctx, it, m, toRecord)
}

// firstTime sets a flag of a card, and reports whether it was not set before.
func (q *queue) firstTime(deployment string, flag func(*cardState) *bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	f := flag(q.card(deployment))
	first := !*f
	*f = true
	return first
}

// tellRequester tells whoever asked for a deployment, in a direct message, that
// its channel can't be told about it: once in the life of a process. It may be
// lost; the log has it too.
func (q *queue) tellRequester(ctx context.Context, d deployer.Deployment, why string) {
	if !q.firstTime(d.ID, func(s *cardState) *bool { return &s.requesterTold }) {
		return
	}
	q.direct(ctx, d.Requester.ID, d.ID, deployer.MarkDrill(d.Drill.On, fmt.Sprintf("*%s* (%s in %s %s) can't be shown in its channel. %s The deployment goes on all the same.",
		mrkdwn.Escape(d.ID, mrkdwn.NameMax), mrkdwn.Escape(view.ServiceList(d.Releases), mrkdwn.TitleMax), mrkdwn.Escape(d.Site.Name, mrkdwn.NameMax), mrkdwn.Escape(d.Site.Environment, mrkdwn.NameMax), mrkdwn.Escape(why, view.ArgMax))))
}

// direct tells one person in a direct message that a channel can't be told.
func (q *queue) direct(ctx context.Context, to, deployment, text string) {
	if to == "" || !q.posts.limiter.Pass(ctx) || !q.channelLimiter(to).Pass(ctx) {
		return
	}
	m := deployer.OutboxMessage{Deployment: deployment, Message: deployer.Message{Kind: "undelivered", DedupKey: "undelivered", Channel: to}}
	if _, err := q.post(ctx, m, q.metadata(m, q.ports.Store, ""), "", text, nil); err != nil {
		q.log.Warn("a person could not be told that a channel can't be", "deployment", deployment, "err", err)
	}
}

// undeliverable says to a person why a message can not be delivered to a
// channel, and what to do about it. label is the channel's name.
func undeliverable(err error, label string) string {
	if errors.Is(err, errNoChannel) {
		return "No channel is configured for " + label + "."
	}
	code, needed := slackapi.ErrorCode(err)
	switch code {
	case "not_in_channel", "channel_not_found":
		return "I am not in the channel for " + label + ": invite me there with /invite."
	case "is_archived", "is_inactive": // the code for a post, and for an edit
		return "The channel for " + label + " is archived."
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel":
		return "Posting in the channel for " + label + " is restricted to some people: allow me to."
	case "missing_scope":
		return "The Slack app lacks the permission " + needed + ": add it and install the app again."
	case "msg_too_long", "msg_blocks_too_long":
		return "The message for " + label + " is too long for Slack."
	case "invalid_blocks", "invalid_blocks_format":
		return "Slack does not accept the form of the message for " + label + "."
	}
	return "Slack refuses the message for " + label + " (" + code + ")."
}

var errNoChannel = errors.New("the message has no channel")

// channelLabel is what the procedure calls the channel of a message.
func channelLabel(d deployer.Deployment, m deployer.Message) string {
	if name := m.ChannelName(); name != "" && d.Channels[name] == m.Channel {
		return name
	}
	for _, name := range slices.Sorted(maps.Keys(d.Channels)) {
		if d.Channels[name] == m.Channel {
			return name
		}
	}
	return "this message"
}
