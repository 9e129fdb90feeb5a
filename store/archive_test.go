package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// sent discards what waits about a deployment.
func (c *fixture) sent() *fixture {
	c.Helper()
	for _, m := range c.messages() {
		if m.Deployment == c.d.ID {
			if err := c.s.Discard(c.Context(), m); err != nil {
				c.Fatal(err)
			}
		}
	}
	return c
}

// aging fills a store with deployments, one a day, and returns the heads that
// there were: tangerine-1 to 4 ended and were told of, 5 waits to be told of, 6
// runs, 7 is ended.
func aging(t *testing.T, s *Store) (heads []string) {
	t.Helper()
	log := strings.Repeat("no UTF-8: \xff\xfe\n", 300)
	for i := 1; i <= 7; i++ {
		c := &fixture{TB: t, s: s, now: dawn.AddDate(0, 0, i)}
		c.do(deployer.Order{By: ana, Nonce: origin(i), Command: start(origin(i), fmt.Sprint("svc", i))})
		heads = append(heads, headOf(t, s))
		switch {
		case i == 6:
			continue
		case i == 2:
			c.resolve()
			c.approve()
			c.announce()
			c.rollOut(deployer.Outcome{Result: deployer.Failed, Why: "crash", Detail: log})
			c.do(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		default:
			c.finish()
		}
		for i == 3 && c.d.Seq < 150 { // more than one commit takes out
			c.hear()
		}
		if i != 5 {
			c.sent()
		}
		heads = append(heads, headOf(t, s))
	}
	return heads
}

var beforeAll = dawn.AddDate(0, 0, 7) // of those of aging: all but the last

func archivePath(t *testing.T) string { return filepath.Join(t.TempDir(), "archive.jsonl") }

func TestArchivedDeploymentsLeaveTheChainWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := openFile(t, path)
	heads := aging(t, s)
	before := must(s.List(t.Context(), deployer.Query{}))
	file := archivePath(t)
	done, err := s.Archive(t.Context(), beforeAll, file)
	if err != nil || done.Deployments != 4 || done.Records < 150 || len(done.Skipped) != 2 {
		t.Fatalf("done is %+v, %v", done, err)
	}
	wantSays(t, errors.New(strings.Join(done.Skipped, "; ")), "tangerine-5: something may still happen", "message", "tangerine-6")
	if _, err := s.Archive(t.Context(), beforeAll, file); !errors.Is(err, os.ErrExist) {
		t.Errorf("an archive is written over: %v", err)
	}
	wantArchived(t, s, heads, before)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openFile(t, path)
	wantArchived(t, s, heads, before)
	wantWholeArchive(t, map[string]bool{"tangerine-1": true, "tangerine-2": true, "tangerine-3": true, "tangerine-4": true}, file)

	// What is archived is in few entries, and is not archived again.
	removed := 0
	for _, e := range scanAll(t, s, kv.LogPrefix+"0") {
		if must(record.DecodeEntry(e.Value)).Removed != nil {
			removed++
		}
	}
	if removed > done.Records/blockLen+8 {
		t.Errorf("%d records are in %d entries", done.Records, removed)
	}
	again, err := s.Archive(t.Context(), beforeAll, archivePath(t))
	if err != nil || again.Deployments != 0 {
		t.Errorf("again it is %+v, %v", again, err)
	}

	// And an edit of what is left is found as before.
	put(t, s, rewrite(t, recordsOf(t, s, "tangerine-7")[2], `"UANA"`, `"UEVE"`))
	if err := s.VerifyAll(t.Context()); err == nil {
		t.Error("an edit is not found")
	}
}

// wantArchived: the first four of aging are archived, the others as they were.
func wantArchived(t *testing.T, s *Store, heads []string, before []deployer.Summary) {
	t.Helper()
	ctx := t.Context()
	verifies(t, s)
	for _, head := range heads {
		if err := s.Holds(ctx, head); err != nil {
			t.Errorf("%s: %v", head, err)
		}
	}
	list, err := s.List(ctx, deployer.Query{})
	if err != nil || len(list) != 3 || fmt.Sprint(list) != fmt.Sprint(before[:3]) {
		t.Errorf("it lists %v, %v, want the first of %v", list, err, before)
	}
	for _, d := range before {
		gone := d.Created.Before(dawn.AddDate(0, 0, 5))
		if _, err := s.Load(ctx, d.ID); gone != errors.Is(err, deployer.ErrNotFound) || !gone && err != nil {
			t.Errorf("%s: %v", d.ID, err)
		}
		if list, err := s.List(ctx, deployer.Query{Service: d.Releases[0].Service}); err != nil || (len(list) == 0) != gone {
			t.Errorf("of %s it lists %v, %v", d.Releases[0].Service, list, err)
		}
	}
	for i := 1; i <= 7; i++ { // what was started once is not started again
		if id, err := s.Started(ctx, origin(i)); err != nil || id != fmt.Sprint("tangerine-", i) {
			t.Errorf("%s has started %q, %v", origin(i), id, err)
		}
	}
	if live, err := s.Live(ctx); err != nil || !slices.Equal(live, []string{"tangerine-6"}) {
		t.Errorf("live are %v, %v", live, err)
	}
	for _, prefix := range []string{gonePrefix} {
		if left := scanAll(t, s, prefix); len(left) > 0 {
			t.Errorf("there is %v", left)
		}
	}
}

