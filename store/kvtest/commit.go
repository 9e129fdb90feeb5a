package kvtest

import (
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

func testConditions(t *testing.T, s kv.KV) {
	first := put(t, s, "a", "1")
	second := put(t, s, "a", "2")
	for _, test := range []struct {
		name string
		when kv.Match
		ok   bool
	}{
		{"absent as asked", kv.Match{Key: "x"}, true},
		{"absent, should exist", kv.Match{Key: "x", Rev: first}, false},
		{"exists, should be absent", kv.Match{Key: "a"}, false},
		{"an older revision", kv.Match{Key: "a", Rev: first}, false},
		{"a revision to come", kv.Match{Key: "a", Rev: second + 1}, false},
		{"unchanged", kv.Match{Key: "a", Rev: second}, true},
	} {
		b := kv.Batch{If: []kv.Match{test.when}, Put: []kv.Entry{entry("written", test.name)}}
		if test.ok {
			commit(t, s, b)
			continue
		}
		t.Log(test.name)
		refuse(t, s, b, kv.ErrConflict)
		if got := get(t, s, "written"); string(got.Value) == test.name {
			t.Fatalf("%s: refused, and written all the same", test.name)
		}
	}
}

// testAtomic: a batch happens whole, or, if one of its conditions fails, not
// at all.
func testAtomic(t *testing.T, s kv.KV) {
	put(t, s, "old", "")
	b := kv.Batch{
		If:     []kv.Match{{Key: "new"}, match(get(t, s, "old")), {Key: "absent", Rev: 1}},
		Put:    []kv.Entry{entry("new", ""), entry("newer", "")},
		Delete: []string{"old", "never there"},
	}
	refuse(t, s, b, kv.ErrConflict)
	wantKeys(t, scan(t, s, "", "", 10), "old")
	b.If = b.If[:2]
	commit(t, s, b)
	wantKeys(t, scan(t, s, "", "", 10), "new", "newer")
	refuse(t, s, b, kv.ErrConflict)
}

func testRevisions(t *testing.T, s kv.KV) {
	commit(t, s, kv.Batch{Put: []kv.Entry{{Key: "a", Rev: 99}, {Key: "b"}}}) // Rev of a Put is ignored
	a, b := get(t, s, "a"), get(t, s, "b")
	if a.Rev <= 0 || a.Rev != b.Rev {
		t.Fatalf("one commit gave the revisions %d and %d", a.Rev, b.Rev)
	}
	if again := put(t, s, "a", ""); again <= a.Rev {
		t.Fatalf("an equal value put again: revision %d, before %d", again, a.Rev)
	}
	if other := get(t, s, "b"); other.Rev != b.Rev {
		t.Fatalf("a commit that didn't touch it changed b from %d to %d", b.Rev, other.Rev)
	}
	before := put(t, s, "c", "")
	commit(t, s, kv.Batch{Delete: []string{"c"}})
	if after := put(t, s, "d", ""); after <= before+1 {
		t.Fatalf("a commit that only deletes took no revision: %d, then %d", before, after)
	}
}

// testNoABA: a key deleted and created anew, even alike, is not the same one.
func testNoABA(t *testing.T, s kv.KV) {
	put(t, s, "a", "same")
	seen := get(t, s, "a")
	commit(t, s, kv.Batch{Delete: []string{"a"}})
	if gone := get(t, s, "a"); gone.Rev != 0 {
		t.Fatalf("deleted, and still there: %+v", gone)
	}
	put(t, s, "a", "same")
	refuse(t, s, kv.Batch{If: []kv.Match{match(seen)}, Delete: []string{"a"}}, kv.ErrConflict)
}

func testOnlyConditions(t *testing.T, s kv.KV) {
	rev := put(t, s, "a", "")
	commit(t, s, kv.Batch{})
	commit(t, s, kv.Batch{If: []kv.Match{{Key: "a", Rev: rev}, {Key: "x"}}})
	refuse(t, s, kv.Batch{If: []kv.Match{{Key: "a", Rev: rev}, {Key: "x", Rev: rev}}}, kv.ErrConflict)
	if now := get(t, s, "a").Rev; now != rev {
		t.Fatalf("checking changed the revision from %d to %d", rev, now)
	}
}

func testContextEnded(t *testing.T, s kv.KV) {
	ctx := canceled()
	wantError(t, s.Commit(ctx, kv.Batch{Put: []kv.Entry{entry("a", "")}}), ctx.Err())
	_, err := s.Get(ctx, "a")
	wantError(t, err, ctx.Err())
	_, err = s.Scan(ctx, "", "", 1)
	wantError(t, err, ctx.Err())
	_, err = s.Watch(ctx, "")
	wantError(t, err, ctx.Err())
	wantKeys(t, scan(t, s, "", "", 10))
}

func testClose(t *testing.T, s kv.KV) {
	put(t, s, "a", "")
	w, err := s.Watch(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	ended(t, "the watch", w)
	refuse(t, s, kv.Batch{Put: []kv.Entry{entry("a", "")}}, kv.ErrClosed)
	refuse(t, s, kv.Batch{}, kv.ErrClosed)
	_, err = s.Get(t.Context(), "a")
	wantError(t, err, kv.ErrClosed)
	_, err = s.Scan(t.Context(), "", "", 1)
	wantError(t, err, kv.ErrClosed)
	_, err = s.Watch(t.Context(), "")
	wantError(t, err, kv.ErrClosed)
}
