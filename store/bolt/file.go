package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/stationmaster/stationmaster/store/kv"
)

// The file holds four buckets. Data has the entries, and its sequence is the
// revision of the last commit. Log has those whose keys begin with
// kv.LogPrefix; a file that has none may lack it, since earlier versions knew
// none. Meta has the number of this format. Holds is empty, and is there for
// earlier versions, which look into it.
var (
	bucketData  = []byte("data")
	bucketLog   = []byte("log")
	bucketHolds = []byte("holds")
	bucketMeta  = []byte("stationmaster")
	keyFormat   = []byte("format")
)

const format = "1"

// file is the bbolt file while it is open. A DB gets a new one each time it
// opens it again.
type file struct {
	bolt    *bbolt.DB
	found   int          // the last transaction that was there when it was opened
	durable atomic.Int64 // the last transaction known to be on disk

	// A transaction becomes visible to readers one fsync before it is on disk.
	// This is closed when the one last begun is either on disk or undone.
	writing atomic.Pointer[chan struct{}]
}

// options syncs with every commit, bbolt's default. The list of free pages is
// the array and is stored: by BenchmarkFreelist all ways commit equally fast
// unless much was deleted; then the map, not stored, takes 0.6 of the time and
// the map, stored, takes three times as long. But a list that isn't stored
// makes opening read the whole file, and crash, in a goroutine of bbolt's own,
// if a page is damaged.
//
// forbid are flags of os.OpenFile that bbolt may not use. opened is set to the
// file, so that it can be closed should bbolt panic.
func options(forbid int, opened **os.File) *bbolt.Options {
	return &bbolt.Options{
		Timeout:      time.Second,
		FreelistType: bbolt.FreelistArrayType,
		NoStatistics: true, // a lock in the path of every reader
		OpenFile: func(path string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(path, flag&^forbid, mode)
			*opened = f
			return f, err
		},
	}
}

// createFile is openFile, and makes an empty store if there is no file.
func createFile(path string) (*file, error) { return load(path, 0) }

// openFile opens and locks the file at path, looks that it is one of ours and
// makes sure that what it shows is on disk.
func openFile(path string) (*file, error) { return load(path, os.O_CREATE) }

func load(path string, forbid int) (f *file, err error) {
	var opened *os.File
	defer func() {
		// bbolt trusts what it reads: a damaged file panics, and one that was
		// cut short faults, which only SetPanicOnFault makes a panic.
		if p := recover(); p != nil {
			unlock(opened)
			_ = opened.Close()
			f, err = nil, fmt.Errorf("open %s: %w: the file is damaged (%v); restore it from a backup", path, kv.ErrForeign, p)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))

	b, err := bbolt.Open(path, 0o600, options(forbid, &opened))
	if err != nil {
		return nil, explain(path, err)
	}
	f = &file{bolt: b}
	if err := stillThere(path, opened); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if err := f.begin(); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, errors.Join(err, b.Close()))
	}
	if err := syncDir(path); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, errors.Join(err, b.Close()))
	}
	return f, nil
}

// explain turns bbolt's reason for not opening a file into one that says what
// to do.
func explain(path string, err error) error {
	var (
		perr  *os.PathError
		errno syscall.Errno
	)
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("open %s: %w: stop the other one, or name another file", path, kv.ErrLocked)
	case isFull(err):
		return fmt.Errorf("open %s: %w: %w", path, kv.ErrFull, err)
	case errors.As(err, &perr):
		return fmt.Errorf("open store: %w", err) // names the path
	case errors.As(err, &errno):
		return fmt.Errorf("open %s: %w", path, err)
	}
	return fmt.Errorf("open %s: %w: %w; name another file, or restore this one from a backup", path, kv.ErrForeign, err)
}

// begin makes the first transaction of an open file.
func (f *file) begin() error {
	tx, err := f.bolt.Begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback() // without effect after Commit
	f.found = tx.ID() - 1
	if err := f.checkWhole(tx); err != nil {
		return err
	}
	if err := adopt(tx); err != nil {
		return err
	}
	id := tx.ID()
	if err := tx.Commit(); err != nil {
		if isFull(err) {
			return fmt.Errorf("%w: %w", kv.ErrFull, err)
		}
		return fmt.Errorf("write the first page: %w", err)
	}
	f.durable.Store(int64(id))
	return nil
}

// checkWhole refuses a file shorter than bbolt believes, as a copy that was
// broken off is. Reading it would fault sooner or later.
func (f *file) checkWhole(tx *bbolt.Tx) error {
	info, err := os.Stat(f.bolt.Path())
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w: %d bytes are missing at its end; restore it from a backup", kv.ErrForeign, tx.Size()-info.Size())
	}
	return nil
}

// adopt looks whether the file is one of ours, or makes an empty one ours.
func adopt(tx *bbolt.Tx) error {
	if meta := tx.Bucket(bucketMeta); meta != nil {
		if got := meta.Get(keyFormat); string(got) != format {
			return fmt.Errorf("%w: its format is %q and this version reads %q; use the version that wrote it", kv.ErrForeign, got, format)
		}
		return nil
	}
	if name, _ := tx.Cursor().First(); name != nil {
		return fmt.Errorf("%w: it is the bbolt file of another program (bucket %q); name another file", kv.ErrForeign, name)
	}
	for _, name := range [][]byte{bucketData, bucketLog, bucketHolds, bucketMeta} {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketMeta).Put(keyFormat, []byte(format))
}

// view runs fn in a read transaction and returns the transaction's id.
func (f *file) view(fn func(buckets)) (int64, error) {
	tx, err := f.bolt.Begin(false)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	fn(bucketsOf(tx))
	return int64(tx.ID()), nil
}

// settled waits until the transaction being written, if any, has ended.
func (f *file) settled(ctx context.Context) error {
	w := f.writing.Load()
	if w == nil {
		return nil
	}
	select {
	case <-*w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// syncDir makes the name of a file durable. bbolt only syncs the file itself.
func syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
