package bolt

import (
	"context"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/store/kv"
)

// Hold implements kv.KV. The ttl is of no account: whoever has the file has
// all its holds, and opening it ends those of a process that died.
func (db *DB) Hold(ctx context.Context, key string, ttl time.Duration) (kv.Hold, error) {
	if err := kv.CheckHold(key, ttl); err != nil {
		return kv.Hold{}, err
	}
	r := newRequest(ctx)
	r.hold, r.lost = key, make(chan struct{})
	if err := db.submit(r); err != nil {
		return kv.Hold{}, fmt.Errorf("hold %s in %s: %w", key, db.path, err)
	}
	return kv.Hold{Match: kv.Match{Key: key, Rev: r.rev}, Lost: r.lost}, nil
}

// publish lets holders and watchers know of a group that is on disk.
func (db *DB) publish(group []*request) {
	for _, r := range group {
		if r.err != nil {
			continue
		}
		if r.hold != "" {
			db.holds[r.hold] = r.lost
			db.watches.send(r.hold)
			continue
		}
		for _, e := range r.batch.Put {
			db.changed(e.Key)
		}
		for _, key := range r.batch.Delete {
			db.changed(key)
		}
	}
}

// changed ends the hold of a key, if there is one, and tells its watchers.
func (db *DB) changed(key string) {
	if lost, ok := db.holds[key]; ok {
		delete(db.holds, key)
		close(lost)
	}
	db.watches.send(key)
}

// endHolds ends all holds. Their keys go when the file is opened again.
func (db *DB) endHolds() {
	for key, lost := range db.holds {
		delete(db.holds, key)
		close(lost)
	}
}
