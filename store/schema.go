package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"

	"github.com/stationmaster/stationmaster/store/kv"
)

// schema is the version of the table of keys in the package comment. The
// records have versions of their own.
const schema = 2

// adopt looks whether this program knows the store's schema, and writes it
// into a new one. One of an earlier schema is brought up to date.
func (s *Store) adopt(ctx context.Context) error {
	got, err := s.kv.Get(ctx, schemaKey, idKey)
	if err != nil {
		return err
	}
	if got[0].Rev == 0 {
		err := s.kv.Commit(ctx, kv.Batch{If: []kv.Match{{Key: schemaKey}}, Put: begin2()})
		if err != nil && !errors.Is(err, kv.ErrConflict) {
			return err
		}
		if got, err = s.kv.Get(ctx, schemaKey, idKey); err != nil {
			return err
		}
	}
	m := migration{s}
	version, err := strconv.Atoi(string(got[0].Value))
	switch {
	case err != nil || version < 1:
		return fmt.Errorf("%w: its schema is %q; restore it from a backup", kv.ErrForeign, got[0].Value)
	case version > schema:
		return fmt.Errorf("%w: its schema is version %d and this program knows up to %d; use the newer stationmaster that wrote it, or a backup from before",
			kv.ErrForeign, version, schema)
	case version < schema:
		if got[1], err = m.leave1(ctx, got[0]); err != nil {
			return err
		}
	}
	if s.id = string(got[1].Value); s.id == "" {
		return fmt.Errorf("%w: %s is missing; restore it from a backup", kv.ErrForeign, idKey)
	}
	return m.carryOver(ctx)
}

// begin2 is what a store of schema 2 begins with.
func begin2() []kv.Entry {
	return []kv.Entry{{Key: schemaKey, Value: []byte(strconv.Itoa(schema))}, {Key: idKey, Value: []byte(rand.Text())}}
}

// ID tells this store from every other one: it was drawn when it was made, and
// goes with it into backups.
func (s *Store) ID() string { return s.id }
