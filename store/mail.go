package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// Messages returns messages that wait, in the order of their keys, from behind
// the key after: at most limit, and fewer only if there are no more. A limit
// above kv.MaxScan is taken for that.
//
// Messages to one channel about one deployment are in the order of its events,
// but for the card: there is one, the last, which stands for all changes since
// it was sent. Its At is that of the first of them, so that it is found if it
// was posted, and it wants a receipt as long as the deployment has none.
func (s *Store) Messages(ctx context.Context, after string, limit int) ([]deployer.OutboxMessage, error) {
	entries, err := s.kv.Scan(ctx, outPrefix, after, min(limit, kv.ScanMax))
	if err != nil {
		return nil, err
	}
	messages := make([]deployer.OutboxMessage, len(entries))
	for i, e := range entries {
		if messages[i], err = s.outboxMessage(ctx, e); err != nil {
			return nil, fmt.Errorf("read %s in %s: %w", e.Key, s.name, err)
		}
	}
	return messages, nil
}

// outboxMessage decodes a message, unless that was done before. All messages are read
// each time that one arrives, and many wait while Slack is slow.
func (s *Store) outboxMessage(ctx context.Context, e kv.Entry) (deployer.OutboxMessage, error) {
	if l, ok := s.decoded.get(e.Key, func(l deployer.OutboxMessage) bool { return l.Rev == e.Rev }); ok {
		return l, nil
	}
	r, err := record.DecodeOutboxMessage(e.Value, s.fetch(ctx))
	if err != nil {
		return deployer.OutboxMessage{}, err
	}
	l := deployer.OutboxMessage{Message: r.Message, Deployment: r.Deployment, Key: e.Key, Rev: e.Rev, At: r.At}
	s.decoded.put(l.Key, l, decodedMax)
	return l, nil
}

// decodedMax is how many decoded messages a Store remembers, by key and revision,
// which no other message ever has. One takes about 1 KB.
const decodedMax = 1024

// Discard forgets a message, unless a newer one has replaced it, which is
// no error.
func (s *Store) Discard(ctx context.Context, l deployer.OutboxMessage) error {
	err := s.kv.Commit(ctx, kv.Batch{If: []kv.Match{{Key: l.Key, Rev: l.Rev}}, Delete: []string{l.Key}})
	if err == nil || errors.Is(err, kv.ErrConflict) {
		return nil
	}
	return fmt.Errorf("discard message: %w", journalError(err))
}

// Arrivals tells of new messages, and perhaps of messages that went, until ctx
// ends or the store is closed; then the channel is closed. Several may be told
// as one. What is there already is not told.
func (s *Store) Arrivals(ctx context.Context) (<-chan struct{}, error) {
	keys, err := s.kv.Watch(ctx, outPrefix)
	if err != nil {
		return nil, err
	}
	arrivals := make(chan struct{}, 1)
	go func() {
		defer close(arrivals)
		for range keys { // a gap may hide an arrival, so it counts as one
			select {
			case arrivals <- struct{}{}:
			default:
			}
		}
	}()
	return arrivals, nil
}
