package outbox

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// EventType is the type of the metadata on every message of ours.
const EventType = "stationmaster"

var errNoTimestamp = errors.New("Slack's answer carries no timestamp")

// MessageComplete is the kind of the announcement of a good end.
const MessageComplete = "complete"

// The fields of the metadata that readers need. They ignore any other.
const (
	fieldDeployment = "deployment"
	fieldKey        = "key"
	fieldStore      = "store"     // the id of the store; missing where the deployment has none
	fieldHead       = "head"      // see Ports.Head
	fieldSignature  = "signature" // of the head; missing where it has none

	fieldInstallation = "installation" // see Author
)

// headSignature stands between a head and its signature.
const headSignature = "."

// metadata is what a message is found by, and what it vouches for.
func (o *Outbox) metadata(m deployer.OutboxMessage, store, head string) slack.MsgOption {
	payload := map[string]any{fieldDeployment: m.Deployment, "message": m.Kind, fieldKey: m.DedupKey}
	head, signature, _ := strings.Cut(head, headSignature)
	for name, value := range map[string]string{fieldStore: store, fieldInstallation: o.author().Installation, fieldHead: head, fieldSignature: signature} {
		if value != "" {
			payload[name] = value
		}
	}
	return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: EventType, EventPayload: payload})
}

// headOf is the head that goes out with a message. Without it, the message goes
// out all the same.
func (q *queue) headOf(ctx context.Context, m deployer.OutboxMessage) string {
	if m.Kind != MessageComplete || q.ports.Head == nil {
		return ""
	}
	head, err := q.ports.Head(ctx)
	if err != nil {
		q.log.Error("a message goes out without the head of the records", "message", m.Key, "err", err)
		return ""
	}
	return head
}

// content is what a message says. It stands in blocks, always: there alone Slack
// makes no links of what looks like an address or a name.
func content(text string, blocks []slack.Block) slack.MsgOption {
	if len(blocks) == 0 {
		blocks = mrkdwn.Sections([]string{text})
	}
	return slack.MsgOptionCompose(slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...),
		slack.MsgOptionParse(false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
}

// post sends a new message, into the thread if there is one.
func (p *poster) post(ctx context.Context, m deployer.OutboxMessage, meta slack.MsgOption, thread, text string, blocks []slack.Block) (deployer.Post, error) {
	options := []slack.MsgOption{content(text, blocks), meta}
	if thread != "" {
		options = append(options, slack.MsgOptionTS(thread))
	}
	post := deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel}
	pause := func(wait time.Duration) { p.closeChannel(m.Channel, wait) }
	err := p.call(ctx, p.posts.limiter, pause, func(ctx context.Context) error {
		channel, ts, err := p.client.PostMessageContext(ctx, m.Channel, options...)
		if err == nil && ts == "" {
			return errNoTimestamp
		}
		p.clock.notePost(ts)
		if post.TS = ts; channel != "" {
			post.Channel = channel
		}
		return err
	})
	return post, err
}

// edit replaces what a message says; its metadata stays.
func (p *poster) edit(ctx context.Context, at deployer.Post, text string, blocks []slack.Block) error {
	return p.call(ctx, p.edits, p.edits.Close, func(ctx context.Context) error {
		_, _, _, err := p.client.UpdateMessageContext(ctx, at.Channel, at.TS, content(text, blocks))
		return err
	})
}

// postOnceEphemeral sends a message that only one person sees. It takes no metadata.
func (p *poster) postOnceEphemeral(ctx context.Context, m deployer.OutboxMessage, text string, blocks []slack.Block) error {
	return p.call(ctx, p.ephemerals, p.ephemerals.Close, func(ctx context.Context) error {
		_, err := p.client.PostEphemeralContext(ctx, m.Channel, m.To, content(text, blocks))
		return err
	})
}

// remove deletes a message; one that is gone already is no error.
func (p *poster) remove(ctx context.Context, channel, ts string) error {
	if !p.deletes.Pass(ctx) {
		return ctx.Err()
	}
	err := p.call(ctx, p.deletes, p.deletes.Close, func(ctx context.Context) error {
		_, _, err := p.client.DeleteMessageContext(ctx, channel, ts)
		return err
	})
	if code, _ := slackapi.ErrorCode(err); code == "message_not_found" {
		return nil
	}
	return err
}
