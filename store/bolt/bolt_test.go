package bolt

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/store/kv"
	"github.com/stationmaster/stationmaster/store/kvtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestKV(t *testing.T) {
	kvtest.Run(t, func(t testing.TB) kv.KV { return open(t, filepath.Join(t.TempDir(), "kv.db")) })
}

func TestReopen(t *testing.T) {
	kvtest.RunReopen(t, func(t testing.TB) func() kv.KV {
		path := filepath.Join(t.TempDir(), "kv.db")
		return func() kv.KV { return open(t, path) }
	})
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
