package outbox

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// EventType is the type of the metadata on every message of ours.
const EventType = "stationmaster"

// A poster calls Slack for the outbox: one call each, never repeated by
// itself, since what repeats a post posts twice.
type poster struct {
	client *slack.Client
	pace   Pace
	log    *slog.Logger

	posts                                      *fairLimiter // of all channels together
	edits, ephemerals, reads, replies, deletes *Limiter     // one for each other method

	mu       sync.Mutex
	channels map[string]*Limiter // of posts, about one a second in each
	struck   string              // the channel where a post was too many last
	eased    time.Time           // when that is over
	bar      error               // why Slack refuses the token
}

var errNoTimestamp = errors.New("Slack's answer carries no timestamp")

// postsAtOnce is how many posts in all channels together a rest saves up, for
// announcements above all. Slack names no figure, but "several hundred messages
// per minute" and "generous burst behavior"; people report that thirty to forty
// at once pass in a single channel.
const postsAtOnce = 50

func newPoster(client *slack.Client, p Pace, log *slog.Logger) *poster {
	return &poster{
		client: client, pace: p, log: log,
		channels: map[string]*Limiter{}, posts: newFairLimiter(NewLimiter(p, p.Post/5, postsAtOnce)), // 300 a minute
		edits: newMinuteLimiter(p, p.Edit, 10, 50), ephemerals: newMinuteLimiter(p, p.Edit/2, 20, 100),
		reads: newMinuteLimiter(p, p.Edit, 20, 50), replies: newMinuteLimiter(p, p.Edit, 20, 50), deletes: newMinuteLimiter(p, p.Edit, 10, 50),
	}
}

// channel is the gate of a channel's posts.
func (p *poster) channel(id string) *Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.channels[id]
	if g == nil {
		g = NewLimiter(p.pace, p.pace.Post, 3)
		p.channels[id] = g
	}
	return g
}

// full closes what Slack has limited. It does not tell whether a channel has too
// many posts or the workspace: where two channels in a row have, it is the
// workspace.
func (p *poster) full(channel string, wait time.Duration) {
	p.channel(channel).Close(wait)
	p.mu.Lock()
	now := time.Now()
	all := p.struck != channel && now.Before(p.eased)
	p.struck, p.eased = channel, now.Add(wait)
	p.mu.Unlock()
	if all {
		p.posts.limiter.Close(wait)
	}
}

// metadata is what a message is found by.
func metadata(l deployer.OutboxMessage) slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: EventType, EventPayload: map[string]any{
		"deployment": l.Deployment, "message": l.Kind, "key": l.DedupKey,
	}})
}

func content(text string, blocks []slack.Block) slack.MsgOption {
	return slack.MsgOptionCompose(slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...),
		slack.MsgOptionParse(false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
}

// post sends a new message, into the thread if there is one.
func (p *poster) post(ctx context.Context, l deployer.OutboxMessage, thread, text string, blocks []slack.Block) (deployer.Post, error) {
	options := []slack.MsgOption{content(text, blocks), metadata(l)}
	if thread != "" {
		options = append(options, slack.MsgOptionTS(thread))
	}
	post := deployer.Post{DedupKey: l.DedupKey, Channel: l.Channel}
	pause := func(wait time.Duration) { p.full(l.Channel, wait) }
	err := p.call(ctx, p.posts.limiter, pause, func(ctx context.Context) error {
		channel, ts, err := p.client.PostMessageContext(ctx, l.Channel, options...)
		if err == nil && ts == "" {
			return errNoTimestamp
		}
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
func (p *poster) postOnceEphemeral(ctx context.Context, l deployer.OutboxMessage, text string, blocks []slack.Block) error {
	return p.call(ctx, p.ephemerals, p.ephemerals.Close, func(ctx context.Context) error {
		_, err := p.client.PostEphemeralContext(ctx, l.Channel, l.To, content(text, blocks))
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
	if word, _ := slackapi.ErrorCode(err); word == "message_not_found" {
		return nil
	}
	return err
}

// call makes one call that its gate has let through, and has it closed, or what
// else is limited, where Slack wants that. The call outlives ctx by the grace,
// since one that is cut off has to be looked for.
func (p *poster) call(ctx context.Context, g *Limiter, pause func(time.Duration), do func(context.Context) error) error {
	defer g.done()
	ctx, cancel := lasting(ctx, p.pace.Grace)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, p.pace.Timeout)
	defer stop()
	err := do(ctx)
	f, wait := slackapi.OutcomeOf(err)
	p.heard(f, err)
	switch f {
	case slackapi.RateLimited:
		p.log.Warn("Slack asks for a pause", "for", wait)
		pause(wait)
	case slackapi.NotSent, slackapi.Ambiguous:
		g.failed()
	case slackapi.Unauthorized:
		for _, g := range []*Limiter{p.posts.limiter, p.edits, p.ephemerals, p.reads, p.replies, p.deletes} {
			g.Close(p.pace.Slow)
		}
	default:
		g.went()
	}
	return err
}

// Healthy returns why nothing can be sent at all, or nil.
func (p *poster) Healthy() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bar
}

// heard notes whether Slack accepts the token.
func (p *poster) heard(f slackapi.Outcome, err error) {
	var bar error
	switch f {
	case slackapi.Unauthorized:
		word, needed := slackapi.ErrorCode(err)
		bar = &slackapi.AuthError{Token: slackapi.BotToken, Code: word, Needed: needed}
	case slackapi.NotSent, slackapi.Ambiguous, slackapi.RateLimited:
		return // that says nothing about the token
	}
	p.mu.Lock()
	before := p.bar
	p.bar = bar
	p.mu.Unlock()
	switch {
	case before == nil && bar != nil:
		p.log.Error("nothing is sent until Slack accepts the token again; every message is kept", "err", bar)
	case before != nil && bar == nil:
		p.log.Info("Slack accepts the token again")
	}
}

// lasting returns a context that outlives ctx by the grace.
func lasting(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-out.Done():
		}
	})
	return out, func() { stop(); cancel() }
}
