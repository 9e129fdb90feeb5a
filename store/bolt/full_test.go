//go:build linux

package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store/kv"
)

func init() {
	parts["limited file"] = limitedChild
	parts["small disk"] = smallDiskChild
}

// TestLimitedFileRefusesAndGoesOn meets the kernel's own limit on the size of files, in a process
// of its own, since the limit is on all its files.
func TestLimitedFileRefusesAndGoesOn(t *testing.T) {
	t.Parallel()
	out, err := child("limited file", t.TempDir()).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestRealFullDiskRefusesAndGoesOn fills a real, small file system, mounted where only the child
// sees it.
func TestRealFullDiskRefusesAndGoesOn(t *testing.T) {
	t.Parallel()
	cmd := child("small disk", t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || strings.Contains(string(out), errNoMount.Error()) {
		slowtest.Missing(t, "may not mount a file system")
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func limitedChild(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	narrow := func() error {
		return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 400_000, Max: old.Max})
	}
	widen := func() error { return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old) }
	return fillUp(dir, narrow, widen)
}

var errNoMount = errors.New("can't mount")

func smallDiskChild(dir string) error {
	// Private, so that the mount is seen in this namespace only.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("%w: %w", errNoMount, err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		return fmt.Errorf("%w: %w", errNoMount, err)
	}
	ballast := filepath.Join(dir, "ballast")
	narrow := func() error { return os.WriteFile(ballast, make([]byte, 600_000), 0o600) }
	widen := func() error { return os.Remove(ballast) }
	return fillUp(dir, narrow, widen)
}

// fillUp commits until there is no space, widens it, and goes on.
func fillUp(dir string, narrow, widen func() error) error {
	ctx := context.Background()
	path := filepath.Join(dir, "kv.db")
	db, err := Open(path)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := narrow(); err != nil {
		return err
	}
	answered, err := commitUntilFull(ctx, db)
	if err != nil {
		return err
	}
	if err := wantEntries(ctx, db, answered); err != nil {
		return fmt.Errorf("while full: %w", err)
	}
	if err := widen(); err != nil {
		return err
	}
	if err := db.Commit(ctx, kv.Batch{Put: []kv.Entry{fullEntry(answered)}}); err != nil {
		return fmt.Errorf("commit when there is space again: %w", err)
	}
	answered++
	if err := db.Close(); err != nil {
		return err
	}
	if db, err = Open(path); err != nil {
		return err
	}
	defer db.Close()
	return errors.Join(wantEntries(ctx, db, answered), sound(db))
}

func fullEntry(n int) kv.Entry {
	return kv.Entry{Key: fmt.Sprintf("k/%03d", n), Value: []byte(strings.Repeat("x", 20_000))}
}

// commitUntilFull returns how many commits were answered with nil. When there
// is no space for one, it tries some more.
func commitUntilFull(ctx context.Context, db *DB) (answered int, err error) {
	for answered < 100 {
		err := db.Commit(ctx, kv.Batch{Put: []kv.Entry{fullEntry(answered)}})
		if err == nil {
			answered++
			continue
		}
		for range 5 {
			if !errors.Is(err, kv.ErrFull) || errors.Is(err, kv.ErrUnknown) {
				return 0, fmt.Errorf("commit %d on a full disk: %w", answered, err)
			}
			if err = db.Commit(ctx, kv.Batch{Put: []kv.Entry{fullEntry(answered)}}); err == nil {
				return 0, fmt.Errorf("commit %d fits after all", answered)
			}
		}
		if answered == 0 {
			return 0, errors.New("not one commit fits")
		}
		return answered, nil
	}
	return 0, errors.New("the disk takes anything")
}

func wantEntries(ctx context.Context, db *DB, n int) error {
	entries, err := db.Scan(ctx, "k/", "", kv.ScanMax)
	if err != nil {
		return err
	}
	if len(entries) != n {
		return fmt.Errorf("%d commits were answered, %d are there", n, len(entries))
	}
	for i, e := range entries {
		if want := fullEntry(i); e.Key != want.Key || string(e.Value) != string(want.Value) {
			return fmt.Errorf("entry %s is damaged", e.Key)
		}
	}
	return nil
}
