package kvtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/store/kv"
)

func testWatchKeys(t *testing.T, s kv.KV) {
	put(t, s, "a/before", "")
	w, err := s.Watch(t.Context(), "a/")
	if err != nil {
		t.Fatal(err)
	}
	every, err := s.Watch(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a/1", "")
	put(t, s, "b", "")
	put(t, s, "a", "") // not below the prefix
	refuse(t, s, kv.Batch{If: []kv.Match{{Key: "b"}}, Put: []kv.Entry{entry("a/refused", "")}}, kv.ErrConflict)
	commit(t, s, kv.Batch{Put: []kv.Entry{entry("a/2", ""), entry("c", "")}, Delete: []string{"a/1"}})
	put(t, s, "a/end", "")
	put(t, s, "a/end", "")
	wantReported(t, w, []string{"a/1"}, []string{"a/1", "a/2"}, []string{"a/end"}, []string{"a/end"})
	wantReported(t, every, []string{"a/1"}, []string{"b"}, []string{"a"}, []string{"a/1", "a/2", "c"}, []string{"a/end"}, []string{"a/end"})
}

// wantReported expects the keys of each commit, in any order within a commit.
func wantReported(t *testing.T, w <-chan string, commits ...[]string) {
	t.Helper()
	for i, keys := range commits {
		want := make(map[string]bool)
		for _, key := range keys {
			want[key] = true
		}
		for len(want) > 0 {
			got := receive(t, w)
			if !want[got] {
				t.Fatalf("commit %d: reports %q, want one of %v", i, got, want)
			}
			delete(want, got)
		}
	}
}

// testWatchGap: whoever doesn't read holds nobody up, is told that it missed
// something, and misses nothing after that.
func testWatchGap(t *testing.T, s kv.KV) {
	lazy, err := s.Watch(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	const commits = 200 // of 60 keys: more than anybody keeps for a lazy reader
	start := time.Now()
	for range commits {
		commit(t, s, kv.Batch{Put: entries(names(60), "")})
	}
	t.Logf("%d commits in %v past a watcher that sleeps", commits, time.Since(start))
	for n := 0; receive(t, lazy) != ""; n++ {
		if n > commits*60 {
			t.Fatal("reported more keys than were changed")
		}
	}
	for i := range 100 {
		key := fmt.Sprint("after/", i)
		put(t, s, key, "")
		got := receive(t, lazy)
		for i == 0 && got != key { // what was still under way, and further gaps
			got = receive(t, lazy)
		}
		if got != key {
			t.Fatalf("after the gap: reports %q, want %q", got, key)
		}
	}
}

func testWatchEnd(t *testing.T, s kv.KV) {
	ctx, cancel := context.WithCancel(t.Context())
	w, err := s.Watch(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	stays, err := s.Watch(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", "")
	cancel()
	ended(t, "the watch", w)
	put(t, s, "b", "")
	wantReported(t, stays, []string{"a"}, []string{"b"})
}
