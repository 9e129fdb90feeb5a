package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// lookBack is how much earlier than its letter a post is looked for: our clock
// and Slack's may differ.
const lookBack = 2 * time.Minute

// historyPage is how many messages are asked for at once.
const historyPage = 200

// A historyScan is what was seen in a channel or a thread.
type historyScan struct {
	begun  time.Time
	oldest time.Time
	posts  map[dedupID][]string // timestamps
}

// A dedupID is what a post is recognized by.
type dedupID struct{ deployment, key string }

// findPosted finds out whether a letter was posted, keeps the oldest of what is
// there, and has it sent if there is nothing.
func (q *queue) findPosted(ctx context.Context, it *item, l deployer.OutboxMessage, d deployer.Deployment) {
	since := l.At
	if l.Kind == deployer.MessageCard { // its letter may have taken the place of an older one
		since = d.Created
	}
	seen, err := q.scanHistory(ctx, it, since.Add(-lookBack), threadOf(l, d))
	if err != nil {
		if f, _ := slackapi.OutcomeOf(err); f == slackapi.Rejected {
			q.giveUp(ctx, it, l, d, err)
		}
		return
	}
	found := seen.posts[dedupID{l.Deployment, l.DedupKey}]
	if len(found) == 0 {
		q.mu.Lock()
		it.unclear = time.Time{}
		q.mu.Unlock()
		return
	}
	slices.Sort(found)
	for _, ts := range found[1:] {
		if err := q.remove(ctx, q.channel, ts); err != nil {
			q.log.Warn("a message is there twice, and the younger can't be deleted", "letter", l.Key, "err", err)
			if f, _ := slackapi.OutcomeOf(err); f != slackapi.Rejected {
				return
			}
		}
	}
	q.log.Info("a message was posted before", "letter", l.Key)
	q.posted(it, l, deployer.Post{DedupKey: l.DedupKey, Channel: q.channel, TS: found[0]}, "")
	if l.Kind == deployer.MessageCard {
		it.sent.Rev = 0 // it may show an older state than this letter's, which is not done
	}
	q.finish(ctx, it)
}

// scanHistory returns what can be seen now of a thread, or of the channel. One
// reading serves every letter whose settling time is over.
func (q *queue) scanHistory(ctx context.Context, it *item, since time.Time, thread string) (historyScan, error) {
	q.mu.Lock()
	r, ok := q.scans[thread]
	if ok && !r.begun.Before(it.unclear.Add(q.pace.Settle)) && !r.oldest.After(since) {
		q.mu.Unlock()
		return r, nil
	}
	for _, other := range q.items {
		if at := other.letter.At.Add(-lookBack); !other.unclear.IsZero() && other.done == 0 && at.Before(since) {
			since = at
		}
	}
	q.mu.Unlock()
	r = historyScan{begun: time.Now(), oldest: since, posts: map[dedupID][]string{}}
	if err := q.read(ctx, thread, &r); err != nil {
		return r, fmt.Errorf("look for a post: %w", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.scans[thread] = r
	return r, nil
}

// read goes through a thread, or through the channel, page by page. The
// replies to a message that was deleted stand in the channel.
func (q *queue) read(ctx context.Context, thread string, r *historyScan) error {
	page, method := pageFunc(q.historyPage), q.reads
	if thread != "" {
		page, method = q.threadPage(thread), q.replies
	}
	for cursor := ""; ; {
		if !method.Pass(ctx) {
			return ctx.Err()
		}
		var next string
		err := q.call(ctx, method, method.Close, func(ctx context.Context) error {
			messages, n, err := page(ctx, stamp(r.oldest), cursor)
			for _, m := range messages {
				r.note(m)
			}
			next = n
			return err
		})
		if word, _ := slackapi.ErrorCode(err); word == "thread_not_found" && thread != "" {
			return q.read(ctx, "", r)
		}
		if err != nil || next == "" {
			return err
		}
		cursor = next
	}
}

// note remembers a message that is ours.
func (r *historyScan) note(m slack.Message) {
	if m.Metadata.EventType != EventType {
		return
	}
	deployment, _ := m.Metadata.EventPayload["deployment"].(string)
	key, _ := m.Metadata.EventPayload["key"].(string)
	s := dedupID{deployment, key}
	if !slices.Contains(r.posts[s], m.Timestamp) {
		r.posts[s] = append(r.posts[s], m.Timestamp)
	}
}

type pageFunc func(ctx context.Context, oldest, cursor string) ([]slack.Message, string, error)

func (q *queue) historyPage(ctx context.Context, oldest, cursor string) ([]slack.Message, string, error) {
	h, err := q.client.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: q.channel, Oldest: oldest, Cursor: cursor, Limit: historyPage, IncludeAllMetadata: true,
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

// stamp is a time as Slack writes it.
func stamp(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }
