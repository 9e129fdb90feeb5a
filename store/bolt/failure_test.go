//go:build linux

package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store/kv"
)

// faulty is an open store whose writes can be made to fail.
type faulty struct {
	*DB
	t    testing.TB
	keys <-chan string
}

func openFaulty(t testing.TB) *faulty {
	t.Helper()
	db := open(t, filepath.Join(t.TempDir(), "kv.db"))
	put(t, db, "before", "1")
	keys, err := db.Watch(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return &faulty{DB: db, t: t, keys: keys}
}

type writeAt = func(page []byte, offset int64) (int, error)

// onWrite puts fn in place of bbolt's writing to the file that is open now. It
// reaches into a field that bbolt keeps for hooks of its own tests.
func (f *faulty) onWrite(fn func(write writeAt, page []byte, offset int64) (int, error)) {
	f.t.Helper()
	field := reflect.ValueOf(f.cur.Load().bolt).Elem().FieldByName("ops").FieldByName("writeAt")
	if !field.IsValid() || field.Type() != reflect.TypeFor[writeAt]() {
		f.t.Fatal("bbolt has changed: find another way to make its writes fail")
	}
	hook := (*writeAt)(unsafe.Pointer(field.UnsafeAddr()))
	write := *hook
	*hook = func(page []byte, offset int64) (int, error) { return fn(write, page, offset) }
}

// fd is the descriptor of the open file.
func (f *file) fd() int {
	opened := reflect.ValueOf(f.bolt).Elem().FieldByName("file")
	return int((*(**os.File)(unsafe.Pointer(opened.UnsafeAddr()))).Fd())
}

// replaceFile puts another file under the descriptor of the open one. Its map
// in memory stays. The result is a duplicate of the one before.
func (f *faulty) replaceFile(name string, flag int) int {
	f.t.Helper()
	fd := f.cur.Load().fd()
	kept, err := syscall.Dup(fd)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { syscall.Close(kept) })
	other, err := os.OpenFile(name, flag, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	defer other.Close()
	if err := syscall.Dup3(int(other.Fd()), fd, syscall.O_CLOEXEC); err != nil {
		f.t.Fatal(err)
	}
	return kept
}

func isMeta(offset int64) bool { return offset <= int64(os.Getpagesize()) }

// wantAlive: the store shows the key or not, takes commits, and is sound.
func (f *faulty) wantAlive(key string, there bool) {
	f.t.Helper()
	if got := get(f.t, f.DB, key); (got.Rev != 0) != there {
		f.t.Fatalf("key %q reads as %+v", key, got)
	}
	if got := get(f.t, f.DB, "before"); string(got.Value) != "1" {
		f.t.Fatalf("an earlier commit reads as %+v", got)
	}
	put(f.t, f.DB, "later", "")
	f.wantSound()
}

func (f *faulty) wantSound() {
	f.t.Helper()
	if err := sound(f.DB); err != nil {
		f.t.Error("the file is damaged:", err)
	}
}

// wantLost: what rested on having the file all along has ended.
func (f *faulty) wantLost() {
	f.t.Helper()
	select {
	case key := <-f.keys:
		if key != "" {
			f.t.Errorf("the watch reports %q, want a gap", key)
		}
	default:
		f.t.Error("the watch has no gap")
	}
}

// wantKept: a refusal that leaves the file as it is ends nothing.
func (f *faulty) wantKept() {
	f.t.Helper()
	for {
		select {
		case key := <-f.keys:
			if key == "" {
				f.t.Error("the watch has a gap")
			}
			continue
		default:
		}
		break
	}
	before := get(f.t, f.DB, "before")
	if err := f.Commit(f.t.Context(), kv.Batch{If: []kv.Match{{Key: before.Key, Rev: before.Rev}}}); err != nil {
		f.t.Errorf("a condition that held holds no longer: %v", err)
	}
}

// The meta page is written and its fsync fails. The commit
// may be on disk or not, so the outcome is unknown; what is read afterwards is
// made durable first.
func TestFailedLastSyncIsUnknown(t *testing.T) {
	slowtest.Only(t, "it waits for the lock, thrice")
	t.Parallel() // waits for the lock, thrice
	f := openFaulty(t)
	lost := f.cur.Load()
	f.onWrite(func(write writeAt, page []byte, offset int64) (int, error) {
		n, err := write(page, offset)
		if isMeta(offset) {
			f.replaceFile(os.DevNull, os.O_RDWR) // which takes no fsync
		}
		return n, err
	})
	err := f.Commit(t.Context(), puts("a", ""))
	wantError(t, err, kv.ErrUnknown)
	// The duplicate that replaceFile keeps still has the lock.
	if _, err := f.Get(t.Context(), "before"); !errors.Is(err, kv.ErrLocked) {
		t.Fatalf("read from a file that can't be opened again: %v", err)
	}
	err = f.Commit(t.Context(), puts("b", ""))
	wantRefused(t, err)
	wantError(t, err, kv.ErrLocked)
	if lost.bolt.Path() != "" {
		t.Error("the file is still open")
	}
}

// failLastSync makes the next commit's last fsync fail, and lets go of the lock.
func (f *faulty) failLastSync() {
	f.onWrite(func(write writeAt, page []byte, offset int64) (int, error) {
		n, err := write(page, offset)
		if isMeta(offset) {
			syscall.Flock(f.replaceFile(os.DevNull, os.O_RDWR), syscall.LOCK_UN)
		}
		return n, err
	})
}

// TestFailedLastSyncOpensOnADiskThatComesRound is TestFailedLastSyncIsUnknown on a disk that comes round.
func TestFailedLastSyncOpensOnADiskThatComesRound(t *testing.T) {
	t.Parallel()
	f := openFaulty(t)
	f.failLastSync()
	wantError(t, f.Commit(t.Context(), puts("a", "")), kv.ErrUnknown)
	f.wantLost()
	if id, file := get(t, f.DB, "a").Rev, f.cur.Load(); id == 0 || file.durable.Load() <= int64(file.found) {
		t.Fatalf("shows revision %d of a page that nothing has made durable", id)
	}
	f.wantAlive("a", true)
	f.wantKept()
}

// After a failure the file isn't where it was. An empty store in
// its place would have forgotten everything.
func TestVanishedFileIsNotReplaced(t *testing.T) {
	t.Parallel()
	f := openFaulty(t)
	f.failLastSync()
	aside := f.path + ".aside"
	if err := os.Rename(f.path, aside); err != nil {
		t.Fatal(err)
	}
	wantError(t, f.Commit(t.Context(), puts("a", "")), kv.ErrUnknown)
	for range 2 {
		_, err := f.Get(t.Context(), "before")
		wantError(t, err, os.ErrNotExist)
		err = f.Commit(t.Context(), puts("b", ""))
		wantError(t, err, os.ErrNotExist)
		wantRefused(t, err)
	}
	if err := os.Rename(aside, f.path); err != nil {
		t.Fatal(err)
	}
	f.wantAlive("a", true)
}

// What fails before the meta page is there did not happen, and
// the error says so.
func TestFailedWriteDidNotHappen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault func(f *faulty)
	}{
		{"descriptor is read-only", func(f *faulty) {
			syscall.Flock(f.replaceFile(f.path, os.O_RDONLY), syscall.LOCK_UN)
		}},
		{"first fsync", func(f *faulty) {
			f.onWrite(func(write writeAt, page []byte, offset int64) (int, error) {
				n, err := write(page, offset)
				syscall.Flock(f.replaceFile(os.DevNull, os.O_RDWR), syscall.LOCK_UN)
				return n, err
			})
		}},
		{"meta page", func(f *faulty) {
			f.onWrite(func(write writeAt, page []byte, offset int64) (int, error) {
				if isMeta(offset) {
					return 0, syscall.EIO
				}
				return write(page, offset)
			})
		}},
		{"half of the meta page", func(f *faulty) {
			f.onWrite(func(write writeAt, page []byte, offset int64) (int, error) {
				if !isMeta(offset) {
					return write(page, offset)
				}
				n, _ := write(page[:72], offset) // header and contents, without the last of the checksum
				return n, syscall.EIO
			})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := openFaulty(t)
			test.fault(f)
			wantRefused(t, f.Commit(t.Context(), puts("a", "")))
			f.wantLost()
			f.wantAlive("a", false)
		})
	}
}

