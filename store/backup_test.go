package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

// While commits go on, a backup shows one moment of them, whether it is made by
// the process that has the store open or by another one.
func TestBackupShowsOneMoment(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := openFile(t, path)
	begin(t, s, start("first", "svc")).finish()
	before := headOf(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	commit := make(chan bool, 1)
	for i := range 3 {
		c := begin(t, s, start(origin(i), fmt.Sprint("svc", i)))
		writers.Go(func() {
			for ctx.Err() == nil {
				c.hear()
				select {
				case commit <- true:
				default:
				}
			}
		})
	}
	<-commit
	hot := filepath.Join(t.TempDir(), "hot.db")
	if err := s.Backup(t.Context(), hot); err != nil {
		t.Fatal(err)
	}
	cancel()
	writers.Wait()
	other := filepath.Join(t.TempDir(), "other.db")
	if err := Backup(t.Context(), "bolt://"+path, other); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{hot, other} {
		z := openFile(t, file)
		verifies(t, z)
		if z.ID() != s.ID() {
			t.Errorf("its id is %s, want %s", z.ID(), s.ID())
		}
		if err := z.Holds(t.Context(), before); err != nil {
			t.Error(err)
		}
		if err := s.Holds(t.Context(), headOf(t, z)); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		if err := s.Backup(t.Context(), file); !errors.Is(err, os.ErrExist) {
			t.Errorf("a backup is written over: %v", err)
		}
		if left, err := filepath.Glob(file + partSuffix); err != nil || len(left) > 0 {
			t.Errorf("there is %v, %v", left, err)
		}
	}
}

// What comes about is no backup before it is one.
func TestBackupThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.finish()
	put(t, s, rewrite(t, recordsOf(t, s, c.d.ID)[1], `"kubernetes"`, `"terraform"`))
	dir := t.TempDir()
	path := filepath.Join(dir, "b.db")
	wantSays(t, s.Backup(t.Context(), path), path, "not what it should be", logKey(3))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	wantErr(t, s.Backup(ended, path), context.Canceled)
	wantErr(t, Backup(t.Context(), "bolt://"+filepath.Join(dir, "none.db"), path), os.ErrNotExist)
	wantSays(t, Backup(t.Context(), "etcd://x", path), "etcd")
	if left := must(os.ReadDir(dir)); len(left) > 0 {
		t.Errorf("there is %v", left)
	}
}

// A store of an earlier schema is backed up before it is brought up to date.
func TestBackupOfSchema1IsAsItWas(t *testing.T) {
	t.Parallel()
	all := stored(t, "schema1")
	path, copied := old(t, all), filepath.Join(t.TempDir(), "b.db")
	if err := Backup(t.Context(), "bolt://"+path, copied); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, copied} {
		db := must(bolt.Open(file))
		for _, e := range must(db.Scan(t.Context(), "", "", kv.ScanMax)) {
			if all[e.Key] != string(e.Value) {
				t.Errorf("%s was touched", e.Key)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		wantCarried(t, openFile(t, file), all)
	}
}

func TestCompactedStoreIsTheSame(t *testing.T) {
	slowtest.Only(t, "a store is filled, archived and compacted")
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := openFile(t, path)
	heads := aging(t, s)
	if _, err := s.Archive(t.Context(), beforeAll, archivePath(t)); err != nil {
		t.Fatal(err)
	}
	want := state(t, s)
	_, _, err := Compact("bolt://" + path)
	wantErr(t, err, kv.ErrLocked)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, after, err := Compact("bolt://" + path)
	if err != nil || after >= before {
		t.Fatalf("%d bytes became %d, %v", before, after, err)
	}
	s = openFile(t, path)
	verifies(t, s)
	if err := s.Holds(t.Context(), heads[len(heads)-1]); err != nil || state(t, s) != want {
		t.Errorf("it is not what it was, %v", err)
	}
	if _, _, err := Compact("bolt://" + filepath.Join(t.TempDir(), "none.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
}
