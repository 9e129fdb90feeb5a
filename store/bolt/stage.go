package bolt

import (
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// stage is the transaction of a group while its requests are written into it.
type stage struct {
	tx *bbolt.Tx
	buckets
}

// check returns why a request must be refused, if it must, and makes up all
// that it puts. It changes nothing.
func (s *stage) check(r *request) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	for _, m := range r.batch.If {
		if rev := revision(s.get(m.Key)); rev != m.Rev {
			return fmt.Errorf("%w: key %q is at revision %d, not %d", kv.ErrConflict, m.Key, rev, m.Rev)
		}
	}
	r.put = r.batch.Put
	if next := r.batch.Next; next != nil {
		all, err := kv.Complete(r.batch, decode(next.Key, s.get(next.Key)))
		if err != nil {
			return err
		}
		r.put = all
	}
	return nil
}

// apply writes a request that was checked, at r.rev.
func (s *stage) apply(r *request) error {
	for _, e := range r.put {
		b, err := s.writable(s.tx, e.Key)
		if err != nil {
			return err
		}
		if err := b.Put([]byte(e.Key), encode(r.rev, e.Value)); err != nil {
			return err
		}
	}
	for _, key := range r.batch.Delete {
		b, err := s.writable(s.tx, key)
		if err != nil {
			return err
		}
		if err := b.Delete([]byte(key)); err != nil {
			return err
		}
	}
	return nil
}
