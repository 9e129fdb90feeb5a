package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

var sre = deployer.Person{Roles: []string{"sre", "tech-lead"}}

// lockUp locks a service in an environment of tangerine's.
func lockUp(t testing.TB, s *Store, environment, service, reason string) {
	t.Helper()
	l := must(s.Locks(t.Context(), "tangerine", environment))
	l = must(l.Set(deployer.Lock{Service: service, By: ana, Reason: reason, At: dawn, Until: dawn.Add(time.Hour)}, sre, nil))
	if err := s.SetLocks(t.Context(), l, deployer.Message{}); err != nil {
		t.Fatal(err)
	}
}

// unlock lifts that.
func unlock(t testing.TB, s *Store, environment, service string) {
	t.Helper()
	l, _, err := must(s.Locks(t.Context(), "tangerine", environment)).Lift(service, bob, sre, nil, dawn.Add(time.Minute))
	if err == nil {
		err = s.SetLocks(t.Context(), l, deployer.Message{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// exportedLocks is what people are shown of locks: the records, and then what is
// locked.
func exportedLocks(t testing.TB, s *Store) (records []record.LockRecord, locked []line) {
	t.Helper()
	var b bytes.Buffer
	if err := s.ExportLocks(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for text := range bytes.Lines(b.Bytes()) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatal(err)
		}
		if l.Link == "" {
			locked = append(locked, l)
		} else {
			records = append(records, must(record.DecodeLockRecord(l.Record)))
		}
	}
	return records, locked
}

// changesIn are the changes of locks that are in the record.
func changesIn(t testing.TB, s *Store) []deployer.LockChange {
	t.Helper()
	all := []deployer.LockChange{}
	records, _ := exportedLocks(t, s)
	for _, r := range records {
		all = append(all, r.Changes...)
	}
	return all
}

// exported is the same in few words.
func exported(t testing.TB, s *Store) []string {
	t.Helper()
	var all []string
	records, locked := exportedLocks(t, s)
	for _, r := range records {
		for _, c := range r.Changes {
			all = append(all, fmt.Sprintf("%s %s %v by %s", must(record.DecodeLocks(r.Locks)).Site.Environment, c.Lock.Reason, c.Lifted, c.By.Name))
		}
	}
	for _, l := range locked {
		all = append(all, l.Key)
	}
	return all
}

// Each change of locks is a record of the log like any other, which says who has made
// it; that of a deployment's end, too. Archives leave it, backups have it.
func TestChangesOfLocksAreInTheLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := openFile(t, path)
	heads := []string{headOf(t, s)}
	then := func() { t.Helper(); verifies(t, s); heads = append(heads, headOf(t, s)) }
	lockUp(t, s, "prod", "web", "stocktaking")
	then()
	begin(t, s, start("o", "api")).finish()
	then()
	lockUp(t, s, "test", "", "a fair")
	then()
	unlock(t, s, "prod", "web")
	then()
	l := must(s.Locks(t.Context(), "tangerine", "prod"))
	l = must(l.Set(deployer.Lock{By: ana, Reason: "a migration", At: dawn, Until: dawn.Add(time.Hour), Deployment: "tangerine-1"}, sre, nil))
	l = l.Ended(func(string) bool { return true }, dawn)
	if err := s.SetLocks(t.Context(), l, deployer.Message{}); err != nil {
		t.Fatal(err)
	}
	then()
	want := []string{
		"prod stocktaking false by Ana", "test a fair false by Ana", "prod stocktaking true by Bob",
		"prod a migration false by Ana", "prod a migration true by tangerine-1", "lock/tangerine/prod", "lock/tangerine/test",
	}
	copied := filepath.Join(t.TempDir(), "b.db")
	if err := s.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	for _, m := range must(s.Messages(t.Context(), "", kv.ScanMax)) {
		if err := s.Discard(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if done, err := s.Archive(t.Context(), dawn.AddDate(1, 0, 0), archivePath(t)); err != nil || done.Deployments != 1 {
		t.Fatalf("archived is %+v, %v", done, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Compact("bolt://" + path); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, copied} {
		s = openFile(t, file)
		verifies(t, s)
		if got := exported(t, s); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", file, got, want)
		}
		for _, head := range heads {
			if err := s.Holds(t.Context(), head); err != nil {
				t.Error(err)
			}
		}
		lockUp(t, s, "prod", "web", "again")
		verifies(t, s)
	}
}

// What is done to locks, or to the record of them, is found, and named.
func TestDamagedLocksAreFound(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	lockUp(t, s, "prod", "web", "stocktaking")
	older := get(t, s, lockKey("tangerine", "prod"))
	begin(t, s, start("o", "api")).resolve()
	lockUp(t, s, "test", "web", "a fair")
	lockUp(t, s, "prod", "api", "a freeze")
	other, newer := get(t, s, lockKey("tangerine", "test")), get(t, s, older.Key)
	records, end := scanAll(t, s, kv.LogPrefix+"0"), get(t, s, endKey)
	first, last := records[0], records[len(records)-1]
	commit, unlike := must(record.DecodeEntry(records[1].Value)), must(record.DecodeEntry(last.Value))
	commit.Locks, unlike.Locks = true, false
	gone := record.Entry{Link: unlike.Link, Removed: []record.Sum{unlike.Digest()}}
	verifies(t, s)
	for name, test := range map[string]struct {
		damage kv.Batch
		says   []string
	}{
		"value edited":    {kv.Batch{Put: []kv.Entry{{Key: newer.Key, Value: bytes.Replace(newer.Value, []byte("stocktaking"), []byte("stockpiling"), 1)}}}, []string{newer.Key, last.Key}},
		"value erased":    {kv.Batch{Delete: []string{newer.Key}}, []string{newer.Key + " is missing", last.Key}},
		"value no longer": {kv.Batch{Put: []kv.Entry{{Key: newer.Key}}}, []string{newer.Key, last.Key}},
		"older value":     {kv.Batch{Put: []kv.Entry{older}}, []string{older.Key, last.Key}},
		"another's value": {kv.Batch{Put: []kv.Entry{{Key: newer.Key, Value: other.Value}}}, []string{newer.Key, last.Key}},
		"record edited":   {kv.Batch{Put: []kv.Entry{rewrite(t, first, `"UANA"`, `"UEVE"`)}}, []string{first.Key + ": one of the two was changed"}},
		"last edited":     {kv.Batch{Put: []kv.Entry{rewrite(t, last, "a freeze", "a thaw")}}, []string{last.Key}},
		"record erased":   {kv.Batch{Delete: []string{first.Key}}, []string{first.Key, "missing"}},
		"last erased":     {kv.Batch{Delete: []string{last.Key}}, []string{last.Key, "missing", newer.Key}},
		"end cut off": {kv.Batch{Delete: []string{last.Key}, Put: []kv.Entry{{Key: endKey, Value: []byte(fmt.Sprint(len(records)-1, "-", unlike.Link))}}},
			[]string{newer.Key}},
		// As if it were of a deployment that was archived.
		"erased, and an older value": {kv.Batch{Put: []kv.Entry{{Key: last.Key, Value: gone.Encode()}, older}}, []string{last.Key, "the end"}},
		"no longer of locks":         {kv.Batch{Put: []kv.Entry{{Key: last.Key, Value: unlike.Encode()}}}, []string{last.Key, newer.Key}},
		"of locks":                   {kv.Batch{Put: []kv.Entry{{Key: records[1].Key, Value: commit.Encode()}}}, []string{"read " + records[1].Key, "about locks"}},
	} {
		if err := s.kv.Commit(t.Context(), test.damage); err != nil {
			t.Fatal(err)
		}
		err := s.VerifyAll(t.Context())
		if err == nil {
			t.Errorf("%s is not found", name)
			continue
		}
		wantSays(t, fmt.Errorf("%s: %w", name, err), append(test.says, s.name)...)
		put(t, s, append(records, newer, other, end)...)
		verifies(t, s)
	}
	put(t, s, kv.Entry{Key: records[1].Key, Value: commit.Encode()})
	wantSays(t, s.Verify(t.Context(), "tangerine-1"), records[1].Key, "about locks")
}

// A change that is chained anew, with what it changed, is found with a head.
func TestForgedChangeOfLocksIsFoundByAHead(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	lockUp(t, s, "prod", "web", "stocktaking")
	known := headOf(t, s)
	e, value := must(record.DecodeEntry(get(t, s, logKey(1)).Value)), get(t, s, lockKey("tangerine", "prod")).Value
	e.Record, value = bytes.ReplaceAll(e.Record, []byte("UANA"), []byte("UEVE")), bytes.ReplaceAll(value, []byte("UANA"), []byte("UEVE"))
	end := s.origin().past(e, 1)
	put(t, s, kv.Entry{Key: logKey(1), Value: e.Encode()}, kv.Entry{Key: endKey, Value: []byte(end.String())}, kv.Entry{Key: lockKey("tangerine", "prod"), Value: value})
	verifies(t, s)
	wantErr(t, s.Holds(t.Context(), known), ErrDiverged)
}

// Locks that were last changed before there were records of them are no damage. What
// was kept of their past comes into the record with the next change, and once.
func TestLocksFromBeforeThereWereRecords(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	begin(t, s, start("o", "web"))
	put(t, s, kv.Entry{Key: lockKey("tangerine", "prod"), Value: []byte(`{"v":1,"retailer":"tangerine","environment":"prod","all":[],"past":[` +
		`{"at":"2026-11-21T02:00:00Z","by":{"id":"UANA","name":"Ana"},"lock":{"by":{"id":"UANA","name":"Ana"},"reason":"long ago","at":"2026-11-21T02:00:00Z","until":"2026-11-21T03:00:00Z"}},` +
		`{"at":"2026-11-21T02:30:00Z","by":{"id":"UBOB","name":"Bob"},"lifted":true,"lock":{"by":{"id":"UANA","name":"Ana"},"reason":"long ago","at":"2026-11-21T02:00:00Z","until":"2026-11-21T03:00:00Z"}}]}`)})
	verifies(t, s)
	lockUp(t, s, "prod", "web", "stocktaking")
	unlock(t, s, "prod", "web")
	verifies(t, s)
	want := []string{"prod long ago false by Ana", "prod long ago true by Bob", "prod stocktaking false by Ana", "prod stocktaking true by Bob", "lock/tangerine/prod"}
	if got := exported(t, s); !slices.Equal(got, want) {
		t.Errorf("there is %q, want %q", got, want)
	}
	put(t, s, kv.Entry{Key: lockKey("tangerine", "prod"), Value: []byte(`{"v":1,"retailer":"tangerine","environment":"prod","all":[]}`)})
	verifies(t, s) // to what it was
}

// It is verified while locks change.
func TestVerifyAllBesideLocksFindsNothing(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 40 {
			lockUp(t, s, fmt.Sprint("env", i%5), "web", "r")
			unlock(t, s, fmt.Sprint("env", i%5), "web")
		}
	}()
	for {
		verifies(t, s)
		select {
		case <-done:
			verifies(t, s)
			if n := len(changesIn(t, s)); n != 80 {
				t.Errorf("%d changes are in the record, and 80 were made", n)
			}
			return
		default:
		}
	}
}

// Locks that are more than a record can be are refused, and nothing happens.
func TestTooManyLocksAreRefused(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	l := must(s.Locks(t.Context(), "tangerine", "prod"))
	l.All = []deployer.Lock{{Reason: strings.Repeat("x", record.RecordMax)}}
	wantErr(t, s.SetLocks(t.Context(), l, deployer.Message{}), kv.ErrTooBig)
	if end := headOf(t, s); !strings.HasPrefix(end, "0-") {
		t.Errorf("the log ends at %s", end)
	}
}
