package store

import (
	"testing"

	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

// A store from before commit 183cfbf has keys that this program doesn't read: it would open and show nothing, drop
// what lives in it, give its ids again and keep its places for good. It is refused, with what to do, and left alone.
func TestStoreOfAnOlderLayoutIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	path := unpack(t, "schema0")
	before := keys(t, path)
	for range 2 { // the second time, too: it is not locked by the first
		s, err := Open(t.Context(), "bolt://"+path)
		if err == nil {
			s.Close()
		}
		wantErr(t, err, kv.ErrForeign)
		wantSays(t, err, path, "is from before 21 November 2026")
	}
	if after := keys(t, path); after != before {
		t.Error("it was changed")
	}
}

// keys are all keys and values of a file.
func keys(t *testing.T, path string) string {
	t.Helper()
	db, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return state(t, &Store{kv: db})
}
