package store

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// Whatever is changed in a history, loading says so, and where.
func TestDamageIsFoundWhereItIs(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.finish()
	entries := recordsOf(t, s, c.d.ID)
	if len(entries) < 5 {
		t.Fatalf("%d records", len(entries))
	}
	head, err := s.kv.Get(t.Context(), headKey(c.d.ID))
	if err != nil {
		t.Fatal(err)
	}
	put := func(entries ...kv.Entry) { t.Helper(); put(t, s, entries...) }
	check := func(what string, keys ...string) {
		t.Helper()
		_, err := second(t, s).Load(t.Context(), c.d.ID)
		said := false
		for _, key := range keys {
			said = said || err != nil && strings.Contains(err.Error(), key) && strings.Contains(err.Error(), s.name)
		}
		if !said {
			t.Errorf("%s: loading says %v, want one of %q", what, err, keys)
		}
		if verify := s.Verify(t.Context(), c.d.ID); verify == nil || strings.TrimPrefix(verify.Error(), "verify") != strings.TrimPrefix(err.Error(), "load") {
			t.Errorf("%s: verifying says %v", what, verify)
		}
		if err := s.VerifyAll(t.Context()); err == nil {
			t.Errorf("%s: verifying all says nothing", what)
		}
		if records, trail := s.Trail(t.Context(), c.d.ID); trail == nil || len(records) >= len(entries) {
			t.Errorf("%s: the trail has %d records and %v", what, len(records), trail)
		}
	}
	for i, e := range entries {
		changed := rewrite(t, e, ":0", ":1")
		put(changed)
		check("changed", e.Key)
		if records, _ := s.Trail(t.Context(), c.d.ID); len(records) != i {
			t.Errorf("record %d was changed, and %d are said to be what was written", i, len(records))
		}
		changed.Value = e.Value[:len(e.Value)-1]
		put(changed)
		check("cut short", e.Key)
		if err := s.kv.Commit(t.Context(), kv.Batch{Delete: []string{e.Key}}); err != nil {
			t.Fatal(err)
		}
		check("missing", e.Key)
		put(e)
		if i > 0 {
			put(kv.Entry{Key: e.Key, Value: entries[i-1].Value}, kv.Entry{Key: entries[i-1].Key, Value: e.Value})
			check("swapped", e.Key, entries[i-1].Key)
			put(e, entries[i-1])
		}
	}
	put(kv.Entry{Key: headKey(c.d.ID), Value: bytes.Replace(head[0].Value, []byte(`"hash":"`), []byte(`"hash":"0`), 1)})
	check("another last hash", entries[len(entries)-1].Key)
	put(kv.Entry{Key: headKey(c.d.ID), Value: []byte("{}")})
	check("no head", headKey(c.d.ID))
	put(head[0])
	wantLoad(t, s, c.d)
}

// recordsOf are the entries of the log that are a deployment's.
func recordsOf(t testing.TB, s *Store, id string) []kv.Entry {
	t.Helper()
	e, err := s.headOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	head, err := s.decodeHead(e)
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := head.Log.All()
	if err != nil {
		t.Fatal(err)
	}
	var all []kv.Entry
	for _, n := range numbers {
		got, err := s.kv.Get(t.Context(), logKey(n))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got[0])
	}
	return all
}

// rewrite changes the record in an entry of the log.
func rewrite(t testing.TB, e kv.Entry, from, to string) kv.Entry {
	t.Helper()
	entry, err := record.DecodeEntry(e.Value)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(entry.Record, []byte(from), []byte(to), 1)
	if bytes.Equal(changed, entry.Record) {
		t.Fatalf("%s has no %q", entry.Record, from)
	}
	entry.Record = changed
	return kv.Entry{Key: e.Key, Value: entry.Encode()}
}

// What a newer version wrote is not read half.
func TestNewerRecordIsNotReadHalf(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	for _, key := range []string{headKey(c.d.ID), logKey(1)} {
		got, err := s.kv.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		newer, version := kv.Entry{Key: key, Value: bytes.Replace(got[0].Value, []byte(`{"v":3`), []byte(`{"v":4`), 1)}, 4
		if key == logKey(1) {
			newer, version = rewrite(t, got[0], `{"v":7`, `{"v":8`), 8
		}
		if err := s.kv.Commit(t.Context(), kv.Batch{Put: []kv.Entry{newer}}); err != nil {
			t.Fatal(err)
		}
		_, err = second(t, s).Load(t.Context(), c.d.ID)
		wantSays(t, err, key, "newer version", fmt.Sprint("version ", version), fmt.Sprint("up to ", version-1))
		if err := s.kv.Commit(t.Context(), kv.Batch{Put: got}); err != nil {
			t.Fatal(err)
		}
	}
	wantLoad(t, s, c.d)
}

// A history longer than a page, while it grows.
func TestLongHistoryIsLoadedWhileItGrows(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	for range 2*loadPage + 10 {
		c.hear()
	}
	wantLoad(t, s, c.d)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 50 {
			c.hear()
		}
	}()
	for last := 0; ; {
		d, err := second(t, s).Load(t.Context(), "tangerine-1")
		if err != nil || d.Seq < last {
			t.Fatalf("at %d, then %d, %v", last, d.Seq, err)
		}
		last = d.Seq
		select {
		case <-done:
			wantLoad(t, s, c.d)
			return
		default:
		}
	}
}
