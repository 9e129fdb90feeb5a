package bolt

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// request is a commit, and then how it ended.
type request struct {
	ctx   context.Context
	batch kv.Batch

	put  []kv.Entry // all that it puts, once its turn has come
	rev  int64
	err  error
	turn chan bool // true: lead; false: the others are set
}

func newRequest(ctx context.Context, b kv.Batch) *request {
	return &request{ctx: ctx, batch: b, turn: make(chan bool, 1)}
}

// Commit implements kv.KV. The context counts until the batch is being
// written; then the answer is near, and certain.
func (db *DB) Commit(ctx context.Context, b kv.Batch) error {
	if err := kv.Check(b); err != nil {
		return err
	}
	if err := db.submit(newRequest(ctx, b)); err != nil {
		return fmt.Errorf("commit to %s: %w", db.path, err)
	}
	return nil
}

// write commits a group in one transaction and sets how each request ended. It
// runs one at a time: for whoever leads the queue.
func (db *DB) write(group []*request) {
	f, err := db.file()
	if err != nil {
		finish(group, err)
		return
	}
	tx, err := f.bolt.Begin(true)
	if err != nil {
		db.lose(f)
		finish(group, err)
		return
	}
	changed, err := db.stage(tx, group)
	if err != nil || !changed {
		tx.Rollback()
		finish(group, err)
		return
	}

	id := tx.ID()
	writing := make(chan struct{})
	f.writing.Store(&writing)
	defer close(writing)
	if err := tx.Commit(); err != nil {
		db.failed(f, id, group, err)
		return
	}
	f.durable.Store(int64(id))
	db.publish(group)
}

// finish sets how a group ended: with err, except for those requests that were
// refused on their own account.
func finish(group []*request, err error) {
	for _, r := range group {
		if r.err == nil {
			r.err = err
		}
	}
}

// stage checks each request against the state that the earlier ones leave, and
// writes those that are not refused. It says whether there is anything to
// commit. An error is bbolt's and means that the transaction is of no use.
func (db *DB) stage(tx *bbolt.Tx, group []*request) (changed bool, err error) {
	s := stage{tx: tx, buckets: bucketsOf(tx)}
	last := s.data.Sequence()
	rev := last
	for _, r := range group {
		if r.err = s.check(r); r.err != nil {
			continue
		}
		if len(r.put)+len(r.batch.Delete) == 0 {
			continue
		}
		rev++
		r.rev = int64(rev)
		if err := s.apply(r); err != nil {
			return false, err
		}
	}
	if rev == last {
		return false, nil
	}
	return true, s.data.SetSequence(rev)
}

// publish lets watchers know of a group that is on disk.
func (db *DB) publish(group []*request) {
	for _, r := range group {
		if r.err != nil {
			continue
		}
		for _, e := range r.put {
			db.watches.send(e.Key)
		}
		for _, key := range r.batch.Delete {
			db.watches.send(key)
		}
	}
}
