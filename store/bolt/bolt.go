// Package bolt keeps the key-value store in one file, with bbolt.
//
// One goroutine at a time writes, for all. It takes the commits that wait,
// checks each on its own against the state that the ones before it leave,
// writes them in one transaction, and answers when that is on disk: many
// writers share one fsync, a lone one waits for nobody, and a refused commit
// doesn't touch its neighbours. (bbolt's own Batch waits 10 ms for company.)
//
// Each call has its own short transaction and copies what it returns: bbolt
// can't reuse a page, or grow the file, while a reader stands on it.
//
// # When the disk fails
//
// bbolt commits by writing the data, an fsync, one meta page, and an fsync.
// What fails before the meta page is written did not happen: the call is
// refused, with [kv.ErrFull] if it was for lack of space. If the last fsync
// fails, the commit is in the kernel's page cache, but perhaps never reaches
// the disk, and no later fsync would tell. The outcome is then
// [kv.ErrUnknown]; the file is shut, which puts a gap into all watches, and opened again before the next call is served. As long as
// that fails, every call fails.
//
// Opening begins with a commit of its own. It writes a new meta page on top of
// what the file shows, so what is read afterwards is on disk and not merely in
// the page cache, whatever became of an earlier fsync, in this process or in
// one before it.
//
// A page that can't be read when it is needed ends the process, as reading a
// mapped file does.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	berrors "go.etcd.io/bbolt/errors"

	"github.com/stationmaster/stationmaster/store/kv"
)

// DB is a store in one file. It implements kv.KV.
type DB struct {
	path string

	cur atomic.Pointer[file] // nil while the file is shut

	mu     sync.Mutex   // serializes opening and shutting the file
	closed bool         // guarded by mu
	tries  atomic.Int64 // how often the file was opened again; written under mu
	err    error        // how the last try ended; guarded by mu

	queue   queue
	watches watches
}

var _ kv.KV = (*DB)(nil)

// Open opens the store in the file at path, and creates it, readable by its
// owner only, if there is none. The file stays locked until Close; if another
// process has it, Open waits a second and returns an error that is
// kv.ErrLocked. A file that isn't such a store is left as it is; the error is
// kv.ErrForeign.
func Open(path string) (*DB, error) {
	f, err := createFile(path)
	if err != nil {
		return nil, err
	}
	db := &DB{path: path}
	db.cur.Store(f)
	return db, nil
}

// Get implements kv.KV.
func (db *DB) Get(ctx context.Context, keys ...string) ([]kv.Entry, error) {
	if err := kv.CheckGet(keys); err != nil {
		return nil, err
	}
	entries := make([]kv.Entry, len(keys))
	err := db.read(ctx, func(b buckets) {
		for i, key := range keys {
			entries[i] = decode(key, b.get(key))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("get from %s: %w", db.path, err)
	}
	return entries, nil
}

// Scan implements kv.KV.
func (db *DB) Scan(ctx context.Context, prefix, after string, limit int) ([]kv.Entry, error) {
	if err := kv.CheckScan(prefix, after, limit); err != nil {
		return nil, err
	}
	var entries []kv.Entry
	err := db.read(ctx, func(b buckets) {
		entries = b.scan(prefix, after, limit)
	})
	if err != nil {
		return nil, fmt.Errorf("scan %s: %w", db.path, err)
	}
	return entries, nil
}

// read runs fn on a snapshot, perhaps more than once; only what the last run
// got counts. fn must keep no slice of the buckets'.
func (db *DB) read(ctx context.Context, fn func(buckets)) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := db.file()
		if err != nil {
			return err
		}
		id, err := f.view(fn)
		if err == nil && id <= f.durable.Load() {
			return nil
		}
		if err != nil && !errors.Is(err, berrors.ErrDatabaseNotOpen) && !errors.Is(err, berrors.ErrInvalidMapping) {
			return err
		}
		// Either the snapshot shows a commit that isn't on disk yet, or the
		// file is about to be shut for a failed write.
		if err := f.settled(ctx); err != nil {
			return err
		}
		if err == nil && id <= f.durable.Load() {
			return nil
		}
	}
}

// file returns the open file, and opens it if a failed write has shut it. If it
// has vanished meanwhile, that is an error: an empty store in its place would
// have forgotten everything.
func (db *DB) file() (*file, error) {
	if f := db.cur.Load(); f != nil {
		return f, nil
	}
	tries := db.tries.Load()
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil, kv.ErrClosed
	}
	if f := db.cur.Load(); f != nil {
		return f, nil
	}
	if db.tries.Load() != tries {
		return nil, db.err // of a try that ended while we waited
	}
	f, err := openFile(db.path)
	db.err = err
	db.tries.Add(1)
	if err != nil {
		return nil, err
	}
	db.cur.Store(f)
	return f, nil
}

// shut closes a file that can't be trusted any more.
func (db *DB) shut(f *file) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.cur.CompareAndSwap(f, nil) {
		_ = f.bolt.Close() // its data are on disk or lost; the file is opened anew
	}
}

// Close implements kv.KV. Commits that wait and were not begun are refused.
func (db *DB) Close() error {
	db.queue.close()
	db.mu.Lock()
	defer db.mu.Unlock()
	if !db.closed {
		db.closed = true
		db.watches.close()
	}
	f := db.cur.Swap(nil)
	if f == nil {
		return nil
	}
	if err := f.bolt.Close(); err != nil {
		return fmt.Errorf("close %s: %w", db.path, err)
	}
	return nil
}
