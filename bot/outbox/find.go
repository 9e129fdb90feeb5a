package outbox

import (
	"context"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// A historyScan is what was seen in a channel or a thread.
type historyScan struct {
	begunAt time.Time
	oldest  time.Time // how far back it goes, by Slack's clock; zero: to the beginning
	posts   map[dedupID][]foundPost
}

// A foundPost is one of ours, as it was seen.
type foundPost struct {
	ts string
	source
}

// A dedupID is what a post is recognized by. It is in the post's metadata.
type dedupID struct{ deployment, key string }

// findPosted finds out whether a message was posted, keeps the oldest of what is
// there, and has it sent if there is nothing.
func (q *queue) findPosted(ctx context.Context, it *item, m deployer.OutboxMessage, d deployer.Deployment) {
	if _, err := address(ctx, q, m); err != nil {
		unopened(ctx, q, it, m, d, err)
		return
	}
	seen, err := q.scanHistory(ctx, it, q.searchFrom(m, d), threadOf(m, d))
	if err != nil {
		switch outcome, _ := slackapi.OutcomeOf(err); {
		case waitsOut(m, err):
			waitOut(ctx, q, m, d, err)
		case outcome == slackapi.Rejected:
			q.giveUp(ctx, it, m, d, err)
		}
		return
	}
	found := seen.postsOf(dedupID{m.Deployment, m.DedupKey}, source{q.author().Installation, q.storeOf(m, d)})
	if len(found) == 0 {
		q.mu.Lock()
		it.maybeSentAt = time.Time{}
		q.mu.Unlock()
		return
	}
	if !q.removeTwins(ctx, m, found[1:]) {
		return
	}
	q.log.Info("a message was posted before", "message", m.Key)
	record := q.recordPost(m, deployer.Post{DedupKey: m.DedupKey, Channel: place(q), TS: found[0]}, "")
	if m.IsCard() {
		m.Rev = 0 // it may show an older state than this message's, which is not done
	}
	q.finish(ctx, it, m, record)
}

// searchFrom is from when on a message is looked for, by Slack's clock. A thread is
// read as a whole.
func (o *Outbox) searchFrom(m deployer.OutboxMessage, d deployer.Deployment) time.Time {
	switch {
	case threadOf(m, d) != "":
		return time.Time{}
	case m.IsCard(): // this message may have taken the place of an older one
		return o.clock.since(d.Created)
	}
	return o.clock.since(m.At)
}

// postsOf are the timestamps of a message from a source, the oldest first.
func (h historyScan) postsOf(id dedupID, ours source) []string {
	var out []string
	for _, p := range h.posts[id] {
		if ours.counts(p.source) {
			out = append(out, p.ts)
		}
	}
	slices.Sort(out)
	return out
}

// removeTwins deletes the younger posts of a message. It reports whether that is
// over: one that Slack refuses to delete stays.
func (q *queue) removeTwins(ctx context.Context, m deployer.OutboxMessage, twins []string) bool {
	for _, ts := range twins {
		if err := q.remove(ctx, place(q), ts); err != nil {
			q.log.Warn("a message is there twice, and the younger can't be deleted", "message", m.Key, "err", err)
			if outcome, _ := slackapi.OutcomeOf(err); outcome != slackapi.Rejected {
				return false
			}
		}
	}
	return true
}
