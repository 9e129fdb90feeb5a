package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

// busy commits pairs that are always the same until the test says stop, and fails
// if anything does.
func busy(t *testing.T, db *DB) (stop func()) {
	t.Helper()
	first := kv.Batch{Put: []kv.Entry{{Key: "left first"}, {Key: "right first"}}}
	if err := db.Commit(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				value := []byte(fmt.Sprintf("%d %0900d", n, n))
				b := kv.Batch{Put: []kv.Entry{{Key: fmt.Sprint("left ", w, n%50), Value: value}, {Key: fmt.Sprint("right ", w, n%50), Value: value}}}
				if n > 0 {
					b.Delete = []string{fmt.Sprint("left ", w, (n+1)%50), fmt.Sprint("right ", w, (n+1)%50)}
				}
				if err := db.Commit(context.Background(), b); err != nil {
					t.Error(err)
				}
			}
		})
	}
	stop = func() { cancel(); writers.Wait() }
	t.Cleanup(stop)
	return stop
}

// wantWhole: a copy is sound, and shows one moment.
func wantWhole(t *testing.T, path string) {
	t.Helper()
	if err := Check(path); err != nil {
		t.Fatal(err)
	}
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	left, err := db.Scan(t.Context(), "left ", "", kv.ScanMax)
	if err != nil || len(left) == 0 {
		t.Fatalf("%d keys, %v", len(left), err)
	}
	for _, e := range left {
		other, err := db.Get(t.Context(), "right "+e.Key[len("left "):])
		if err != nil || string(other[0].Value) != string(e.Value) || other[0].Rev != e.Rev {
			t.Fatalf("%s has one half of a commit: %v", e.Key, err)
		}
	}
}

func create(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "copy.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestCopyOfABusyStoreShowsOneMoment(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kv.db")
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	stop := busy(t, db)
	for range 5 {
		f := create(t)
		if err := db.WriteTo(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		wantWhole(t, f.Name())
	}
	stop()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.WriteTo(ended, create(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

// A file that somebody else has open is copied without them; where they commit
// all the time, either a whole copy comes about or none.
func TestFileOfAnotherProcessIsCopiedWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kv.db")
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	stop := busy(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	f, done := create(t), make(chan error)
	go func() { done <- Copy(ctx, path, f) }()
	for range 20 {
		if err := db.Commit(t.Context(), kv.Batch{Put: []kv.Entry{{Key: "one more"}}}); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-done; err == nil {
		wantWhole(t, f.Name())
	} else if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	stop()
	f = create(t)
	if err := Copy(t.Context(), path, f); err != nil {
		t.Fatal(err)
	}
	wantWhole(t, f.Name())

	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("this is no store, and long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Copy(t.Context(), text, create(t)); !errors.Is(err, kv.ErrForeign) {
		t.Errorf("a text is copied: %v", err)
	}
}

func TestDamagedPagesAreFound(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kv.db")
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 200 {
		e := kv.Entry{Key: fmt.Sprintf("%s%06d", kv.LogPrefix, n), Value: bytes.Repeat([]byte("damage me"), 20)}
		if err := db.Commit(t.Context(), kv.Batch{Put: []kv.Entry{e}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Check(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := int64(bytes.LastIndex(data, []byte(kv.LogPrefix+"000042")) / os.Getpagesize() * os.Getpagesize())
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 16), page); err != nil { // its header
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Check(path); !errors.Is(err, kv.ErrForeign) {
		t.Errorf("the pages were overwritten, and it says %v", err)
	}
}

func TestCompactedFileHasTheSame(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kv.db")
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	stop := busy(t, db)
	for range 100 {
		if err := db.Commit(t.Context(), kv.Batch{Put: []kv.Entry{{Key: kv.LogPrefix + "1", Value: make([]byte, 100)}}}); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	want, err := db.Scan(t.Context(), "", "", kv.ScanMax)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Compact(path); !errors.Is(err, kv.ErrLocked) {
		t.Errorf("a file that is in use: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+compactSuffix, []byte("half a file, of one that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, after, err := Compact(path)
	if err != nil || after >= before {
		t.Fatalf("%d bytes became %d, %v", before, after, err)
	}
	if _, err := os.Stat(path + compactSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
	wantWhole(t, path)
	if db, err = Open(path); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	got, err := db.Scan(t.Context(), "", "", kv.ScanMax)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("it has %d entries and had %d, %v", len(got), len(want), err)
	}
	if err := db.Commit(t.Context(), kv.Batch{Put: []kv.Entry{{Key: "new"}}}); err != nil {
		t.Fatal(err)
	}
	last := want[0].Rev
	for _, e := range want {
		last = max(last, e.Rev)
	}
	if e, err := db.Get(t.Context(), "new"); err != nil || e[0].Rev <= last {
		t.Errorf("revision %d comes after %d, %v", e[0].Rev, last, err)
	}
}

// Who waited for the lock of a file that was replaced meanwhile has no store.
func TestReplacedFileIsNotUsed(t *testing.T) {
	t.Parallel()
	f := create(t)
	if err := stillThere(f.Name(), f); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(create(t).Name(), f.Name()); err != nil {
		t.Fatal(err)
	}
	if err := stillThere(f.Name(), f); !errors.Is(err, kv.ErrLocked) {
		t.Errorf("it says %v", err)
	}
}
