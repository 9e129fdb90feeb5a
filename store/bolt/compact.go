package bolt

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

const (
	compactSuffix = ".compact"
	compactTx     = 1 << 20 // bytes that one transaction writes
)

// Compact writes the file at a path anew, without the pages that are free, and
// says how many bytes it had and has. Nobody else may have it open. The new file
// takes the place of the old one when it is on disk and was compared with it;
// until then a crash leaves the old one.
func Compact(path string) (before, after int64, err error) {
	db, err := Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }() // and with it goes the lock
	next := path + compactSuffix
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, 0, fmt.Errorf("compact store: %w", err) // what an earlier one left
	}
	if err := compact(db.cur.Load().bolt, next); err != nil {
		return 0, 0, fmt.Errorf("compact %s: %w", path, errors.Join(err, os.Remove(next)))
	}
	old, err := os.Stat(path)
	if err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	made, err := os.Stat(next)
	if err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	if err := os.Chmod(next, old.Mode().Perm()); err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	if err := syncDir(path); err != nil {
		return 0, 0, fmt.Errorf("compact %s: %w", path, err)
	}
	return old.Size(), made.Size(), nil
}

func compact(from *bbolt.DB, path string) (err error) {
	var opened *os.File
	to, err := bbolt.Open(path, 0o600, options(0, &opened))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if err := bbolt.Compact(to, from, compactTx); err != nil {
		return err
	}
	if err := to.Sync(); err != nil {
		return err
	}
	had, err := contents(from)
	if err != nil {
		return err
	}
	has, err := contents(to)
	if err != nil {
		return err
	}
	if had != has {
		return errors.New("the new file is not what the old one is; it was left as it is")
	}
	return nil
}

// contents is a hash of all that a file holds.
func contents(db *bbolt.DB) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			add(h, name, fmt.Append(nil, b.Sequence()))
			return b.ForEach(func(k, v []byte) error {
				add(h, k, v)
				return nil
			})
		})
	})
	return [sha256.Size]byte(h.Sum(nil)), err
}

func add(h hash.Hash, parts ...[]byte) {
	for _, part := range parts {
		h.Write(fmt.Appendf(nil, "%d ", len(part)))
		h.Write(part)
	}
}

// stillThere refuses a file that another one has replaced while we waited for its
// lock, as Compact does: what is written to it would be lost.
func stillThere(path string, opened *os.File) error {
	now, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	mine, err := opened.Stat()
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	if !os.SameFile(now, mine) {
		return fmt.Errorf("open %s: %w: it was replaced just now; try again", path, kv.ErrLocked)
	}
	return nil
}
