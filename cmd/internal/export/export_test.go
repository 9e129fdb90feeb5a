package export_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/cmd/internal/export"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/report"
	"github.com/stationmaster/stationmaster/store"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

// walks makes a store of the journals of random walks of a file, as the store's tests have
// them: keys and values, a line of JSON each.
func walks(t *testing.T, name string) (path string) {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", "store", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var entries []kv.Entry
	for lines := json.NewDecoder(unpacked); lines.More(); {
		var e struct{ Key, Value, Bytes string }
		if err := lines.Decode(&e); err != nil {
			t.Fatal(err)
		}
		value := []byte(e.Value)
		for _, c := range e.Bytes {
			value = append(value, byte(c))
		}
		entries = append(entries, kv.Entry{Key: e.Key, Value: value})
	}
	path = filepath.Join(t.TempDir(), "s.db")
	put(t, path, entries...)
	return path
}

func put(t *testing.T, path string, entries ...kv.Entry) {
	t.Helper()
	db, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for some := range slices.Chunk(entries, kv.OpsMax) {
		if err := db.Commit(t.Context(), kv.Batch{Put: some}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// within looks into a store, and closes it.
func within(t *testing.T, path string, look func(*store.Store)) {
	t.Helper()
	s, err := store.Open(t.Context(), "bolt://"+path)
	if err != nil {
		t.Fatal(err)
	}
	look(s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, path string, which export.Selection, format report.Format) (string, export.Done) {
	t.Helper()
	var out bytes.Buffer
	done, err := export.Write(t.Context(), app.Config{Store: "bolt://" + path}, which, format, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), done
}

// Journals of random walks come to the same events as JSON Lines and as CSV, all of them, and
// to a page each.
func TestRandomJournalsAreExportedWhole(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"walks2.jsonl.gz", "walks4.jsonl.gz"} {
		path := walks(t, name)
		var want, have []string
		within(t, path, func(s *store.Store) { want = written(t, s) })
		lines, done := write(t, path, export.Selection{}, report.JSONLines)
		if done.Events != len(want) || done.Deployments < 20 || done.Broken != nil {
			t.Errorf("%s: %d events of %d deployments were written, want %d: %v", name, done.Events, done.Deployments, len(want), done.Broken)
		}
		table, _ := write(t, path, export.Selection{}, report.CSV)
		rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(strings.TrimSpace(lines), "\n") {
			var e report.Entry
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			have = append(have, fmt.Sprintf("%s %d %s %s", e.Deployment, e.Event, e.Hash, e.Prev))
			same(t, line, rows[0], rows[i+1])
		}
		if !slices.Equal(have, want) || len(rows) != len(want)+1 {
			t.Errorf("%s: %d events and %d rows, want %d", name, len(have), len(rows)-1, len(want))
		}
		pages, _ := write(t, path, export.Selection{}, report.Markdown)
		if n := strings.Count(pages, "\n## The record\n"); n != done.Deployments {
			t.Errorf("%s: there are %d pages of %d deployments", name, n, done.Deployments)
		}
	}
}

// written are the events of a store by deployment, number and hashes.
func written(t *testing.T, s *store.Store) (out []string) {
	t.Helper()
	for _, d := range all(t, s) {
		records, err := s.Trail(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			for i := range r.Events {
				out = append(out, fmt.Sprintf("%s %d %s %s", d.ID, r.Seq+i, r.Hash, r.Prev))
			}
		}
	}
	return out
}

// all are the deployments of a store, the first one first.
func all(t *testing.T, s *store.Store) (out []deployer.Summary) {
	t.Helper()
	for q := (deployer.Query{Limit: 7}); ; q.Before = out[len(out)-1].ID {
		list, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if out = append(out, list...); len(list) < q.Limit {
			slices.Reverse(out)
			return out
		}
	}
}

// same holds the cells of a row against a line of JSON.
func same(t *testing.T, line string, header, row []string) {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "seen")
	for i, name := range header {
		want, ok := fields[name]
		if cell := strings.TrimPrefix(row[i], "'"); name != "seen" && (ok && fmt.Sprint(want) != cell || !ok && cell != "") {
			t.Fatalf("%s is %q in a row, and %v in %s", name, cell, want, line)
		}
		delete(fields, name)
	}
	if len(fields) > 0 {
		t.Fatalf("no row has %v", fields)
	}
}

// A span has what was created from its beginning on and before its end.
func TestASpanHasWhatWasCreatedInIt(t *testing.T) {
	t.Parallel()
	path := walks(t, "walks4.jsonl.gz")
	var list []deployer.Summary
	within(t, path, func(s *store.Store) { list = all(t, s) })
	first, last := list[3].Created, list[9].Created
	want := 0
	for _, d := range list {
		if !d.Created.Before(first) && d.Created.Before(last) {
			want++
		}
	}
	for _, c := range []struct {
		since, until time.Time
		want         int
	}{{first, last, want}, {time.Time{}, time.Time{}, len(list)}, {last.AddDate(1, 0, 0), time.Time{}, 0}, {time.Time{}, list[0].Created, 0}} {
		if _, done := write(t, path, export.Selection{Since: c.since, Until: c.until}, report.Markdown); done.Deployments != c.want {
			t.Errorf("from %s to %s there are %d, want %d", c.since, c.until, done.Deployments, c.want)
		}
	}
	if want == 0 {
		t.Error("the span is empty")
	}
}

// Where a record is not what was written, those before are there, and it is said.
func TestBrokenRecordsAreWrittenAsFarAsTheyCanBeTrusted(t *testing.T) {
	t.Parallel()
	path := walks(t, "walks4.jsonl.gz")
	var id string
	var records []deployer.Record
	within(t, path, func(s *store.Store) {
		for _, d := range all(t, s) {
			if all, err := s.Trail(t.Context(), d.ID); err != nil {
				t.Fatal(err)
			} else if len(all) > len(records) {
				id, records = d.ID, all
			}
		}
	})
	alter(t, path, id)
	text, done := write(t, path, export.Selection{ID: id}, report.JSONLines)
	if len(done.Broken) != 1 || !strings.Contains(text, `"kind":"broken"`) || !strings.Contains(text, `"event":1,"kind":"created"`) {
		t.Errorf("of what is broken it says %v:\n%s", done.Broken, text)
	}
	if page, _ := write(t, path, export.Selection{ID: id}, report.Markdown); !strings.Contains(page, "**The record is broken:**") {
		t.Errorf("the page does not say that the record is broken:\n%s", page)
	}
}

// alter changes the last record that names a deployment.
func alter(t *testing.T, path, id string) {
	t.Helper()
	db, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var e kv.Entry
	entries, err := db.Scan(t.Context(), kv.LogPrefix, "", kv.ScanMax)
	for _, one := range entries {
		if strings.Contains(string(one.Value), id) {
			e = one
		}
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if len(e.Value) == 0 {
		t.Fatalf("no record names %s", id)
	}
	e.Value[len(e.Value)-1] ^= 1
	put(t, path, e)
}

// What can't be written, or was broken off, is said.
func TestWhatCanNotBeWrittenIsSaid(t *testing.T) {
	t.Parallel()
	path := walks(t, "walks4.jsonl.gz")
	cfg := app.Config{Store: "bolt://" + path}
	if _, err := export.Write(t.Context(), cfg, export.Selection{}, report.CSV, full{}); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("of a full disk it says %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := export.Write(ctx, cfg, export.Selection{}, report.CSV, io.Discard); err == nil {
		t.Error("it goes on after it was broken off")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
