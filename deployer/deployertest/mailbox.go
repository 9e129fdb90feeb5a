package deployertest

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// MessageKey is where the n-th message of a commit lies until it is sent. A
// deployment has one card in a channel, which comes after its other messages;
// those stand in the order of its events.
func MessageKey(c deployer.Commit, n int) string {
	m := c.Messages[n]
	box := fmt.Sprintf("out/%s/%s/", url.PathEscape(m.Channel), url.PathEscape(c.After.ID))
	if m.IsCard() {
		return box + "card"
	}
	return box + fmt.Sprintf("%06d-%02d-%s", c.Before.Seq+1, n, url.PathEscape(m.DedupKey))
}

// mail puts what is to be sent, and removes what was. A card that was not sent
// yet stays as old as it is, since it may have been posted, and wants a receipt
// as long as the deployment d has none.
func (j *Journal) mail(c deployer.Commit, d deployer.Deployment) {
	var put []string
	for n, m := range c.Messages {
		key := MessageKey(c, n)
		x := deployer.OutboxMessage{Message: m, Deployment: c.After.ID, Key: key, Rev: j.rev, At: j.now().UTC()}
		if old, ok := j.messages[key]; ok && !slices.Contains(c.Sent, key) {
			x.At, x.Receipt = old.At, m.Receipt || old.Receipt && d.Card.TS == ""
		}
		j.messages[key] = x
		put = append(put, key)
		j.arrivals.tell(deployer.Box{Channel: m.Channel, Deployment: c.After.ID})
	}
	for _, key := range c.Sent {
		if !slices.Contains(put, key) {
			j.remove(key)
		}
	}
}

// Put lays a message into the mailbox without a commit, over the one that has
// its key. A key and a time that it lacks are made up.
func (j *Journal) Put(m deployer.OutboxMessage) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rev++
	m.Rev = j.rev
	if m.Key == "" {
		m.Key = fmt.Sprintf("out/%s/%s/%08d-%s", url.PathEscape(m.Channel), url.PathEscape(m.Deployment), m.Rev, url.PathEscape(m.DedupKey))
	}
	if m.At.IsZero() {
		m.At = j.now().UTC()
	}
	j.messages[m.Key] = m
	j.arrivals.tell(boxOf(m))
}

// remove takes a message out, and tells so. The caller holds the lock.
func (j *Journal) remove(key string) {
	if m, ok := j.messages[key]; ok {
		delete(j.messages, key)
		j.arrivals.tell(boxOf(m))
	}
}

func boxOf(m deployer.OutboxMessage) deployer.Box {
	return deployer.Box{Channel: m.Channel, Deployment: m.Deployment}
}

// Messages returns messages that wait, in the order of their keys, from behind
// the key after: at most limit.
func (j *Journal) Messages(ctx context.Context, after string, limit int) ([]deployer.OutboxMessage, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	keys := slices.Sorted(maps.Keys(j.messages))
	from, found := slices.BinarySearch(keys, after)
	if found {
		from++
	}
	var out []deployer.OutboxMessage
	for _, key := range keys[from:min(len(keys), from+limit)] {
		out = append(out, j.messages[key])
	}
	return out, nil
}

// MessagesIn returns the messages of a box, in the order of their keys.
func (j *Journal) MessagesIn(ctx context.Context, box deployer.Box) ([]deployer.OutboxMessage, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	var out []deployer.OutboxMessage
	for _, m := range j.messages {
		if boxOf(m) == box {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b deployer.OutboxMessage) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// Discard forgets a message, unless a newer one has taken its place, which is
// no error.
func (j *Journal) Discard(ctx context.Context, m deployer.OutboxMessage) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if old, ok := j.messages[m.Key]; ok && old.Rev == m.Rev {
		j.remove(m.Key)
	}
	return nil
}

// Waiting returns the keys of the messages that wait.
func (j *Journal) Waiting() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Sorted(maps.Keys(j.messages))
}

// Arrivals tells the boxes of messages that came, changed or went, until ctx
// ends; then the channel is closed. What is there already is not told. The zero
// Box stands for boxes that whoever reads too slowly has missed.
func (j *Journal) Arrivals(ctx context.Context) (<-chan deployer.Box, error) {
	return j.arrivals.add(ctx), nil
}
