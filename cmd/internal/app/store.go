package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stationmaster/stationmaster/store"
)

// Backup writes the store of a config into a new file, also while the bot runs.
func Backup(ctx context.Context, cfg Config, file string) error {
	return store.Backup(ctx, cfg.Store, file)
}

// CompactStore makes the file of a config's store as small as it can be, and says
// how many bytes it had and has. The bot must not run.
func CompactStore(cfg Config) (before, after int64, err error) {
	return store.Compact(cfg.Store)
}

// ArchiveStore moves the deployments that have ended, and were created before a
// time, out of a config's store into a new file. The bot must not run.
func ArchiveStore(ctx context.Context, cfg Config, before time.Time, file string) (store.Archived, error) {
	s, err := store.OpenExisting(ctx, cfg.Store)
	if err != nil {
		return store.Archived{}, err
	}
	done, err := s.Archive(ctx, before, file)
	if err = errors.Join(err, s.Close()); err != nil {
		return done, fmt.Errorf("after %d deployments: %w", done.Deployments, err)
	}
	return done, nil
}

// ShowRecords writes the records of a deployment in a config's store, a line
// each. The bot must not run.
func ShowRecords(ctx context.Context, cfg Config, id string, out io.Writer) error {
	s, err := store.OpenExisting(ctx, cfg.Store)
	if err != nil {
		return err
	}
	return errors.Join(s.Export(ctx, id, out), s.Close())
}

// ShowLocks writes the records of what was locked and lifted in a config's store, a
// line each. The bot must not run.
func ShowLocks(ctx context.Context, cfg Config, out io.Writer) error {
	s, err := store.OpenExisting(ctx, cfg.Store)
	if err != nil {
		return err
	}
	return errors.Join(s.ExportLocks(ctx, out), s.Close())
}