// wantWholeArchive: in some archives together each deployment is whole, and
// provable from the file alone.
func wantWholeArchive(t *testing.T, want map[string]bool, files ...string) {
	t.Helper()
	got := map[string]bool{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blobs, hash, w := map[string]string{}, "", walk{}
		w.aside.Fetch = func(sha string) ([]byte, error) { return []byte(blobs[blobKey(sha)]), nil }
		for text := range bytes.Lines(b) {
			var l line
			if err := json.Unmarshal(text, &l); err != nil {
				t.Fatal(err)
			}
			switch {
			case l.Link != "":
				c, err := record.DecodeCommit(l.Record, w.aside)
				if err != nil || c.Prev != hash && c.Seq > 1 {
					t.Fatalf("%s in %s: %v", l.Key, file, err)
				}
				hash = record.SumOf(l.Record).String()
			case l.Record != nil:
				head, err := record.DecodeHead(l.Record)
				if err != nil || head.Hash != hash {
					t.Fatalf("%s in %s: %v", l.Key, file, err)
				}
				got[head.Summary.ID] = true
			default:
				blobs[l.Key] = l.Text + string(l.Bytes)
			}
		}
	}
	for id := range want {
		if !got[id] {
			t.Errorf("%s is in none of %q", id, files)
		}
	}
}

// What an export shows of a deployment is what an archive has of it.
func TestExportIsWhatAnArchiveHas(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	aging(t, s)
	var all bytes.Buffer
	for _, id := range []string{"tangerine-2", "tangerine-6"} {
		if err := s.Export(t.Context(), id, &all); err != nil {
			t.Fatal(err)
		}
	}
	file := archivePath(t)
	if err := os.WriteFile(file, all.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	wantWholeArchive(t, map[string]bool{"tangerine-2": true, "tangerine-6": true}, file)
	wantErr(t, s.Export(t.Context(), "tangerine-9", &all), deployer.ErrNotFound)
}

// Broken off at any commit, an archive can be made again, and nothing is lost.
func TestBrokenOffArchiveIsMadeAgain(t *testing.T) {
	slowtest.Only(t, "an archive broken off at every write")
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := openFile(t, path)
	heads := aging(t, s)
	before := must(s.List(t.Context(), deployer.Query{}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, lands := range []bool{true, false} {
		for last := int64(1); ; last++ {
			again := filepath.Join(t.TempDir(), "s.db")
			if err := os.WriteFile(again, must(os.ReadFile(path)), 0o600); err != nil {
				t.Fatal(err)
			}
			db := must(bolt.Open(again))
			f := &fake{KV: db}
			broken := must(open(t.Context(), f, again))
			f.commits.Store(0)
			f.end = func(n int64, _ kv.Batch) (bool, error) {
				switch {
				case n < last:
					return true, nil
				case n == last:
					return lands, fmt.Errorf("killed: %w", kv.ErrUnknown)
				}
				return false, errors.New("it is dead")
			}
			first, next := archivePath(t), archivePath(t)
			_, err := broken.Archive(t.Context(), beforeAll, first)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			s := openFile(t, again)
			verifies(t, s)
			if _, err := s.Archive(t.Context(), beforeAll, next); err != nil {
				t.Fatal(err)
			}
			wantArchived(t, s, heads, before)
			wantWholeArchive(t, map[string]bool{"tangerine-1": true, "tangerine-2": true, "tangerine-3": true, "tangerine-4": true}, first, next)
			if err == nil {
				if last < 10 {
					t.Errorf("there were but %d commits", last)
				}
				break
			}
		}
	}
}

// No number is given again, though the deployment that had it is archived.
func TestArchivedNumberIsNotGivenAgain(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	for i := range 3 {
		begin(t, s, start(origin(i), "web")).do(deployer.Order{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
		(&fixture{TB: t, s: s, d: must(s.Load(t.Context(), fmt.Sprint("tangerine-", i+1)))}).sent()
	}
	if done, err := s.Archive(t.Context(), dawn.Add(time.Hour), archivePath(t)); err != nil || done.Deployments != 3 {
		t.Fatalf("done is %+v, %v", done, err)
	}
	allocate(t, second(t, s), "tangerine", "tangerine-4")
	c := &fixture{TB: t, s: s, now: dawn}
	wantErr(t, c.try(deployer.Order{By: ana, Nonce: "n", Command: start(origin(1), "web")}), deployer.ErrConflict)
	verifies(t, s)
}

// To whom something happens while the file is read back stays; so does who can't
// be read.
func TestChangedDeploymentIsNotArchived(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	aging(t, s)
	put(t, s, rewrite(t, recordsOf(t, s, "tangerine-1")[1], `"at":"2`, `"at":"1`))
	f := wrap(s)
	var late *fixture
	f.end = func(n int64, b kv.Batch) (bool, error) {
		if late == nil && len(b.Delete) > 2 && b.Delete[0] == headKey("tangerine-4") {
			late = &fixture{TB: t, s: &Store{kv: f.KV, id: s.id, name: s.name}, now: dawn}
			late.d = must(late.s.Load(t.Context(), "tangerine-4"))
			late.hear()
			late.sent()
		}
		return true, nil
	}
	done, err := s.Archive(t.Context(), beforeAll, archivePath(t))
	if err != nil || done.Deployments != 2 || len(done.Skipped) != 3 {
		t.Fatalf("done is %+v, %v", done, err)
	}
	wantSays(t, errors.New(strings.Join(done.Skipped, "; ")), "tangerine-1: read", logKey(2))
	if d, err := s.Load(t.Context(), "tangerine-4"); err != nil || d.Seq != late.d.Seq {
		t.Errorf("it is at event %d, %v", d.Seq, err)
	}
}
