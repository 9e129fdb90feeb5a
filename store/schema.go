package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/stationmaster/stationmaster/store/kv"
)

// schema is the version of the table of keys in the package comment. The
// records have versions of their own.
const schema = 1

// adopt looks whether this program knows the store's schema, and writes it
// into a new one.
func (s *Store) adopt(ctx context.Context) error {
	got, err := s.kv.Get(ctx, schemaKey)
	if err != nil {
		return err
	}
	if got[0].Rev == 0 {
		return s.kv.Commit(ctx, kv.Batch{
			If:  []kv.Match{{Key: schemaKey}},
			Put: []kv.Entry{{Key: schemaKey, Value: []byte(strconv.Itoa(schema))}},
		})
	}
	version, err := strconv.Atoi(string(got[0].Value))
	switch {
	case err != nil || version < 1:
		return fmt.Errorf("%w: its schema is %q; restore it from a backup", kv.ErrForeign, got[0].Value)
	case version > schema:
		return fmt.Errorf("%w: its schema is version %d and this program knows up to %d; use the newer stationmaster that wrote it, or a backup from before",
			kv.ErrForeign, version, schema)
	}
	return nil
}
