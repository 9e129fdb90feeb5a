package bolt

import (
	"context"
	"fmt"
	"runtime"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// What one transaction takes at most, so that neither the memory it needs nor
// the time that its first commit waits for its last grows without bound.
const (
	maxGroup = 256
	maxBytes = 8 << 20
)

// request is a commit, or a hold to take, on its way to the committer.
type request struct {
	ctx   context.Context
	batch kv.Batch
	hold  string        // the key to hold; the batch is then empty
	lost  chan struct{} // of the hold

	rev  int64      // set when staged
	err  error      // why it was refused
	done chan error // one answer, if the committer took it
}

// Commit implements kv.KV. The context counts until the committer takes the
// batch; then the answer is near, and certain.
func (db *DB) Commit(ctx context.Context, b kv.Batch) error {
	if err := kv.Check(b); err != nil {
		return err
	}
	r := &request{ctx: ctx, batch: b, done: make(chan error, 1)}
	if err := db.submit(r); err != nil {
		return fmt.Errorf("commit to %s: %w", db.path, err)
	}
	return nil
}

// submit hands a request to the committer and waits for its answer.
func (db *DB) submit(r *request) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	select {
	case <-db.stop:
		return kv.ErrClosed
	default:
	}
	select {
	case db.queue <- r:
	case <-db.stop:
		return kv.ErrClosed
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-db.gone:
	}
	select {
	case err := <-r.done:
		return err
	default:
		return kv.ErrClosed // left in the queue
	}
}

// run is the committer.
func (db *DB) run() {
	defer close(db.gone)
	defer db.watches.close()
	defer db.endHolds()
	group := make([]*request, 0, maxGroup)
	for {
		select {
		case <-db.stop:
			return
		case r := <-db.queue:
			group = db.gather(append(group[:0], r))
			db.write(group)
			clear(group)
		}
	}
}

// gather adds to a group what else waits. It yields once before, because the
// writers that the last answers woke are about to come with their next commit:
// without, every second group is a group of one.
func (db *DB) gather(group []*request) []*request {
	runtime.Gosched()
	size := kv.Size(group[0].batch)
	for len(group) < maxGroup && size < maxBytes {
		select {
		case r := <-db.queue:
			group = append(group, r)
			size += kv.Size(r.batch)
		default:
			return group
		}
	}
	return group
}

// write commits a group in one transaction and answers each request.
func (db *DB) write(group []*request) {
	f, err := db.file()
	if err != nil {
		answer(group, err)
		return
	}
	tx, err := f.bolt.Begin(true)
	if err != nil {
		db.lose(f)
		answer(group, err)
		return
	}
	changed, err := db.stage(tx, group)
	if err != nil || !changed {
		tx.Rollback()
		answer(group, err)
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
	answer(group, nil)
}

// answer tells each requester how it ended: with err, unless it was refused on
// its own account.
func answer(group []*request, err error) {
	for _, r := range group {
		if r.err != nil {
			r.done <- r.err
		} else {
			r.done <- err
		}
	}
}

// stage checks each request against the state that the earlier ones leave, and
// writes those that are not refused. It says whether there is anything to
// commit. An error is bbolt's and means that the transaction is of no use.
func (db *DB) stage(tx *bbolt.Tx, group []*request) (changed bool, err error) {
	s := stage{data: tx.Bucket(bucketData), holds: tx.Bucket(bucketHolds), held: len(db.holds) > 0}
	last := s.data.Sequence()
	rev := last
	for _, r := range group {
		if r.err = s.check(r); r.err != nil {
			continue
		}
		if r.hold == "" && len(r.batch.Put)+len(r.batch.Delete) == 0 {
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