// A full disk refuses what it can't take and nothing else, and the store goes on
// as it is: watches stay, and commits succeed once there is space.
func TestFullDiskRefusesAndGoesOn(t *testing.T) {
	t.Parallel()
	f := openFaulty(t)
	kept := f.replaceFile("/dev/full", os.O_RDWR)
	for range 3 {
		err := f.Commit(t.Context(), puts("a", ""))
		wantRefused(t, err)
		wantError(t, err, kv.ErrFull)
		wantError(t, err, syscall.ENOSPC)
		if !strings.Contains(err.Error(), f.path) {
			t.Errorf("error %q doesn't name the file", err)
		}
	}
	if got := get(t, f.DB, "before"); string(got.Value) != "1" {
		t.Fatalf("an earlier commit reads as %+v", got)
	}
	f.wantKept()

	fd := f.cur.Load().fd()
	if err := syscall.Dup3(kept, fd, syscall.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	f.wantKept()
	f.wantAlive("a", false)
}

// Of the commits that share a transaction, only those that
// don't fit are refused.
func TestFullDiskRefusesOnlyWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	f := openFaulty(t)
	f.onWrite(func(write writeAt, page []byte, offset int64) (int, error) {
		if len(page) > 100_000 {
			return 0, syscall.ENOSPC
		}
		return write(page, offset)
	})
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			key := fmt.Sprint("k/", i)
			if i%20 == 0 {
				if err := f.Commit(t.Context(), puts(key, strings.Repeat("x", 200_000))); !errors.Is(err, kv.ErrFull) {
					t.Errorf("a big commit ends with %v", err)
				}
				return
			}
			if err := f.Commit(t.Context(), puts(key, "")); err != nil {
				t.Errorf("a small commit ends with %v", err)
			}
		})
	}
	wg.Wait()
	for i := range 60 {
		if there := get(t, f.DB, fmt.Sprint("k/", i)).Rev != 0; there != (i%20 != 0) {
			t.Errorf("commit %d is there: %v", i, there)
		}
	}
	f.wantKept()
	f.wantSound()
}
