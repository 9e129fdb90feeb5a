package kvtest

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/store/kv"
)

// model is what a store should be, in the simplest way: a map of entries and the
// highest revision seen.
type model struct {
	entries map[string]kv.Entry
	stale   []kv.Match // revisions that were current once, or never
	highest int64
}

// testModel compares the store with the model over random sequences of calls.
func testModel(t *testing.T, open func(t testing.TB) kv.KV) {
	s := open(t)
	defer s.Close()
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{entries: map[string]kv.Entry{}}
		m.reset(rt, s)
		rt.Repeat(map[string]func(*rapid.T){
			"commit": func(rt *rapid.T) { m.commit(rt, s) },
			"get":    func(rt *rapid.T) { m.get(rt, s) },
			"scan":   func(rt *rapid.T) { m.scan(rt, s) },
			"":       func(rt *rapid.T) { m.compare(rt, s) },
		})
	})
}

// A few keys, so that they meet; some are prefixes of others.
var modelKeys = []string{"a", "a/", "a/b", "a/b/c", "a0", "b", "log", kv.LogPrefix + "1", kv.LogPrefix + "2", "log0", "\xff", "\xff\xff"}

// reset empties the store, which all sequences share.
func (m *model) reset(t *rapid.T, s kv.KV) {
	if err := s.Commit(t.Context(), kv.Batch{Delete: modelKeys}); err != nil {
		t.Fatalf("reset: %v", err)
	}
}

func (m *model) commit(t *rapid.T, s kv.KV) {
	b := m.draw(t)
	ok := true
	for _, c := range b.If {
		ok = ok && m.entries[c.Key].Rev == c.Rev
	}
	var next []kv.Entry
	if len(b.Put) > 1 && rapid.Bool().Draw(t, "next") {
		last := len(b.Put) - 1
		next = b.Put[last:]
		b.Put = b.Put[:last]
		b.Next = nextOf(t, m.entries, next)
	}
	err := s.Commit(t.Context(), b)
	if !ok {
		wantError(t, err, kv.ErrConflict)
		return
	}
	if err != nil {
		t.Fatalf("commit %+v: %v", b, err)
	}
	rev := int64(0)
	for _, e := range slices.Concat(b.Put, next) {
		got := get(t, s, e.Key)
		if rev != 0 && got.Rev != rev {
			t.Fatalf("one commit has the revisions %d and %d", rev, got.Rev)
		}
		rev = got.Rev
		m.retire(e.Key)
		m.entries[e.Key] = kv.Entry{Key: e.Key, Value: e.Value, Rev: rev}
	}
	for _, key := range b.Delete {
		m.retire(key)
		delete(m.entries, key)
	}
	m.advance(t, rev)
}

// nextOf puts entries when the turn of their batch has come, and looks whether it
// is shown what the model has.
func nextOf(t *rapid.T, entries map[string]kv.Entry, puts []kv.Entry) *kv.Next {
	key, size := rapid.SampledFrom(modelKeys).Draw(t, "next of"), 0
	for _, e := range puts {
		size += len(e.Key) + len(e.Value)
	}
	return &kv.Next{Key: key, Bytes: size, Put: func(at kv.Entry) ([]kv.Entry, error) {
		if want := entries[key]; at.Key != key || at.Rev != want.Rev || !bytes.Equal(at.Value, want.Value) {
			t.Errorf("the next of %q is made of %v, the model has %v", key, at, want)
		}
		return puts, nil
	}}
}

// draw makes a batch whose conditions often hold and often rest on the past.
func (m *model) draw(t *rapid.T) kv.Batch {
	var b kv.Batch
	keys := rapid.SliceOfNDistinct(rapid.SampledFrom(modelKeys), 0, 4, rapid.ID[string]).Draw(t, "changes")
	for _, key := range keys {
		if rapid.Bool().Draw(t, "put") {
			value := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "value")
			b.Put = append(b.Put, kv.Entry{Key: key, Value: value})
		} else {
			b.Delete = append(b.Delete, key)
		}
	}
	for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(modelKeys), 0, 2, rapid.ID[string]).Draw(t, "if") {
		b.If = append(b.If, kv.Match{Key: key, Rev: m.entries[key].Rev})
	}
	if len(m.stale) > 0 && rapid.IntRange(0, 3).Draw(t, "outdated") == 0 {
		b.If = []kv.Match{rapid.SampledFrom(m.stale).Draw(t, "stale")}
	}
	return b
}

// retire notes that a key changes: its revision is of the past.
func (m *model) retire(key string) {
	if e, ok := m.entries[key]; ok {
		m.stale = append(m.stale, match(e))
	}
}

// advance checks that a revision is a new one. Zero stands for none.
func (m *model) advance(t *rapid.T, rev int64) {
	if rev == 0 {
		return
	}
	if rev <= m.highest {
		t.Fatalf("revision %d comes after %d", rev, m.highest)
	}
	m.highest = rev
}

func (m *model) get(t *rapid.T, s kv.KV) {
	keys := rapid.SliceOfN(rapid.SampledFrom(modelKeys), 0, 5).Draw(t, "keys")
	got, err := s.Get(t.Context(), keys...)
	if err != nil {
		t.Fatalf("get %q: %v", keys, err)
	}
	var want []kv.Entry
	for _, key := range keys {
		e := m.entries[key]
		e.Key = key
		want = append(want, e)
	}
	m.wantEntries(t, got, want)
}

func (m *model) scan(t *rapid.T, s kv.KV) {
	prefix := rapid.SampledFrom(append([]string{""}, modelKeys...)).Draw(t, "prefix")
	after := rapid.SampledFrom(append([]string{"", "a/a", "m", "z"}, modelKeys...)).Draw(t, "after")
	limit := rapid.IntRange(1, 5).Draw(t, "limit")
	m.wantEntries(t, scan(t, s, prefix, after, limit), m.find(prefix, after, limit))
}

func (m *model) find(prefix, after string, limit int) []kv.Entry {
	var found []kv.Entry
	for _, key := range slices.Sorted(maps.Keys(m.entries)) {
		if strings.HasPrefix(key, prefix) && key > after && len(found) < limit {
			found = append(found, m.entries[key])
		}
	}
	return found
}

// compare holds the whole store against the model, after every step.
func (m *model) compare(t *rapid.T, s kv.KV) {
	m.wantEntries(t, scan(t, s, "", "", kv.ScanMax), m.find("", "", kv.ScanMax))
}

func (m *model) wantEntries(t *rapid.T, got, want []kv.Entry) {
	same := func(a, b kv.Entry) bool {
		return a.Key == b.Key && a.Rev == b.Rev && bytes.Equal(a.Value, b.Value)
	}
	if !slices.EqualFunc(got, want, same) {
		t.Fatalf("the store shows %v, the model %v", got, want)
	}
}
