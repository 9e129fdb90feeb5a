package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// stored reads what an earlier version had in its store, by key. It was dumped
// from a file that version wrote.
func stored(t testing.TB, name string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range bytes.Lines(b) {
		var e struct{ Key, Value string }
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		all[e.Key] = e.Value
	}
	return all
}

// old makes a file with what an earlier version had in its store.
func old(t testing.TB, all map[string]string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s.db")
	db, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(all)), kv.OpsMax) {
		var batch kv.Batch
		for _, key := range keys {
			batch.Put = append(batch.Put, kv.Entry{Key: key, Value: []byte(all[key])})
		}
		if err := db.Commit(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// heads1 are the deployments of schema 1: how many events each has, and its
// status.
func heads1(t testing.TB, all map[string]string) map[string]record.Head {
	t.Helper()
	heads := map[string]record.Head{}
	for key, value := range all {
		if strings.HasPrefix(key, headPrefix) && !strings.Contains(key, "/e/") {
			heads[must(idOf(key))] = must(record.DecodeHead([]byte(value)))
		}
	}
	return heads
}

var live1 = []string{"plum/1-1", "tangerine-2", "tangerine-3", "tangerine-4", "tangerine-5"}

// wantCarried: a store has what its file had in schema 1.
func wantCarried(t *testing.T, s *Store, all map[string]string) {
	t.Helper()
	ctx := t.Context()
	verifies(t, s)
	heads := heads1(t, all)
	if len(heads) != 7 {
		t.Fatalf("the file had %d deployments", len(heads))
	}
	wakeups := map[string]deployer.Wakeup{}
	for id, head := range heads {
		d, err := s.Load(ctx, id)
		if err != nil || d.Seq != head.Seq || !reflect.DeepEqual(d.Summarize(), head.Summary) {
			t.Errorf("%s: %v\n%+v\nwant\n%+v", id, err, d.Summarize(), head.Summary)
		}
		if slices.Contains(live1, id) {
			wakeups[id] = d.Wakeup()
		}
		for _, e := range recordsOf(t, s, id) {
			entry := must(record.DecodeEntry(e.Value))
			c := must(record.DecodeCommit(entry.Record, s.aside(ctx)))
			if all[event1Key(id, c.Seq)] != string(entry.Record) {
				t.Errorf("%s of %s is not what was written", e.Key, id)
			}
		}
	}
	if live, err := s.Live(ctx); err != nil || !slices.Equal(live, live1) {
		t.Errorf("live are %v, %v", live, err)
	}
	if got, err := s.Wakeups(ctx); err != nil || !reflect.DeepEqual(got, wakeups) {
		t.Errorf("wakeups are %v, %v, want %v", got, err, wakeups)
	}
	for key, value := range all {
		moved := strings.HasPrefix(key, headPrefix) || key == schemaKey
		if e := get(t, s, key); !moved && (e.Rev == 0 || string(e.Value) != value) {
			t.Errorf("%s is %q, and was %q", key, e.Value, value)
		} else if e.Rev != 0 && strings.Contains(key, "/e/") {
			t.Errorf("%s is still there", key)
		}
	}
	for _, prefix := range []string{asidePrefix, movePrefix, carryKey} {
		if left := scanAll(t, s, prefix); len(left) > 0 {
			t.Errorf("there is %v", left)
		}
	}
}

// What an earlier version wrote is carried over as it was, and goes on.
func TestStoreOfSchema1IsCarriedOver(t *testing.T) {
	t.Parallel()
	all := stored(t, "schema1")
	path := old(t, all)
	s := openFile(t, path)
	wantCarried(t, s, all)
	list, err := s.List(t.Context(), deployer.Query{})
	if err != nil || len(list) != 7 {
		t.Errorf("it lists %v, %v", list, err)
	}
	if id, err := s.Started(t.Context(), "acting"); id != "tangerine-4" || err != nil {
		t.Errorf("acting is %q, %v", id, err)
	}
	allocate(t, s, "tangerine", "tangerine-7")
	allocate(t, s, "plum/1", "plum/1-2")
	if l, err := s.Locks(t.Context(), "tangerine", "prod"); err != nil || l.Of("locked", dawn) == nil {
		t.Errorf("locked are %+v, %v", l, err)
	}
	known := headOf(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openFile(t, path)
	wantCarried(t, s, all)
	if err := s.Holds(t.Context(), known); err != nil {
		t.Error(err)
	}
	c := &fixture{TB: t, s: s, now: dawn, d: must(s.Load(t.Context(), "tangerine-4"))}
	c.do(deployer.Order{Command: deployer.Settle{Key: c.d.Open()[0].Key, Outcome: deployer.Outcome{Result: deployer.OK}}})
	if c.d.Status != deployer.Complete {
		t.Errorf("it is %s", c.d.Status)
	}
	c = &fixture{TB: t, s: s, now: dawn, d: must(s.Load(t.Context(), "tangerine-2"))}
	c.finish()
	wantLoad(t, s, c.d)
	begin(t, s, start("new", "c1")).finish()
	verifies(t, s)
	lockUp(t, s, "prod", "web", "stocktaking") // beside one of schema 1, which has no record
	verifies(t, s)
	if all := must(s.Locks(t.Context(), "tangerine", "prod")).All; len(all) != 2 || !slices.Equal(exported(t, s)[:1], []string{"prod stocktaking false by Ana"}) {
		t.Errorf("locked are %+v, and the record has %q", all, exported(t, s))
	}
	if live, err := s.Live(t.Context()); err != nil || !slices.Equal(live, []string{"plum/1-1", "tangerine-3", "tangerine-5"}) {
		t.Errorf("live are %v, %v", live, err)
	}
}

// A migration that is broken off at any commit goes on where it was, whether that
// commit landed or not.
func TestBrokenOffMigrationGoesOn(t *testing.T) {
	slowtest.Only(t, "a migration broken off at every write")
	t.Parallel()
	all := stored(t, "schema1")
	for _, lands := range []bool{true, false} {
		for last := int64(1); ; last++ {
			path := old(t, all)
			db := must(bolt.Open(path))
			f := &fake{KV: db}
			f.end = func(n int64, _ kv.Batch) (bool, error) {
				switch {
				case n < last:
					return true, nil
				case n == last:
					return lands, fmt.Errorf("killed: %w", kv.ErrUnknown)
				}
				return false, errors.New("it is dead")
			}
			_, err := open(t.Context(), f, path)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			s := openFile(t, path)
			wantCarried(t, s, all)
			if err == nil {
				if last < 10 {
					t.Errorf("there were but %d commits", last)
				}
				break
			}
		}
	}
}

// A deployment that can't be read ends nothing and is not lost: it is named, keeps
// its places, and is carried over once it can be.
func TestUnreadableDeploymentIsKeptAside(t *testing.T) {
	t.Parallel()
	all := stored(t, "schema1")
	const id = "tangerine-4"
	for name, test := range map[string]struct{ key, from, to, says string }{
		"changed":      {event1Key(id, 5), `"UANA"`, `"UEVE"`, "does not fit"},
		"unknown kind": {event1Key(id, 1), `"kind":"heard"`, `"kind":"teleported"`, "teleported"},
		"newer":        {event1Key(id, 1), `{"v":1`, `{"v":9`, "newer version"},
		"last":         {event1Key(id, 17), `rev 7`, `rev 8`, "not the last"},
		"head":         {headKey(id), `{"v":1`, `{"v":9`, "newer version"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := map[string]string{}
			for key, value := range all {
				broken[key] = value
			}
			if broken[test.key] = strings.Replace(all[test.key], test.from, test.to, 1); broken[test.key] == all[test.key] {
				t.Fatalf("%s has no %s: %q", test.key, test.from, all[test.key])
			}
			path := old(t, broken)
			for range 2 {
				s := openFile(t, path)
				wantAside(t, s, id, test.key, test.says)
				for key, value := range broken {
					if strings.HasPrefix(key, headKey(id)) && string(get(t, s, key).Value) != value {
						t.Errorf("%s was touched", key)
					}
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			db := must(bolt.Open(path))
			mend := kv.Batch{Put: []kv.Entry{{Key: test.key, Value: []byte(all[test.key])}}}
			if err := errors.Join(db.Commit(t.Context(), mend), db.Close()); err != nil {
				t.Fatal(err)
			}
			wantCarried(t, openFile(t, path), all)
		})
	}
}

func wantAside(t *testing.T, s *Store, id, key, says string) {
	t.Helper()
	ctx := t.Context()
	_, err := s.Load(ctx, id)
	wantSays(t, err, key, says)
	wantSays(t, s.VerifyAll(ctx), key, says)
	if live, err := s.Live(ctx); err != nil || !slices.Equal(live, live1) {
		t.Errorf("live are %v, %v", live, err)
	}
	if w, err := s.Wakeups(ctx); err != nil || !w[id].Now {
		t.Errorf("wakeups are %v, %v", w, err)
	}
	if h, err := s.Holders(ctx, []string{"tangerine/prod/c1"}); err != nil || h["tangerine/prod/c1"] != id {
		t.Errorf("holders are %v, %v", h, err)
	}
	if list, err := s.List(ctx, deployer.Query{}); err != nil || len(list) != 7 {
		t.Errorf("it lists %v, %v", list, err)
	}
	for _, other := range []string{"plum/1-1", "tangerine-1", "tangerine-5"} {
		if err := s.Verify(ctx, other); err != nil {
			t.Error(err)
		}
	}
	d := must(s.Load(ctx, "tangerine-5"))
	d.ID = id
	e := deployer.OrderSeen{At: dawn, By: ana, Nonce: "x"}
	if err := s.Append(ctx, deployer.Pack(d, deployer.Order{}, []deployer.Event{e}, nil)); err == nil {
		t.Error("something was added to what can't be read")
	}
	if _, err := s.Load(ctx, "tangerine-5"); err != nil {
		t.Error(err)
	}
}

// The layout before is refused, in words, and left as it is.
func TestLayoutBeforeSchema1IsRefused(t *testing.T) {
	t.Parallel()
	all := stored(t, "schema1-before-183cfbf")
	path := old(t, all)
	for range 2 {
		_, err := Open(context.Background(), "bolt://"+path)
		wantErr(t, err, kv.ErrForeign)
		wantSays(t, err, path, "183cfbf", "finish or stop its deployments", "new file")
	}
	db := must(bolt.Open(path))
	defer db.Close()
	left := must(db.Scan(t.Context(), "", "", kv.ScanMax))
	for _, e := range left {
		if all[e.Key] != string(e.Value) {
			t.Errorf("%s was touched", e.Key)
		}
	}
	if len(left) != len(all) {
		t.Errorf("there were %d keys and are %d", len(all), len(left))
	}
}
