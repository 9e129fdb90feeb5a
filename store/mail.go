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
	return s.outboxMessages(ctx, entries)
}

// MessagesIn returns the messages of a box, in the order of their keys: what
// Messages says holds for them. Nothing else is read.
func (s *Store) MessagesIn(ctx context.Context, box deployer.Box) ([]deployer.OutboxMessage, error) {
	var messages []deployer.OutboxMessage
	for after := ""; ; {
		entries, err := s.kv.Scan(ctx, boxPrefix(box), after, kv.ScanMax)
		if err != nil {
			return nil, err
		}
		page, err := s.outboxMessages(ctx, entries)
		if err != nil {
			return nil, err
		}
		if messages = append(messages, page...); len(page) < kv.ScanMax {
			return messages, nil
		}
		after = page[len(page)-1].Key
	}
}

func (s *Store) outboxMessages(ctx context.Context, entries []kv.Entry) ([]deployer.OutboxMessage, error) {
	messages := make([]deployer.OutboxMessage, len(entries))
	for i, e := range entries {
		var err error
		if messages[i], err = s.outboxMessage(ctx, e); err != nil {
			return nil, fmt.Errorf("read %s in %s: %w", e.Key, s.name, err)
		}
	}
	return messages, nil
}

// outboxMessage decodes a message, unless that was done before: those of a box are
// read each time that one arrives there.
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

// Arrivals tells the boxes of messages that came, changed or went, until ctx ends
// or the store is closed; then the channel is closed. What is there already is not
// told. The zero Box stands for boxes that whoever reads too slowly has missed.
func (s *Store) Arrivals(ctx context.Context) (<-chan deployer.Box, error) {
	return watch(ctx, s.kv, outPrefix, boxOf)
}
