package store

import (
	"context"

	"github.com/stationmaster/stationmaster/store/kv"
)

// Changes tells the ids of the deployments that a commit was about, until ctx ends
// or the store is closed; then the channel is closed. "" stands for ids that
// whoever reads too slowly has missed.
func (s *Store) Changes(ctx context.Context) (<-chan string, error) {
	return watch(ctx, s.kv, headPrefix, changedID)
}

// watch tells what the keys stand for that change under a prefix; of is asked
// whether a key is worth telling. The zero value stands for keys that are not
// known, and is told for a gap.
func watch[T any](ctx context.Context, db kv.KV, prefix string, of func(key string) (T, bool)) (<-chan T, error) {
	keys, err := db.Watch(ctx, prefix)
	if err != nil {
		return nil, err
	}
	told := make(chan T)
	go func() {
		defer close(told)
		for key := range keys {
			what, tell := of(key)
			if !tell {
				continue
			}
			select {
			case told <- what:
			case <-ctx.Done():
				return
			}
		}
	}()
	return told, nil
}
