package bolt

import (
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// stage is the transaction of a group while its requests are written into it.
type stage struct{ data *bbolt.Bucket }

// check returns why a request must be refused, if it must. It changes nothing.
func (s *stage) check(r *request) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	for _, m := range r.batch.If {
		if rev := revision(s.data.Get([]byte(m.Key))); rev != m.Rev {
			return fmt.Errorf("%w: key %q is at revision %d, not %d", kv.ErrConflict, m.Key, rev, m.Rev)
		}
	}
	return nil
}

// apply writes a request that was checked, at r.rev.
func (s *stage) apply(r *request) error {
	for _, e := range r.batch.Put {
		if err := s.data.Put([]byte(e.Key), encode(r.rev, e.Value)); err != nil {
			return err
		}
	}
	for _, key := range r.batch.Delete {
		if err := s.data.Delete([]byte(key)); err != nil {
			return err
		}
	}
	return nil
}
