package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

// partSuffix ends the name of a file that is not whole yet.
const partSuffix = ".part"

// A copier is a key-value store that can write all it has, as one moment shows it.
type copier interface {
	WriteTo(ctx context.Context, w io.Writer) error
}

// Backup writes the store into a new file while it is used: what one moment
// shows. The file is opened and verified before it gets its name, so that a file
// of that name is a whole backup; one that is there already is left as it is, an
// error.
func (s *Store) Backup(ctx context.Context, path string) error {
	db, ok := s.kv.(copier)
	if !ok {
		return fmt.Errorf("back up %s: it is kept where it can't be copied", s.name)
	}
	return backup(ctx, path, func(f *os.File) error { return db.WriteTo(ctx, f) })
}

// Backup is the method Backup for the store at a URL that another process may
// have open. In the midst of many commits it may fail, and can be tried again. A
// store of an earlier schema is copied as it is.
func Backup(ctx context.Context, url, path string) error {
	from, err := Path(url)
	if err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	return backup(ctx, path, func(f *os.File) error { return bolt.Copy(ctx, from, f) })
}

func backup(ctx context.Context, path string, write func(*os.File) error) (err error) {
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("back up to %s: %w: name another file", path, errors.Join(os.ErrExist, err))
	}
	part := path + partSuffix
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
	}()
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	if err := verifyFile(ctx, part); err != nil {
		return fmt.Errorf("back up to %s: the copy is not what it should be: %w", path, err)
	}
	if err := os.Link(part, path); err != nil { // which does not write over what has come meanwhile
		return fmt.Errorf("back up store: %w", err)
	}
	if err := os.Remove(part); err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	return syncFolder(path)
}

// verifyFile proves that a file is a whole store: its pages and its log. What
// can't be read of one deployment is in the backup as it is in the store. One of an earlier schema is not
// touched, and has to have whole pages alone.
func verifyFile(ctx context.Context, path string) (err error) {
	if err := bolt.Check(path); err != nil {
		return err
	}
	db, err := bolt.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	got, err := db.Get(ctx, schemaKey, carryKey)
	if err != nil {
		return err
	}
	if got[0].Rev == 0 {
		return fmt.Errorf("%w: it names no schema", kv.ErrForeign)
	}
	if string(got[0].Value) != strconv.Itoa(schema) || got[1].Rev != 0 {
		return nil
	}
	s, err := open(ctx, db, path)
	if err != nil {
		return err
	}
	a := auditor{Store: s}
	if _, _, err = a.verifyLog(ctx); err != nil {
		return err
	}
	return a.result()
}

// OpenBeside opens the store at a URL to look into it: where another process has it
// open, what one moment shows is copied, and the copy is opened. With a nil error,
// done must be called in place of Close.
func OpenBeside(ctx context.Context, url string) (s *Store, done func() error, err error) {
	s, err = OpenExisting(ctx, url)
	if err == nil {
		return s, s.Close, nil
	}
	if !errors.Is(err, kv.ErrLocked) {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "stationmaster-")
	if err != nil {
		return nil, nil, fmt.Errorf("copy store: %w", err)
	}
	file := filepath.Join(dir, "copy.db")
	if err = copyTo(ctx, url, file); err == nil {
		s, err = OpenExisting(ctx, "bolt://"+file)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("copy store: %w", errors.Join(err, os.RemoveAll(dir)))
	}
	return s, func() error { return errors.Join(s.Close(), os.RemoveAll(dir)) }, nil
}

func copyTo(ctx context.Context, url, file string) error {
	from, err := Path(url)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(bolt.Copy(ctx, from, f), f.Close())
}

// Compact writes the file of the store at a URL anew, without what is free in it,
// and says how many bytes it had and has. No other process may have it open. A
// crash leaves the one file or the other.
func Compact(url string) (before, after int64, err error) {
	path, err := Path(url)
	if err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	if _, err := os.Stat(path); err != nil {
		return 0, 0, fmt.Errorf("compact store: %w", err)
	}
	return bolt.Compact(path)
}

// syncFolder makes the name of a file durable.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
