package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

// WriteTo writes the whole store, as one moment shows it, while it is read and
// written: it can be opened as a file of its own. A commit that needs a longer
// file than bbolt has mapped waits for it.
func (db *DB) WriteTo(ctx context.Context, w io.Writer) error {
	for {
		f, err := db.file()
		if err != nil {
			return fmt.Errorf("copy %s: %w", db.path, err)
		}
		if err := f.settled(ctx); err != nil {
			return fmt.Errorf("copy %s: %w", db.path, err)
		}
		done, err := f.writeTo(ctx, w)
		if done || err != nil {
			return err
		}
	}
}

// writeTo writes the last commit that is on disk; one that is not yet is not
// copied.
func (f *file) writeTo(ctx context.Context, w io.Writer) (done bool, err error) {
	tx, err := f.bolt.Begin(false)
	if err != nil {
		return false, fmt.Errorf("copy %s: %w", f.bolt.Path(), err)
	}
	defer tx.Rollback()
	if int64(tx.ID()) > f.durable.Load() {
		return false, nil
	}
	if _, err := tx.WriteTo(&untilDone{ctx, w}); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err() // of which bbolt makes a text
		}
		return false, fmt.Errorf("copy %s: %w", f.bolt.Path(), err)
	}
	return true, nil
}

// untilDone writes as long as its context has not ended.
type untilDone struct {
	ctx context.Context
	w   io.Writer
}

func (u *untilDone) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(b)
}

const (
	copyTries = 50
	copyPause = 50 * time.Millisecond // between one try and the next, and that much longer each time
)

// Copy writes the file at a path into another, while another process may write to it.
// bbolt never writes over a page that the last commit uses, and ends each commit
// by writing one of the two pages that the file begins with. So a copy between
// whose beginning and end these are the same is what the last commit left. In
// the midst of many commits none may come about, which is an error.
func Copy(ctx context.Context, path string, to *os.File) error {
	from, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("copy store: %w", err)
	}
	defer from.Close()
	for try := range copyTries {
		before, err := firstPages(from)
		if err != nil {
			return fmt.Errorf("copy %s: %w", path, err)
		}
		if err := rewrite(ctx, from, to); err != nil {
			return fmt.Errorf("copy %s: %w", path, err)
		}
		after, err := firstPages(from)
		if err != nil {
			return fmt.Errorf("copy %s: %w", path, err)
		}
		if bytes.Equal(before, after) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("copy %s: %w", path, ctx.Err())
		case <-time.After(time.Duration(try+1) * copyPause):
		}
	}
	return fmt.Errorf("copy %s: something was committed during each of %d tries: try when less happens", path, copyTries)
}

// firstPages are the two pages with which a file begins.
func firstPages(f *os.File) ([]byte, error) {
	const magic, magicAt, sizeAt, sizeMax = 0xED0CDAED, 16, 24, 1 << 16
	var first [sizeAt + 4]byte
	if _, err := f.ReadAt(first[:], 0); err != nil {
		return nil, notOurs(err)
	}
	size := binary.NativeEndian.Uint32(first[sizeAt:])
	if binary.NativeEndian.Uint32(first[magicAt:]) != magic || size == 0 || size > sizeMax {
		return nil, notOurs(errors.New("it does not begin as one"))
	}
	pages := make([]byte, 2*size)
	if _, err := f.ReadAt(pages, 0); err != nil {
		return nil, notOurs(err)
	}
	return pages, nil
}

func notOurs(err error) error { return fmt.Errorf("%w: it is no bbolt file: %w", kv.ErrForeign, err) }

// rewrite makes the copy what the file is now.
func rewrite(ctx context.Context, from *os.File, to *os.File) error {
	if err := to.Truncate(0); err != nil {
		return err
	}
	if _, err := to.Seek(0, io.SeekStart); err != nil {
		return err
	}
	info, err := from.Stat()
	if err != nil {
		return err
	}
	_, err = io.Copy(&untilDone{ctx, to}, io.NewSectionReader(from, 0, info.Size()))
	return err
}

// Check reads every page of the file at a path and says what is wrong with them.
func Check(path string) error {
	db, err := Open(path)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.cur.Load().bolt.View(func(tx *bbolt.Tx) error {
		var wrong error
		for err := range tx.Check() {
			wrong = errors.Join(wrong, err)
		}
		if wrong != nil {
			return fmt.Errorf("check %s: %w: %w", path, kv.ErrForeign, wrong)
		}
		return nil
	})
}
