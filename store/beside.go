package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

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
