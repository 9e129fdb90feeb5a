package bolt

import (
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// stage is the transaction of a group while its requests are written into it.
type stage struct {
	data, holds *bbolt.Bucket
	held        bool // there may be holds; else holds needs no look
}

// check returns why a request must be refused, if it must. It changes nothing.
func (s *stage) check(r *request) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.hold != "" && s.data.Get([]byte(r.hold)) != nil {
		return fmt.Errorf("%w: key %q is taken", kv.ErrConflict, r.hold)
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
	if r.hold != "" {
		s.held = true
		if err := s.holds.Put([]byte(r.hold), nil); err != nil {
			return err
		}
		return s.data.Put([]byte(r.hold), encode(r.rev, nil))
	}
	for _, e := range r.batch.Put {
		if err := s.release(e.Key); err != nil {
			return err
		}
		if err := s.data.Put([]byte(e.Key), encode(r.rev, e.Value)); err != nil {
			return err
		}
	}
	for _, key := range r.batch.Delete {
		if err := s.release(key); err != nil {
			return err
		}
		if err := s.data.Delete([]byte(key)); err != nil {
			return err
		}
	}
	return nil
}

// release makes a key that is about to change an ordinary one: its hold, if
// there is one, ends with the change.
func (s *stage) release(key string) error {
	if !s.held {
		return nil
	}
	return s.holds.Delete([]byte(key))
}
