package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// erase takes a deployment out as if it had been archived.
func erase(t *testing.T, s *Store, id string) {
	t.Helper()
	entries := recordsOf(t, s, id)
	batch := kv.Batch{Delete: []string{headKey(id), liveKey(id)}}
	for _, e := range entries {
		entry := must(record.DecodeEntry(e.Value))
		batch.Put = append(batch.Put, kv.Entry{Key: e.Key, Value: record.Entry{Link: entry.Link, Removed: entry.Digests()}.Encode()})
	}
	for _, prefix := range []string{"ix/", placePrefix, "origin/"} {
		for _, e := range scanAll(t, s, prefix) {
			if strings.HasSuffix(e.Key, "-"+id) || string(e.Value) == id {
				batch.Delete = append(batch.Delete, e.Key)
			}
		}
	}
	if err := s.kv.Commit(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

// forgeArchive appends the record of an archive that nobody has made.
func forgeArchive(t *testing.T, s *Store, r record.ArchiveRecord) {
	t.Helper()
	b := must(r.Encode())
	if err := s.kv.Commit(t.Context(), kv.Batch{Next: s.appendEntry(record.Entry{Record: b, Archive: true})}); err != nil {
		t.Fatal(err)
	}
}

// numbersOf are where the records of a deployment are in the log.
func numbersOf(t *testing.T, s *Store, id string) record.Numbers {
	t.Helper()
	return must(record.DecodeHead(get(t, s, headKey(id)).Value)).Log
}

// A deployment that was erased as if it had been archived is found, though the chain
// is whole and holds every head; with or without archives that were made.
func TestErasureAsIfArchivedIsFound(t *testing.T) {
	t.Parallel()
	for _, archived := range []bool{false, true} {
		s := openNew(t)
		aging(t, s)
		if archived {
			if _, err := s.Archive(t.Context(), dawn.AddDate(0, 0, 3), archivePath(t)); err != nil {
				t.Fatal(err)
			}
		}
		entries, known := recordsOf(t, s, "tangerine-4"), headOf(t, s)
		verifies(t, s)
		erase(t, s, "tangerine-4")
		if err := s.Holds(t.Context(), known); err != nil {
			t.Fatal(err)
		}
		err := s.VerifyAll(t.Context())
		wantSays(t, err, entries[0].Key+" to "+entries[len(entries)-1].Key, "erased")
		if n := len(strings.Split(fmt.Sprint(err), "\n")); n != 1 {
			t.Errorf("%d lines for one erasure:\n%v", n, err)
		}
		if err := (archive{s}).joinRemoved(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantSays(t, s.VerifyAll(t.Context()), entries[0].Key+" to "+entries[len(entries)-1].Key, "erased")
	}
}

// What is done to the records of archives is found, and named.
func TestDamagedRecordsOfArchivesAreFound(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	aging(t, s)
	lost := numbersOf(t, s, "tangerine-4")
	there, others := numbersOf(t, s, "tangerine-7"), numbersOf(t, s, "tangerine-6")
	if done, err := s.Archive(t.Context(), beforeAll, archivePath(t)); err != nil || done.Deployments != 4 {
		t.Fatalf("done is %+v, %v", done, err)
	}
	records, end, highest := scanAll(t, s, kv.LogPrefix+"0"), get(t, s, endKey), get(t, s, archivedNumberKey("tangerine"))
	last := records[len(records)-1]
	entry := must(record.DecodeEntry(last.Value))
	said := must(record.DecodeArchiveRecord(entry.Record))
	n := must(numberOf(last.Key))
	locks := entry
	locks.Archive, locks.Locks = false, true
	commit := entry
	commit.Archive = false
	digest := record.Entry{Link: entry.Link, Removed: entry.Digests()}
	ended := func(p point) kv.Entry { return kv.Entry{Key: endKey, Value: []byte(p.String())} }
	anew := func(e record.Entry) []kv.Entry {
		return []kv.Entry{{Key: last.Key, Value: e.Encode()}, ended(point{n - 1, e.Link}.past(e, n))}
	}
	naming := func(id string, numbers record.Numbers) func() {
		return func() { forgeArchive(t, s, record.ArchiveRecord{At: dawn, ID: id, Records: numbers}) }
	}
	damage := func(b kv.Batch) func() {
		return func() {
			if err := s.kv.Commit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, test := range map[string]struct {
		do   func()
		says []string
	}{
		"edited":            {damage(kv.Batch{Put: []kv.Entry{rewrite(t, last, said.ID, "tangerine-8")}}), []string{last.Key, "the end"}},
		"erased":            {damage(kv.Batch{Delete: []string{last.Key}}), []string{last.Key, "missing"}},
		"cut off":           {damage(kv.Batch{Delete: []string{last.Key}, Put: []kv.Entry{ended(point{n - 1, entry.Link})}}), []string{"erased"}},
		"a digest":          {damage(kv.Batch{Put: []kv.Entry{{Key: last.Key, Value: digest.Encode()}}}), []string{"the end", "erased"}},
		"a digest, anew":    {damage(kv.Batch{Put: anew(digest)}), []string{last.Key + " to " + last.Key, "erased"}},
		"of locks":          {damage(kv.Batch{Put: []kv.Entry{{Key: last.Key, Value: locks.Encode()}}}), []string{last.Key, "the end"}},
		"of locks, anew":    {damage(kv.Batch{Put: anew(locks)}), []string{last.Key, "change of locks", "erased"}},
		"a commit, anew":    {damage(kv.Batch{Put: anew(commit)}), []string{last.Key, "erased"}},
		"named twice":       {naming("tangerine-4", lost), []string{"archived twice", last.Key[:len(kv.LogPrefix)]}},
		"still there":       {naming("tangerine-7", there), []string{"tangerine-7 was archived", "still there"}},
		"still running":     {naming("tangerine-6", others), []string{"tangerine-6 was archived", "still there"}},
		"what is to come":   {naming("tangerine-8", record.Numbers(fmt.Sprint(n+2))), []string{logKey(n + 1), "before it"}},
		"names none":        {naming("tangerine-8", ""), []string{logKey(n + 1), "names no record"}},
		"no id":             {naming("tangerine", "1"), []string{logKey(n + 1), "does not end in a number"}},
		"number given back": {damage(kv.Batch{Put: []kv.Entry{{Key: highest.Key, Value: []byte("3")}}}), []string{highest.Key, "given again"}},
		"number forgotten":  {damage(kv.Batch{Delete: []string{highest.Key}}), []string{highest.Key, "given again"}},
	} {
		test.do()
		if err := s.VerifyAll(t.Context()); err == nil {
			t.Errorf("%s is not found", name)
		} else {
			wantSays(t, fmt.Errorf("%s: %w", name, err), append(test.says, s.name)...)
		}
		damage(kv.Batch{Delete: []string{logKey(n + 1)}, Put: append(slices.Clone(records), end, highest)})()
		verifies(t, s)
	}
}

// Who forges the record of an archive, too, is seen: it is listed, and has no file.
func TestArchivesAreListed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := openFile(t, path)
	aging(t, s)
	if all, err := Archives(t.Context(), s); err != nil || len(all) != 0 {
		t.Errorf("before, there are %+v, %v", all, err)
	}
	began := time.Now()
	var want []Archiving
	for _, before := range []time.Time{dawn.AddDate(0, 0, 3), beforeAll} {
		file := archivePath(t)
		lockUp(t, s, "prod", fmt.Sprint("svc", len(want)), "stocktaking")
		done, err := s.Archive(t.Context(), before, file)
		if err != nil || done.Deployments != 2 {
			t.Fatalf("done is %+v, %v", done, err)
		}
		sum := sha256.Sum256(must(os.ReadFile(file)))
		want = append(want, Archiving{SHA256: hex.EncodeToString(sum[:]), Deployments: done.Deployments, Records: done.Records})
		lockUp(t, s, "test", fmt.Sprint("svc", len(want)), "stocktaking")
		verifies(t, s)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Compact("bolt://" + path); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "b.db")
	if err := Backup(t.Context(), "bolt://"+path, copied); err != nil {
		t.Fatal(err)
	}
	s = openFile(t, copied)
	verifies(t, s)
	numbers := numbersOf(t, s, "tangerine-7")
	erase(t, s, "tangerine-7")
	if err := s.VerifyAll(t.Context()); err == nil {
		t.Error("the erasure is not found")
	}
	forgeArchive(t, s, record.ArchiveRecord{At: dawn, ID: "tangerine-5", Records: numbers})
	want = append(want, Archiving{At: dawn, SHA256: strings.Repeat("00", 32), Deployments: 1, Records: len(must(numbers.All()))})
	all, err := Archives(t.Context(), s)
	for i := range all {
		if i < 2 && (all[i].At.Before(began.Add(-time.Second)) || all[i].At.After(time.Now())) {
			t.Errorf("%+v is not of now", all[i])
		}
		if i < 2 {
			all[i].At = time.Time{}
		}
	}
	if err != nil || !slices.EqualFunc(all, want, func(a, b Archiving) bool {
		return a.At.Equal(b.At) && a.SHA256 == b.SHA256 && a.Deployments == b.Deployments && a.Records == b.Records
	}) {
		t.Errorf("it lists %+v, %v\nwant %+v", all, err, want)
	}
}

// It is verified while deployments are archived.
func TestVerifyAllBesideArchiveFindsNothing(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	aging(t, s)
	file := archivePath(t)
	done := make(chan error, 1)
	go func() {
		_, err := s.Archive(t.Context(), beforeAll, file)
		done <- err
	}()
	for {
		verifies(t, s)
		select {
		case err := <-done:
			verifies(t, s)
			if all, err2 := Archives(t.Context(), s); err != nil || err2 != nil || len(all) != 1 || all[0].Deployments != 4 {
				t.Errorf("archived is %+v, %v", all, errors.Join(err, err2))
			}
			return
		default:
		}
	}
}

// The record of an archive is in no history.
func TestRecordOfAnArchiveIsOfNoDeployment(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	begin(t, s, start("o", "web")).resolve()
	e := recordsOf(t, s, "tangerine-1")[1]
	entry := must(record.DecodeEntry(e.Value))
	entry.Archive = true
	put(t, s, kv.Entry{Key: e.Key, Value: entry.Encode()})
	wantSays(t, s.Verify(t.Context(), "tangerine-1"), e.Key, "about an archive")
}
