package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// historyPage is how many messages are asked for at once.
const historyPage = 200

// scanHistory returns what can be seen now of a thread, or of the channel. One
// scan serves every message whose settling time is over.
func (q *queue) scanHistory(ctx context.Context, it *item, since time.Time, thread string) (historyScan, error) {
	q.mu.Lock()
	h, ok := q.historyOf[thread]
	if ok && !h.begunAt.Before(it.maybeSentAt.Add(q.pace.Settle)) && !h.oldest.After(since) {
		q.mu.Unlock()
		return h, nil
	}
	for _, other := range q.items {
		if at := q.clock.since(other.message.At); thread == "" && !other.maybeSentAt.IsZero() && !other.done() && at.Before(since) {
			since = at
		}
	}
	q.mu.Unlock()
	h = historyScan{begunAt: time.Now(), oldest: since, posts: map[dedupID][]foundPost{}}
	if err := q.readHistory(ctx, thread, &h); err != nil {
		return h, fmt.Errorf("look for a post: %w", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.historyOf[thread] = h
	return h, nil
}

// readHistory goes through a thread, or through the channel, page by page. The
// replies to a message that was deleted stand in the channel.
func (q *queue) readHistory(ctx context.Context, thread string, h *historyScan) error {
	page, limiter := pageFunc(q.channelPage), q.reads
	if thread != "" {
		page, limiter = q.threadPage(thread), q.replies
	}
	for cursor := ""; ; {
		if !limiter.Pass(ctx) {
			return ctx.Err()
		}
		var next string
		err := q.call(ctx, limiter, limiter.Close, func(ctx context.Context) error {
			messages, n, err := page(ctx, timestamp(h.oldest), cursor)
			for _, m := range messages {
				h.note(m, q.author())
			}
			next = n
			return err
		})
		if code, _ := slackapi.ErrorCode(err); code == "thread_not_found" && thread != "" {
			return q.readHistory(ctx, "", h)
		}
		if err != nil || next == "" {
			return err
		}
		cursor = next
	}
}

// note remembers a message that is ours.
func (h *historyScan) note(m slack.Message, us Author) {
	if m.Metadata.EventType != EventType || !us.Wrote(m) {
		return
	}
	id := dedupID{field(m, fieldDeployment), field(m, fieldKey)}
	if !slices.ContainsFunc(h.posts[id], func(p foundPost) bool { return p.ts == m.Timestamp }) {
		h.posts[id] = append(h.posts[id], foundPost{m.Timestamp, source{field(m, fieldInstallation), field(m, fieldStore)}})
	}
}

// field is a text in a message's metadata; "": it is not there.
func field(m slack.Message, name string) string {
	text, _ := m.Metadata.EventPayload[name].(string)
	return text
}

// A pageFunc reads one page of messages and returns the cursor of the next one;
// "": there is none.
type pageFunc func(ctx context.Context, oldest, cursor string) ([]slack.Message, string, error)

func (q *queue) channelPage(ctx context.Context, oldest, cursor string) ([]slack.Message, string, error) {
	h, err := q.client.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: place(q), Oldest: oldest, Cursor: cursor, Limit: historyPage, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, "", err
	}
	return h.Messages, h.ResponseMetaData.NextCursor, nil
}

func (q *queue) threadPage(thread string) pageFunc {
	return func(ctx context.Context, oldest, cursor string) ([]slack.Message, string, error) {
		messages, _, next, err := q.client.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: q.channel, Timestamp: thread, Oldest: oldest, Cursor: cursor, Limit: historyPage, IncludeAllMetadata: true,
		})
		return messages, next, err
	}
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
	if outcome, wait := slackapi.OutcomeOf(err); outcome == slackapi.RateLimited {
		o.replies.Close(wait)
	}
	return list, err
}

// Heads are the heads that the last messages of some channels carry, the newest
// first, of those that we have posted from our store; each is HEAD or
// HEAD.SIGNATURE. It reads at the pace of all that read channels. A channel that
// can't be read is passed over, and is in the error.
func (o *Outbox) Heads(ctx context.Context, channels []string) ([]string, error) {
	var carriers []slack.Message
	var failed error
	for _, channel := range channels {
		if !o.reads.Pass(ctx) {
			return nil, ctx.Err()
		}
		var messages []slack.Message
		err := o.call(ctx, o.reads, o.reads.Close, func(ctx context.Context) error {
			h, err := o.client.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
				ChannelID: channel, Limit: historyPage, IncludeAllMetadata: true,
			})
			if err == nil {
				messages = h.Messages
			}
			return err
		})
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("read the last messages of %s: %w", channel, err))
		}
		for _, m := range messages {
			ours := m.Metadata.EventType == EventType && o.author().Wrote(m) && field(m, fieldStore) == o.ports.Store
			if ours && field(m, fieldHead) != "" {
				carriers = append(carriers, m)
			}
		}
	}
	slices.SortStableFunc(carriers, func(a, b slack.Message) int { return strings.Compare(b.Timestamp, a.Timestamp) })
	heads := make([]string, len(carriers))
	for i, m := range carriers {
		heads[i] = field(m, fieldHead)
		if signature := field(m, fieldSignature); signature != "" {
			heads[i] += headSignature + signature
		}
	}
	return heads, failed
}
