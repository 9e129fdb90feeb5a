package kvtest

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

func testGetAbsent(t *testing.T, s kv.KV) {
	if e := get(t, s, "a"); e.Key != "a" || e.Rev != 0 || len(e.Value) != 0 {
		t.Fatalf("an absent key reads as %+v", e)
	}
	put(t, s, "a", "")
	if e := get(t, s, "a"); e.Rev == 0 || len(e.Value) != 0 {
		t.Fatalf("a key with an empty value reads as %+v", e)
	}
	if entries, err := s.Get(t.Context()); err != nil || len(entries) != 0 {
		t.Fatalf("getting nothing gives %v, %v", entries, err)
	}
}

func testGetOrder(t *testing.T, s kv.KV) {
	put(t, s, "a", "1")
	put(t, s, "b", "2")
	entries, err := s.Get(t.Context(), "b", "x", "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	wantKeys(t, entries, "b", "x", "a", "b")
	for i, want := range []string{"2", "", "1", "2"} {
		if string(entries[i].Value) != want {
			t.Errorf("value %d is %q, want %q", i, entries[i].Value, want)
		}
	}
}

// testOwnership: the store shares no memory with its callers.
func testOwnership(t *testing.T, s kv.KV) {
	value := []byte("value")
	commit(t, s, kv.Batch{Put: []kv.Entry{{Key: "a", Value: value}}})
	copy(value, "-----")
	got := get(t, s, "a")
	if string(got.Value) != "value" {
		t.Fatalf("value is %q after the caller changed its own", got.Value)
	}
	page := scan(t, s, "a", "", 1)[0]
	copy(got.Value, "-----") // faults if it is a part of a mapped file
	copy(page.Value, "-----")
	if again := get(t, s, "a"); string(again.Value) != "value" {
		t.Fatalf("value is %q after a reader changed what it read", again.Value)
	}
	kept := get(t, s, "a")
	for i := range 50 {
		put(t, s, "a", fmt.Sprint("other ", i))
	}
	if string(kept.Value) != "value" {
		t.Fatalf("what was read changed to %q", kept.Value)
	}
}

// testGetSnapshot: no Get or Scan sees a half of a commit.
func testGetSnapshot(t *testing.T, s kv.KV) {
	const n = 8
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("k/", i)
	}
	write := func(round int) {
		b := kv.Batch{}
		for _, name := range names {
			b.Put = append(b.Put, entry(name, fmt.Sprint(round)))
		}
		if err := s.Commit(t.Context(), b); err != nil {
			t.Error(err)
		}
	}
	write(0)
	var done atomic.Bool
	go func() {
		defer done.Store(true)
		for round := 1; round <= 200; round++ {
			write(round)
		}
	}()
	for !done.Load() {
		entries, err := s.Get(t.Context(), names...)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, entries)
		wantSame(t, scan(t, s, "k/", "", n))
	}
}

func wantSame(t *testing.T, entries []kv.Entry) {
	t.Helper()
	for _, e := range entries {
		if e.Rev != entries[0].Rev || !bytes.Equal(e.Value, entries[0].Value) {
			t.Fatalf("one snapshot shows two commits: %v and %v", entries[0], e)
		}
	}
}

func testScanOrder(t *testing.T, s kv.KV) {
	for _, key := range []string{"b", "a/2", "a/10", "a", "a0", "a/\xff", "A", "a/é"} {
		put(t, s, key, "value of "+key)
	}
	all := scan(t, s, "", "", kv.ScanMax)
	wantKeys(t, all, "A", "a", "a/10", "a/2", "a/é", "a/\xff", "a0", "b")
	for _, e := range all {
		if string(e.Value) != "value of "+e.Key || e.Rev != get(t, s, e.Key).Rev {
			t.Errorf("scan shows %q as %q at %d", e.Key, e.Value, e.Rev)
		}
	}
}

func testScanBounds(t *testing.T, s kv.KV) {
	for _, key := range []string{"a", "a/1", "a/2", "a/3", "a0", "b", "\xff\xff", "\xff\xff\xff"} {
		put(t, s, key, "")
	}
	for _, test := range []struct {
		prefix, after string
		limit         int
		want          []string
	}{
		{"a/", "", 10, []string{"a/1", "a/2", "a/3"}},
		{"a/", "", 2, []string{"a/1", "a/2"}},
		{"a/", "a/1", 10, []string{"a/2", "a/3"}},
		{"a/", "a/1x", 10, []string{"a/2", "a/3"}}, // need not exist
		{"a/", "a/3", 10, nil},
		{"a/", "A", 10, []string{"a/1", "a/2", "a/3"}}, // before the prefix
		{"a/", "a0", 10, nil},                          // behind it
		{"a/1", "", 10, []string{"a/1"}},
		{"a/1", "a/1", 10, nil},
		{"", "a0", 10, []string{"b", "\xff\xff", "\xff\xff\xff"}},
		{"\xff\xff", "", 10, []string{"\xff\xff", "\xff\xff\xff"}}, // has no successor
		{"x", "", 10, nil},
	} {
		t.Logf("prefix %q after %q limit %d", test.prefix, test.after, test.limit)
		wantKeys(t, scan(t, s, test.prefix, test.after, test.limit), test.want...)
	}
}

// testScanPages: paging meets every key that is there all the time, once and
// in order, whatever comes and goes meanwhile.
func testScanPages(t *testing.T, s kv.KV) {
	const n = 200
	b := kv.Batch{}
	for i := range n {
		b.Put = append(b.Put, entry(fmt.Sprintf("p/%03d", i), ""))
		if len(b.Put) == 50 {
			commit(t, s, b)
			b.Put = nil
		}
	}
	after, stable := "", 0
	for page := 0; ; page++ {
		entries := scan(t, s, "p/", after, 7)
		for _, e := range entries {
			if e.Key <= after {
				t.Fatalf("key %q comes after %q", e.Key, after)
			}
			after = e.Key
			if len(e.Key) == len("p/000") {
				stable++
			}
		}
		if len(entries) < 7 {
			break
		}
		put(t, s, fmt.Sprintf("p/%03d+", (page*31)%n), "comes between")
	}
	if stable != n {
		t.Fatalf("paging met %d keys of %d", stable, n)
	}
}
