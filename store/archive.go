package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// Archived is what an Archive has done.
type Archived struct {
	Deployments int      // that are in the file, and no longer in the store
	Records     int      // of them
	Skipped     []string // ended long enough ago, and yet kept: why, with the id
}

// Archive writes the deployments that have ended and were created before a time
// into a new file, one record a line, and takes them out of the store once that
// file is on disk and was read back and compared with it. Broken off at any
// instant, it can be called again, with another file: what an earlier file has
// whole may be in the next one too.
//
// With the first of each that goes, a record comes into the log: which deployment it
// was, which records it had, when, and the SHA-256 of the file. A file whose hash no
// record has can be thrown away.
//
// What stays is what must not be given again, origins and the highest number, and
// of each record its digest, so that VerifyAll proves the chain and Holds knows
// every head as before. What may be a part of others stays, too: procedures and
// logs, which are in the file as well.
func (s *Store) Archive(ctx context.Context, before time.Time, path string) (Archived, error) {
	done, err := archive{s}.run(ctx, before, path)
	if err != nil {
		return done, fmt.Errorf("archive to %s: %w", path, err)
	}
	return done, nil
}

// An archive takes deployments out of a store.
type archive struct{ *Store }

func (a archive) run(ctx context.Context, before time.Time, path string) (Archived, error) {
	var done Archived
	if err := a.finishRemovals(ctx); err != nil {
		return done, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return done, err
	}
	defer f.Close() // it was synced
	w, err := a.newArchiver(ctx, f)
	if err != nil {
		return done, err
	}
	err = a.eachBefore(ctx, before, func(id string) error {
		if err := w.deployment(ctx, id); err != nil {
			if ctx.Err() != nil || errors.Is(err, kv.ErrClosed) || errors.Is(err, errWrite) {
				return err
			}
			done.Skipped = append(done.Skipped, fmt.Sprintf("%s: %v", id, err))
		}
		return nil
	})
	if err = errors.Join(err, f.Sync()); err != nil {
		return done, err
	}
	if err := syncFolder(path); err != nil {
		return done, err
	}
	file, err := a.readBack(ctx, f, func(string, kv.Entry) error { return nil })
	if err != nil {
		return done, fmt.Errorf("read it back: %w", err)
	}
	said := record.ArchiveRecord{At: time.Now().UTC(), File: file}
	_, err = a.readBack(ctx, f, func(id string, head kv.Entry) error {
		n, err := a.remove(ctx, id, head, said)
		if n > 0 {
			done.Deployments, done.Records = done.Deployments+1, done.Records+n
		}
		return err
	})
	return done, errors.Join(err, a.joinRemoved(ctx))
}

// eachBefore calls fn with the deployments that were created before a time, the
// newest first.
func (a archive) eachBefore(ctx context.Context, before time.Time, fn func(id string) error) error {
	after := allPrefix + inverse(before.UnixMicro()-1)
	for {
		page, err := a.kv.Scan(ctx, allPrefix, after, verifyPage)
		if err != nil {
			return err
		}
		for _, e := range page {
			id, err := aged(strings.TrimPrefix(e.Key, allPrefix))
			if err != nil {
				return err
			}
			if err := fn(id); err != nil {
				return err
			}
		}
		if len(page) < verifyPage {
			return nil
		}
		after = page[len(page)-1].Key
	}
}

// errOpen says why a deployment stays: something may still happen to it.
var errOpen = errors.New("something may still happen to it")

// archivable reads a deployment that can be archived, and proves it.
func (a archive) archivable(ctx context.Context, id string, waiting map[string]bool) (kv.Entry, record.Head, error) {
	got, err := a.kv.Get(ctx, headKey(id), liveKey(id))
	if err != nil {
		return kv.Entry{}, record.Head{}, err
	}
	if got[0].Rev == 0 {
		return kv.Entry{}, record.Head{}, deployer.ErrNotFound
	}
	head, err := a.decodeHead(got[0])
	switch {
	case err != nil:
		return kv.Entry{}, record.Head{}, err
	case got[1].Rev != 0 || !head.Summary.Status.Ended():
		return kv.Entry{}, record.Head{}, errOpen
	case waiting[id]:
		return kv.Entry{}, record.Head{}, fmt.Errorf("%w: a message about it waits", errOpen)
	}
	_, err = a.walk(ctx, id, got[0])
	return got[0], head, err
}

// waiting are the deployments about which a message waits.
func (a archive) waiting(ctx context.Context) (map[string]bool, error) {
	ids := map[string]bool{}
	for after := ""; ; {
		page, err := a.Messages(ctx, after, kv.ScanMax)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			ids[m.Deployment] = true
		}
		if len(page) < kv.ScanMax {
			return ids, nil
		}
		after = page[len(page)-1].Key
	}
}
