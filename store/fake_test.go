package store

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

// A fake is a key-value store whose commits can end in any way.
type fake struct {
	kv.KV
	commits atomic.Int64
	read    atomic.Int64                                           // entries
	end     func(commit int64, b kv.Batch) (lands bool, err error) // nil: all land
}

func (f *fake) Commit(ctx context.Context, b kv.Batch) error {
	lands, err := true, error(nil)
	if n := f.commits.Add(1); f.end != nil {
		lands, err = f.end(n, b)
	}
	if lands {
		if err := f.KV.Commit(ctx, b); err != nil {
			return err
		}
	}
	return err
}

func (f *fake) Get(ctx context.Context, keys ...string) ([]kv.Entry, error) {
	f.read.Add(int64(len(keys)))
	return f.KV.Get(ctx, keys...)
}

func (f *fake) Scan(ctx context.Context, prefix, after string, limit int) ([]kv.Entry, error) {
	entries, err := f.KV.Scan(ctx, prefix, after, limit)
	f.read.Add(int64(len(entries)))
	return entries, err
}

// wrap puts a fake under an open store.
func wrap(s *Store) *fake {
	f := &fake{KV: s.kv}
	s.kv = f
	return f
}

// second opens another store on the same data, as another process would.
func second(t testing.TB, s *Store) *Store {
	t.Helper()
	other, err := open(t.Context(), s.kv, s.name)
	if err != nil {
		t.Fatal(err)
	}
	return other
}
