package bolt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store/kv"
	"github.com/stationmaster/stationmaster/store/kvtest"
)

// Some tests start this binary again, as a process that can be killed or put
// on a disk of its own. The variable names the part it then plays.
const partEnv = "STATIONMASTER_BOLT_TEST_PART"

var parts = map[string]func(path string) error{}

func TestMain(m *testing.M) {
	if part := parts[os.Getenv(partEnv)]; part != nil {
		if err := part(os.Args[1]); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	slowtest.Parallel(8) // they wait for the disk
	goleak.VerifyTestMain(m)
}

func TestBoltKeepsTheContractOfKV(t *testing.T) {
	t.Parallel()
	kvtest.Run(t, func(t testing.TB) kv.KV { return open(t, filepath.Join(t.TempDir(), "kv.db")) })
}

func TestBoltKeepsTheContractWhenReopened(t *testing.T) {
	t.Parallel()
	kvtest.RunReopen(t, func(t testing.TB) func() kv.KV {
		path := filepath.Join(t.TempDir(), "kv.db")
		return func() kv.KV { return open(t, path) }
	})
}

// A reader that comes between bbolt's last write and its last
// fsync sees the commit, and must not tell before it is on disk.
func TestReaderSeesOnlyWhatIsDurable(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "kv.db"))
	put(t, db, "a", "1")
	f := db.cur.Load()
	id := f.durable.Load()
	writing := make(chan struct{})
	f.writing.Store(&writing)
	f.durable.Store(id - 1)

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if entries, err := db.Get(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("read %v, %v before it was durable", entries, err)
	}
	time.AfterFunc(20*time.Millisecond, func() {
		f.durable.Store(id)
		close(writing)
	})
	if got := get(t, db, "a"); string(got.Value) != "1" {
		t.Fatalf("read %q", got.Value)
	}
}

// A commit whose caller gave up while it waited for its turn does
// not happen.
func TestCommitGivenUpDoesNotHappen(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "kv.db"))
	first, second := newRequest(t.Context(), puts("first", "")), newRequest(t.Context(), puts("second", ""))
	var cancel context.CancelFunc
	second.ctx, cancel = context.WithCancel(t.Context())
	for _, r := range []*request{first, second} {
		if _, err := db.queue.join(r); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	db.lead(first)
	if first.err != nil || <-second.turn {
		t.Fatalf("the first of a group ends with %v, the second leads", first.err)
	}
	wantError(t, second.err, context.Canceled)
	if got := get(t, db, "second"); got.Rev != 0 {
		t.Fatalf("it is there: %+v", got)
	}
}

func open(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func put(t testing.TB, db *DB, key, value string) {
	t.Helper()
	if err := db.Commit(t.Context(), puts(key, value)); err != nil {
		t.Fatal(err)
	}
}

func puts(key, value string) kv.Batch {
	return kv.Batch{Put: []kv.Entry{{Key: key, Value: []byte(value)}}}
}

func get(t testing.TB, db *DB, key string) kv.Entry {
	t.Helper()
	entries, err := db.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return entries[0]
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want one that is %v", err, want)
	}
}

func wantRefused(t testing.TB, err error) {
	t.Helper()
	if err == nil || errors.Is(err, kv.ErrUnknown) {
		t.Fatalf("error is %v, want a refusal", err)
	}
}

// sound has bbolt check the whole file.
func sound(db *DB) error {
	tx, err := db.cur.Load().bolt.Begin(false)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var damage []error
	for err := range tx.Check() {
		damage = append(damage, err)
	}
	return errors.Join(damage...)
}
