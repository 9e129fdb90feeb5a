package kvtest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

func hold(t tester, s kv.KV, key string) kv.Hold {
	t.Helper()
	h, err := s.Hold(t.Context(), key, kv.MinTTL)
	if err != nil {
		t.Fatalf("hold %q: %v", key, err)
	}
	return h
}

func wantTaken(t tester, s kv.KV, key string) {
	t.Helper()
	_, err := s.Hold(t.Context(), key, kv.MinTTL)
	wantError(t, err, kv.ErrConflict)
}

func wantHeld(t tester, h kv.Hold) {
	t.Helper()
	select {
	case <-h.Lost:
		t.Fatalf("the hold of %q has ended", h.Key)
	default:
	}
}

func testHoldTaken(t *testing.T, s kv.KV) {
	h := hold(t, s, "h/1")
	if h.Key != "h/1" || h.Rev == 0 || h.Rev != get(t, s, "h/1").Rev {
		t.Fatalf("the hold is %+v, its key reads %+v", h, get(t, s, "h/1"))
	}
	wantTaken(t, s, "h/1")
	wantHeld(t, h)
	hold(t, s, "h/2")
	put(t, s, "h/3", "")
	wantTaken(t, s, "h/3") // an ordinary key is no free one
}

// testHoldFence: a batch that names the hold happens while it lasts, and never
// after. (A lock freed by someone who no longer held it.)
func testHoldFence(t *testing.T, s kv.KV) {
	h := hold(t, s, "h")
	commit(t, s, kv.Batch{If: []kv.Match{h.Match}, Put: []kv.Entry{entry("a", "1")}})
	wantHeld(t, h)
	commit(t, s, kv.Batch{If: []kv.Match{h.Match}, Delete: []string{"h"}})
	ended(t, "the hold", h.Lost)
	fenced := kv.Batch{If: []kv.Match{h.Match}, Put: []kv.Entry{entry("a", "2")}}
	refuse(t, s, fenced, kv.ErrConflict)

	next := hold(t, s, "h")
	if next.Rev <= h.Rev {
		t.Fatalf("held again at revision %d, before at %d", next.Rev, h.Rev)
	}
	refuse(t, s, fenced, kv.ErrConflict)
	refuse(t, s, kv.Batch{If: []kv.Match{h.Match}, Delete: []string{"h"}}, kv.ErrConflict)
	wantHeld(t, next)
	if got := get(t, s, "a"); string(got.Value) != "1" {
		t.Fatalf("a lost hold wrote %q", got.Value)
	}
}

func testHoldEnds(t *testing.T, s kv.KV) {
	deleted, overwritten, kept := hold(t, s, "h/1"), hold(t, s, "h/2"), hold(t, s, "h/3")
	commit(t, s, kv.Batch{Put: []kv.Entry{entry("h/2", "an ordinary key now")}, Delete: []string{"h/1"}})
	ended(t, "the deleted hold", deleted.Lost)
	ended(t, "the overwritten hold", overwritten.Lost)
	wantHeld(t, kept)
	hold(t, s, "h/1")
	wantTaken(t, s, "h/2")
}

// testHoldRush: of many, one gets it.
func testHoldRush(t *testing.T, s kv.KV) {
	for range 5 {
		var got atomic.Int32
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := s.Hold(t.Context(), "h", kv.MinTTL)
				switch {
				case err == nil:
					got.Add(1)
				case !errors.Is(err, kv.ErrConflict):
					t.Errorf("hold: %v", err)
				}
			})
		}
		wg.Wait()
		if got.Load() != 1 {
			t.Fatalf("%d hold the same key", got.Load())
		}
		commit(t, s, kv.Batch{Delete: []string{"h"}})
	}
}
