//go:build unix

package bolt

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/stationmaster/stationmaster/store/kv"
)

func TestNewFileIsReadableByItsOwnerAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kv.db")
	open(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Fatalf("the file is %v, want it readable by its owner only", info.Mode())
	}
}

func TestLockedFileIsRefused(t *testing.T) {
	t.Parallel() // waits for the lock
	path := filepath.Join(t.TempDir(), "kv.db")
	db := open(t, path)
	start := time.Now()
	_, err := Open(path)
	wantError(t, err, kv.ErrLocked)
	if took := time.Since(start); took < 500*time.Millisecond || took > time.Minute { // on a busy machine
		t.Errorf("waited %v for the lock, want a second", took)
	}
	for _, part := range []string{path, "another process"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q doesn't say %q", err, part)
		}
	}
	put(t, db, "a", "the first one goes on")
}

// A restart may begin before the old process has ended.
func TestOpenWaitsForTheOldProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kv.db")
	for range 30 { // a busy machine may take longer to close it than a start waits
		old, closed := open(t, path), make(chan struct{})
		time.AfterFunc(100*time.Millisecond, func() { defer close(closed); old.Close() })
		db, err := Open(path)
		<-closed
		if err == nil {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			return
		}
		wantError(t, err, kv.ErrLocked)
	}
	t.Error("a start did not wait for the end of the old process")
}

func TestFileInAMissingFolderIsRefused(t *testing.T) {
	t.Parallel()
	_, err := Open(filepath.Join(t.TempDir(), "no", "kv.db"))
	wantError(t, err, os.ErrNotExist)
}

// What isn't a store of ours is refused, and left alone.
func TestForeignFileIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(t *testing.T, path string)
		says string
	}{
		{"a text", func(t *testing.T, path string) { write(t, path, []byte("store: bolt://x\n")) }, "name another file"},
		{"a longer text", func(t *testing.T, path string) { write(t, path, []byte(strings.Repeat("text ", 10000))) }, "name another file"},
		{"another program's", func(t *testing.T, path string) {
			update(t, path, func(tx *bbolt.Tx) error {
				_, err := tx.CreateBucket([]byte("theirs"))
				return err
			})
		}, `bucket "theirs"`},
		{"a newer format", func(t *testing.T, path string) {
			open(t, path).Close()
			update(t, path, func(tx *bbolt.Tx) error { return tx.Bucket(bucketMeta).Put(keyFormat, []byte("2")) })
		}, `format is "2"`},
		{"cut short", func(t *testing.T, path string) { fillFile(t, path); truncate(t, path, 20) }, "restore it from a backup"},
		{"cut by a page of data", func(t *testing.T, path string) { truncate(t, path, cutData(t, path)) }, "bytes are missing"},
		{"cut to its first pages", func(t *testing.T, path string) { fillFile(t, path); truncate(t, path, 3) }, "restore it from a backup"},
		{"overwritten", func(t *testing.T, path string) { overwrite(t, path) }, "restore it from a backup"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kv.db")
			test.make(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Open(path)
			wantError(t, err, kv.ErrForeign)
			for _, part := range []string{path, test.says} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q doesn't say %q", err, part)
				}
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the file was changed (%v)", err)
			}
			wantUnlocked(t, path)
		})
	}
}

// A file of no bytes is what a crash leaves while the store is
// being created.
func TestEmptyFileIsAStoreThatWasBeingCreated(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kv.db")
	write(t, path, nil)
	put(t, open(t, path), "a", "")
}

// wantUnlocked: a refused file isn't kept from whoever repairs it.
func wantUnlocked(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		t.Fatalf("lock the refused file: %v", err)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func update(t *testing.T, path string, fn func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(fn); err != nil {
		t.Fatal(err)
	}
}

// fillFile makes a store of about 400 KB.
func fillFile(t *testing.T, path string) {
	t.Helper()
	db := open(t, path)
	for i := range 100 {
		put(t, db, fmt.Sprint("k/", i), strings.Repeat("x", 4000))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// cutData makes a store and returns to how many pages it must be cut to lack
// its last page of data, and none that opening comes across.
func cutData(t *testing.T, path string) (pages int64) {
	t.Helper()
	fillFile(t, path)
	db := open(t, path)
	for i := range 20 { // from now on early pages are free, and used for the rest
		if err := db.Commit(t.Context(), kv.Batch{Delete: []string{fmt.Sprint("k/", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	update(t, path, func(tx *bbolt.Tx) error {
		for pages = tx.Size()/int64(os.Getpagesize()) - 1; ; pages-- {
			switch page, err := tx.Page(int(pages)); {
			case err != nil:
				return err
			case page.Type == "leaf":
				return nil
			case page.Type == "branch" || page.Type == "freelist":
				return fmt.Errorf("page %d, behind the last one of data, is %s", pages, page.Type)
			}
		}
	})
	return pages
}

func truncate(t *testing.T, path string, pages int64) {
	t.Helper()
	if err := os.Truncate(path, pages*int64(os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
}

// overwrite leaves the meta pages and nothing else as it was.
func overwrite(t *testing.T, path string) {
	t.Helper()
	fillFile(t, path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 2 * os.Getpagesize(); i < len(data); i++ {
		data[i] = 0xa5
	}
	write(t, path, data)
}
