package bolt

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"

	"github.com/stationmaster/stationmaster/store/kv"
)

// failed finishes a group whose transaction, id, could not be committed.
//
// What tells the endings apart is whether the new meta page can be seen. bbolt
// reads it through the page cache, which is never behind the disk: if it isn't
// there, it can't turn up after a crash either, and nothing happened.
func (db *DB) failed(f *file, id int, group []*request, cause error) {
	if isFull(cause) && f.shows(id-1) {
		// bbolt has rolled back and is sound.
		if len(group) > 1 {
			db.writeEach(group)
			return
		}
		finish(group, fmt.Errorf("%w: %w", kv.ErrFull, cause))
		return
	}

	db.lose(f)
	again, err := db.file()
	switch {
	case err != nil:
		finish(group, fmt.Errorf("%w: %w; then %w", kv.ErrUnknown, cause, err))
	case again.found < id:
		finish(group, fmt.Errorf("write: %w", cause))
	default:
		finish(group, fmt.Errorf("%w: %w", kv.ErrUnknown, cause))
	}
}

// writeEach tries the commits of a group one by one: where there is no space
// for all, there may be for some.
func (db *DB) writeEach(group []*request) {
	for i := range group {
		db.write(group[i : i+1])
	}
}

// lose shuts a file that can't be trusted, or can't be written, any more.
func (db *DB) lose(f *file) {
	db.shut(f)
	db.watches.gap()
}

// shows says whether id is the last transaction that a reader sees.
func (f *file) shows(id int) bool {
	seen, err := f.view(func(buckets) {})
	return err == nil && seen == int64(id)
}

// isFull says whether an error is for lack of space. bbolt flattens some of
// the kernel's errors to their text.
func isFull(err error) bool {
	if errors.Is(err, berrors.ErrMaxSizeReached) {
		return true
	}
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, errno) || strings.HasSuffix(err.Error(), ": "+errno.Error()) {
			return true
		}
	}
	return false
}
