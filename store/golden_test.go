package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

// openGolden opens a copy of a store that an older program has written; testdata/README.md says which.
func openGolden(t *testing.T, name string) *Store {
	t.Helper()
	return openFile(t, unpack(t, name))
}

// unpack returns the path of a copy.
func unpack(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.db")
	if err := os.WriteFile(path, inflate(t, name+".db.gz"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func inflate(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// openLines opens a store with the keys and values of a file of JSON Lines, as they were. A value that is no text
// is there as bytes: each is the character of its number.
func openLines(t *testing.T, name string) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.db")
	db, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var entries []kv.Entry
	for lines := bufio.NewReader(bytes.NewReader(inflate(t, name))); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		var e struct{ Key, Value, Bytes string }
		if err := errors.Join(err, json.Unmarshal(line, &e)); err != nil {
			t.Fatal(err)
		}
		value := []byte(e.Value)
		for _, c := range e.Bytes {
			value = append(value, byte(c))
		}
		entries = append(entries, kv.Entry{Key: e.Key, Value: value})
	}
	for some := range slices.Chunk(entries, kv.OpsMax) {
		if err := db.Commit(t.Context(), kv.Batch{Put: some}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return openFile(t, path)
}

// listAll lists every deployment, the newest first.
func listAll(t *testing.T, s *Store) []deployer.Summary {
	t.Helper()
	var all []deployer.Summary
	for q := (deployer.Query{Limit: 7}); ; q.Before = all[len(all)-1].ID {
		page, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < q.Limit {
			return all
		}
	}
}

// wantStates holds what every deployment has come to, and what was wanted after each of its commits, against a file.
func wantStates(t *testing.T, s *Store, file string, names map[string]string) {
	t.Helper()
	var b sheet
	all := listAll(t, s)
	slices.SortFunc(all, func(a, b deployer.Summary) int { return strings.Compare(headKey(b.ID), headKey(a.ID)) })
	for _, x := range all {
		d, err := s.Load(t.Context(), x.ID)
		if err != nil {
			t.Fatal(err)
		}
		trail, err := s.Trail(t.Context(), x.ID)
		if err != nil {
			t.Fatal(err)
		}
		last := trail[len(trail)-1].At
		b.line(0, x.ID, names[x.ID])
		b.state(d)
		b.next(d, last)
		b.line(1, "commit by commit:")
		var then deployer.Deployment
		for i, r := range trail {
			then = deployer.Fold(then, r.Events...)
			b.moment(i+1, then, r.At)
		}
	}
	goldentest.Compare(t, filepath.Join("testdata", file), []byte(b.String()))
}

// A store that the program of commit 73eee63 has written shows what it showed there.
func TestSchema1StoreShowsWhatItHas(t *testing.T) {
	t.Parallel()
	s := openGolden(t, "schema1")
	names := map[string]string{}
	for _, line := range readLines(t, "schema1.names.txt") {
		id, name, _ := strings.Cut(line, ": ")
		names[id] = name
	}
	wantStates(t, s, "schema1.states.txt", names)
	all := listAll(t, s)
	if len(all) != len(names) {
		t.Errorf("%d deployments are listed, %d were written", len(all), len(names))
	}

	var b sheet
	procedures := map[string]deployer.Procedure{}
	for _, x := range all {
		b.summary(x)
		d, err := s.Load(t.Context(), x.ID)
		if err != nil {
			t.Fatal(err)
		}
		procedures[d.Procedure.SHA] = d.Procedure
	}
	for _, q := range []deployer.Query{{Site: deployer.Site{Name: "plum"}}, {Site: deployer.Site{Environment: "test"}}, {Service: "api"}, {Site: deployer.Site{Name: "plum", Environment: "prod"}, Service: "web"}} {
		page, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		b.line(0, fmt.Sprintf("of %q %q %q:", q.Site.Name, q.Site.Environment, q.Service), strings.Join(words(page, func(x deployer.Summary) string { return x.ID }), " "))
	}
	goldentest.Compare(t, "testdata/schema1.list.txt", []byte(b.String()))

	b = sheet{}
	for _, sha := range slices.Sorted(maps.Keys(procedures)) {
		b.procedure(procedures[sha])
	}
	goldentest.Compare(t, "testdata/schema1.procedures.txt", []byte(b.String()))
}

// What waits to be sent, and what is locked, is not lost with the layout.
func TestSchema1StoreKeepsWhatWaitsAndWhatIsLocked(t *testing.T) {
	t.Parallel()
	s := openGolden(t, "schema1")
	var b sheet
	waiting, err := s.Messages(t.Context(), "", kv.ScanMax)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range waiting {
		b.message(m)
	}
	all, err := s.AllLocks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		b.locks(l)
		one, err := s.Locks(t.Context(), l.Site.Name, l.Site.Environment)
		if err != nil || one.Rev != l.Rev || len(one.All) != len(l.All) {
			t.Errorf("%s %s has the locks %+v, %v", l.Site.Name, l.Site.Environment, one, err)
		}
	}
	goldentest.Compare(t, "testdata/schema1.outbox.txt", []byte(b.String()))
}

// Who lives, and holds which place, is as it was; nothing that was given is given again.
func TestSchema1StoreKeepsPlacesIdsAndOrigins(t *testing.T) {
	t.Parallel()
	s := openGolden(t, "schema1")
	var live []string
	places, last := map[string]string{}, map[string]int64{}
	for _, x := range listAll(t, s) {
		d, err := s.Load(t.Context(), x.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !d.Status.Ended() {
			live = append(live, d.ID)
			for _, p := range d.Places() {
				places[p] = d.ID
			}
		}
		if id, err := s.Started(t.Context(), d.Origin); err != nil || id != d.ID {
			t.Errorf("%s has started %q, %v, want %s", d.Origin, id, err, d.ID)
		}
		if err := s.Verify(t.Context(), d.ID); err != nil {
			t.Error(err)
		}
		prefix, n, err := number(d.ID)
		if err != nil {
			t.Fatal(err)
		}
		last[prefix] = max(last[prefix], n)
	}
	got, err := s.Live(t.Context())
	slices.Sort(got)
	slices.Sort(live)
	if err != nil || !slices.Equal(got, live) || len(live) < 40 {
		t.Errorf("live are %v, %v\nwant %v", got, err, live)
	}
	asked := append(slices.Collect(maps.Keys(places)), "guava/prod/web", "tangerine/prod/done", "tangerine/prod/web2", "free/prod/web")
	if holders, err := s.Holders(t.Context(), asked); err != nil || !maps.Equal(holders, places) {
		t.Errorf("holders are %v, %v\nwant %v", holders, err, places)
	}
	for prefix, n := range last {
		if id, err := s.Allocate(t.Context(), prefix); err != nil || id != fmt.Sprintf("%s-%d", prefix, n+1) {
			t.Errorf("after %s-%d comes %q, %v", prefix, n, id, err)
		}
	}
}

// Journals of older programs fold to what they came to there, and the same is to be done next. A commit that changes
// a line of the file names the fault that it mends.
func TestOlderJournalsComeToWhatTheyCameTo(t *testing.T) {
	t.Parallel()
	wantStates(t, openLines(t, "walks.jsonl.gz"), "walks.states.txt", nil)
}

// So do those of a store of schema 2, which is proved as it stands, with its links and packed.
func TestJournalsOfSchema2ComeToWhatTheyCameTo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"walks2", "walks3", "walks4", "approvals", "walks5"} {
		s := openLines(t, name+".jsonl.gz")
		if err := s.VerifyAll(t.Context()); err != nil {
			t.Error(err)
		}
		wantStates(t, s, name+".states.txt", nil)
	}
}

func readLines(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}
