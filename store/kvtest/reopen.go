package kvtest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/store/kv"
)

func closeStore(t tester, s kv.KV) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func testReopenEntries(t *testing.T, open func() kv.KV) {
	s := open()
	put(t, s, "gone", "")
	commit(t, s, kv.Batch{Put: []kv.Entry{entry("a", "1"), entry("b", "")}, Delete: []string{"gone"}})
	seen := get(t, s, "a")
	closeStore(t, s)

	s = open()
	defer s.Close()
	wantKeys(t, scan(t, s, "", "", 10), "a", "b")
	if got := get(t, s, "a"); got.Rev != seen.Rev || string(got.Value) != "1" {
		t.Fatalf("a was %+v and is %+v", seen, got)
	}
	commit(t, s, kv.Batch{If: []kv.Match{match(seen)}, Put: []kv.Entry{entry("a", "2")}})
}

// testReopenRevisions: a revision given before a restart isn't given after it,
// even if nothing is left that bears it.
func testReopenRevisions(t *testing.T, open func() kv.KV) {
	var highest int64
	for range 3 {
		s := open()
		rev := put(t, s, "a", "same")
		if rev <= highest {
			t.Fatalf("revision %d was given before", rev)
		}
		for range 3 {
			highest = put(t, s, "b", "")
		}
		commit(t, s, kv.Batch{Delete: []string{"a", "b"}})
		closeStore(t, s)
	}
}

// testReopenBusy: a Close amid commits leaves each either answered with nil and
// there, or refused and not there.
func testReopenBusy(t *testing.T, open func() kv.KV) {
	const writers = 8
	s := open()
	var acked sync.Map
	var started atomic.Int32
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := 0; ; n++ {
				key := fmt.Sprintf("w/%d/%05d", w, n)
				err := s.Commit(t.Context(), kv.Batch{Put: []kv.Entry{entry(key, "")}})
				if err != nil {
					wantClosed(t, err)
					return
				}
				acked.Store(key, true)
				started.Add(1)
			}
		})
	}
	for deadline := time.Now().Add(patience); started.Load() < 50; {
		if time.Now().After(deadline) {
			t.Fatal("the writers don't get on")
		}
		time.Sleep(time.Millisecond)
	}
	closeStore(t, s)
	wg.Wait()

	s = open()
	defer s.Close()
	found := 0
	for after := ""; ; {
		page := scan(t, s, "w/", after, kv.ScanMax)
		for _, e := range page {
			if _, ok := acked.Load(e.Key); !ok {
				t.Errorf("%s was refused, and is there", e.Key)
			}
			found++
			after = e.Key
		}
		if len(page) < kv.ScanMax {
			break
		}
	}
	acked.Range(func(any, any) bool { found--; return true })
	if found != 0 {
		t.Errorf("%d commits that were answered are not there", -found)
	}
}

func wantClosed(t tester, err error) {
	if !errors.Is(err, kv.ErrClosed) {
		t.Errorf("commit amid a close: %v", err)
	}
}
