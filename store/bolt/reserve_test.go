//go:build linux

package bolt

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

// ends are where the last page ends, and the first block that the file system
// has yet to give out.
func ends(t *testing.T, db *DB) (pages, blocks int64) {
	t.Helper()
	const seekHole = 4 // lseek(2)
	f := db.cur.Load()
	if err := f.bolt.View(func(tx *bbolt.Tx) error { pages = tx.Size(); return nil }); err != nil {
		t.Fatal(err)
	}
	blocks, err := f.reserve.file.Seek(0, seekHole)
	if err != nil {
		t.Fatal(err)
	}
	return pages, blocks
}

// TestReserve: every commit begins with blocks in reserve, while the file grows
// by small ones and by such as need more than there is, and is opened again.
// What was committed stays as it is.
func TestReserve(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kv.db")
	db := open(t, path)
	value := func(n int) string { return strings.Repeat(fmt.Sprint(n%10), []int{100, 10_000, 900_000}[n%17%3]) }
	const commits = 60
	for n := range commits {
		pages, _ := ends(t, db)
		put(t, db, fmt.Sprintf("k/%03d", n), value(n))
		if _, blocks := ends(t, db); blocks < pages+roomMin {
			t.Fatalf("commit %d began with %d bytes in reserve", n, blocks-pages)
		}
		if n%20 != 19 {
			continue
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db = open(t, path)
	}
	for n := range commits {
		if got := get(t, db, fmt.Sprintf("k/%03d", n)); string(got.Value) != value(n) {
			t.Fatalf("commit %d reads as %d bytes at revision %d", n, len(got.Value), got.Rev)
		}
	}
	if err := sound(db); err != nil {
		t.Fatal("the file is damaged:", err)
	}
}

// TestNoReserve: where nothing can be written ahead, commits go on.
func TestNoReserve(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "kv.db"))
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	db.cur.Load().reserve.file = full
	for n := range 30 {
		put(t, db, fmt.Sprintf("k/%03d", n), strings.Repeat("x", 100_000))
	}
	if err := sound(db); err != nil {
		t.Fatal("the file is damaged:", err)
	}
}
