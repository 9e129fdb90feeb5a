package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

func headOf(t testing.TB, s *Store) string {
	t.Helper()
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func put(t testing.TB, s *Store, entries ...kv.Entry) {
	t.Helper()
	if err := s.kv.Commit(t.Context(), kv.Batch{Put: entries}); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, s *Store, key string) kv.Entry {
	t.Helper()
	got, err := s.kv.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return got[0]
}

func verifies(t testing.TB, s *Store) {
	t.Helper()
	if err := s.VerifyAll(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Every head that there was is held for good, and nothing else is.
func TestEveryHeadIsHeldForGood(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	heads := []string{headOf(t, s)}
	for i := range 5 {
		c := begin(t, s, start(origin(i), fmt.Sprint("svc", i)))
		heads = append(heads, headOf(t, s))
		c.finish()
		heads = append(heads, headOf(t, s))
	}
	last := heads[len(heads)-1]
	if n, _, _ := strings.Cut(last, "-"); n != fmt.Sprint(5*len(recordsOf(t, s, "tangerine-1"))) {
		t.Errorf("the last head is %s", last)
	}
	for _, s := range []*Store{s, second(t, s)} {
		for _, head := range heads {
			if err := s.Holds(t.Context(), head); err != nil {
				t.Errorf("%s: %v", head, err)
			}
		}
		verifies(t, s)
	}
	_, sum, _ := strings.Cut(last, "-")
	wantErr(t, s.Holds(t.Context(), "1-"+sum), ErrDiverged)
	for _, none := range []string{"", "xyz", "1", "1-short", "-1-" + sum, "01-" + sum} {
		wantErr(t, s.Holds(t.Context(), none), ErrNoHead)
	}
	other := openNew(t)
	if other.ID() == s.ID() || other.ID() == "" || s.ID() != second(t, s).ID() {
		t.Errorf("the ids are %q and %q", s.ID(), other.ID())
	}
	wantErr(t, s.Holds(t.Context(), headOf(t, other)), ErrDiverged)
	err := s.Holds(t.Context(), "9999-"+sum)
	wantErr(t, err, ErrDiverged)
	wantSays(t, err, s.name, "older than what is known", "9999")
	for _, nonsense := range []string{"", "5", "-5-" + sum, "05-" + sum, "5-" + sum + "x"} {
		if err := s.Holds(t.Context(), nonsense); err == nil || errors.Is(err, ErrDiverged) {
			t.Errorf("%q: %v", nonsense, err)
		}
	}
}

// forge changes a record and chains everything behind it anew, as somebody
// would who knows how.
func forge(t *testing.T, s *Store, id string, n int, from, to string) {
	t.Helper()
	entries := recordsOf(t, s, id)
	put(t, s, rewrite(t, entries[n], from, to))
	hash := ""
	for _, e := range recordsOf(t, s, id) {
		entry, err := record.DecodeEntry(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		fields := map[string]json.RawMessage{}
		if err := json.Unmarshal(entry.Record, &fields); err != nil {
			t.Fatal(err)
		}
		if old, ok := fields["prev"]; ok {
			entry.Record = bytes.Replace(entry.Record, bytes.Trim(old, `"`), []byte(hash), 1)
		}
		hash = record.SumOf(entry.Record).String()
		put(t, s, kv.Entry{Key: e.Key, Value: entry.Encode()})
	}
	head, err := record.DecodeHead(get(t, s, headKey(id)).Value)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, kv.Entry{Key: headKey(id), Value: bytes.Replace(get(t, s, headKey(id)).Value, []byte(head.Hash), []byte(hash), 1)})
	at := s.origin()
	for n := int64(1); ; n++ {
		e := get(t, s, logKey(n))
		if e.Rev == 0 {
			break
		}
		put(t, s, kv.Entry{Key: e.Key, Value: record.Relink(e.Value, at.sum)})
		entry, err := record.DecodeEntry(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		at = at.past(entry, at.n+1)
	}
	put(t, s, kv.Entry{Key: endKey, Value: []byte(at.String())})
}

// An edit that is chained anew is found with a head from after it that was kept
// elsewhere, whatever was rewritten.
func TestForgedChainIsFoundByAHeadFromBefore(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	begin(t, s, start("p", "api"))
	c := begin(t, s, start("o", "web"))
	c.resolve()
	before := headOf(t, s)
	c.approve()
	between := headOf(t, s)
	c.announce()
	begin(t, s, start("q", "db"))
	last := headOf(t, s)
	forge(t, s, c.d.ID, 3, `"UBOB"`, `"UEVE"`)
	z := second(t, s)
	verifies(t, z)
	d, err := z.Load(t.Context(), c.d.ID)
	if err != nil || d.Step("approve").Approvals[0].By.ID != "UEVE" {
		t.Fatalf("the forgery is not what it should be: %+v, %v", d.Step("approve"), err)
	}
	if err := z.Holds(t.Context(), before); err != nil {
		t.Errorf("what came before the edit is as it was, and yet: %v", err)
	}
	for _, head := range []string{between, last} {
		err := z.Holds(t.Context(), head)
		wantErr(t, err, ErrDiverged)
		wantSays(t, err, s.name, "was changed")
	}
}

// A deployment that is erased leaves a trace, with its indexes or without.
func TestErasedDeploymentIsFound(t *testing.T) {
	t.Parallel()
	for _, all := range []bool{true, false} {
		s := openNew(t)
		begin(t, s, start("p", "api")).finish()
		c := begin(t, s, start("o", "web"))
		c.finish()
		begin(t, s, start("q", "db")).finish()
		keys := []string{headKey(c.d.ID), originKey("o")}
		missing := keys[0]
		if all {
			records := recordsOf(t, s, c.d.ID)
			missing = records[0].Key
			for _, e := range records {
				keys = append(keys, e.Key)
			}
			for _, prefix := range []string{allPrefix, envPrefix, "ix/service/"} {
				for _, e := range scanAll(t, s, prefix) {
					if strings.HasSuffix(e.Key, c.d.ID) {
						keys = append(keys, e.Key)
					}
				}
			}
		}
		if err := s.kv.Commit(t.Context(), kv.Batch{Delete: keys}); err != nil {
			t.Fatal(err)
		}
		wantSays(t, second(t, s).VerifyAll(t.Context()), missing, "missing")
	}
}

func scanAll(t testing.TB, s *Store, prefix string) []kv.Entry {
	t.Helper()
	all, err := s.kv.Scan(t.Context(), prefix, "", kv.ScanMax)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// An older head that is put back is found, though it names what the log has: what
// came after it is in no history.
func TestOlderHeadIsFound(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.resolve()
	head := get(t, s, headKey(c.d.ID))
	c.approve()
	begin(t, s, start("p", "api"))
	put(t, s, head)
	z := second(t, s)
	if d, err := z.Load(t.Context(), c.d.ID); err != nil || len(d.Step("approve").Approvals) > 0 {
		t.Fatalf("the older head is not what it should be: %v", err)
	}
	wantSays(t, z.VerifyAll(t.Context()), logKey(3), head.Key, c.d.ID)
}

// The same of what was carried over from schema 1, whose records do not say whose
// they are.
func TestOlderHeadOfSchema1IsFound(t *testing.T) {
	t.Parallel()
	s := openFile(t, old(t, stored(t, "schema1")))
	const id = "tangerine-5"
	records := recordsOf(t, s, id)
	head := must(record.DecodeHead(get(t, s, headKey(id)).Value))
	cut := records[len(records)-2]
	entry := must(record.DecodeEntry(cut.Value))
	commit := must(record.DecodeCommit(entry.Record, s.aside(t.Context())))
	numbers := must(head.Log.All())
	head.Log, head.Seq, head.Hash = "", commit.Seq+len(commit.Events)-1, record.SumOf(entry.Record).String()
	last := int64(0)
	for _, n := range numbers[:len(numbers)-1] {
		head.Log, last = head.Log.Add(last, n), n
	}
	put(t, s, kv.Entry{Key: headKey(id), Value: must(head.Encode())})
	if err := s.VerifyAll(t.Context()); err == nil {
		t.Error("nothing is found")
	}
}

// The end of the log is cut off, with what says where it was.
func TestEndCutOffIsFound(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.resolve()
	end := get(t, s, endKey)
	c.approve()
	last := recordsOf(t, s, c.d.ID)[3]
	if err := s.kv.Commit(t.Context(), kv.Batch{Delete: []string{last.Key}}); err != nil {
		t.Fatal(err)
	}
	wantSays(t, s.VerifyAll(t.Context()), last.Key, "missing")
	put(t, s, last)
	put(t, s, kv.Entry{Key: endKey, Value: end.Value})
	if err := s.VerifyAll(t.Context()); err == nil {
		t.Error("an end before the last record is taken for it")
	}
	if err := s.kv.Commit(t.Context(), kv.Batch{Delete: []string{endKey}}); err != nil {
		t.Fatal(err)
	}
	wantSays(t, s.VerifyAll(t.Context()), endKey, "missing")
}

// An older file that is put back does not hold what is known of the newer one.
func TestOlderFileIsFound(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := openFile(t, path)
	c := begin(t, s, start("o", "web"))
	c.resolve()
	known := headOf(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	older, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c.s = openFile(t, path)
	c.approve()
	newer := headOf(t, c.s)
	if err := c.s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, older, 0o600); err != nil {
		t.Fatal(err)
	}
	s = openFile(t, path)
	verifies(t, s)
	if err := s.Holds(t.Context(), known); err != nil {
		t.Error(err)
	}
	wantErr(t, s.Holds(t.Context(), newer), ErrDiverged)
	// And it stays so, when the older one goes on by itself.
	c.s, c.d = s, must(s.Load(t.Context(), c.d.ID))
	c.approve()
	c.announce()
	wantErr(t, s.Holds(t.Context(), newer), ErrDiverged)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A list does not show what the log does not say.
func TestForgedSummaryIsFound(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	for _, at := range []string{"running", "complete"} {
		if at == "running" {
			c.resolve()
		} else {
			c.approve()
			c.announce()
			c.rollOut(deployer.Outcome{Result: deployer.OK})
		}
		head := get(t, s, headKey(c.d.ID))
		for _, forgery := range [][2]string{{`"status":"` + at, `"status":"rolled-back`}, {`"name":"Ana"`, `"name":"Eve"`}} {
			forged := bytes.Replace(head.Value, []byte(forgery[0]), []byte(forgery[1]), 1)
			if bytes.Equal(forged, head.Value) {
				t.Fatalf("%s has no %s", head.Value, forgery[0])
			}
			put(t, s, kv.Entry{Key: head.Key, Value: forged})
			z := second(t, s)
			_, load := z.Load(t.Context(), c.d.ID)
			_, trail := z.Trail(t.Context(), c.d.ID)
			for _, err := range []error{load, trail, z.Verify(t.Context(), c.d.ID), z.VerifyAll(t.Context())} {
				wantSays(t, err, head.Key, "summary")
			}
		}
		put(t, s, head)
		wantLoad(t, s, c.d)
	}
}

// The history of one deployment does not pass for that of another.
func TestHistoryOfAnotherIsFound(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	a, b := begin(t, s, start("o", "web")), begin(t, s, start("p", "api"))
	put(t, s, kv.Entry{Key: headKey(b.d.ID), Value: get(t, s, headKey(a.d.ID)).Value})
	_, err := second(t, s).Load(t.Context(), b.d.ID)
	wantSays(t, err, logKey(1), a.d.ID)
}

// However many commit, by however many stores on the same data, with whatever
// ending: the chain is whole and has each commit once.
func TestChainIsWholeWhoeverCommitsHoweverItEnds(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	f := wrap(s)
	var n sync.Mutex
	count := 0
	f.end = func(int64, kv.Batch) (bool, error) {
		n.Lock()
		defer n.Unlock()
		switch count++; count % 7 {
		case 2:
			return true, kv.ErrUnknown
		case 4:
			return false, kv.ErrUnknown
		case 6:
			return false, kv.ErrFull
		}
		return true, nil
	}
	var all sync.WaitGroup
	for i := range 8 {
		z := second(t, s)
		all.Go(func() {
			c := &fixture{TB: t, s: z, now: dawn}
			for range 25 {
				o := deployer.Order{By: ana, Nonce: origin(i), Command: start(origin(i), fmt.Sprint("svc", i))}
				if err := c.try(o); err == nil {
					break
				}
				if id, err := z.Started(t.Context(), origin(i)); err == nil && id != "" {
					c.d = must(z.Load(t.Context(), id))
					break
				}
			}
			for range 40 {
				e := deployer.OrderSeen{At: c.now, By: ana, Nonce: fmt.Sprint(c.d.Seq)}
				commit := deployer.Pack(c.d, deployer.Order{}, []deployer.Event{e}, nil)
				if err := z.Append(t.Context(), commit); err != nil {
					c.d = must(z.Load(t.Context(), c.d.ID))
					continue
				}
				c.d = commit.After
			}
		})
	}
	all.Wait()
	f.end = nil
	verifies(t, second(t, s))
	records := 0
	for _, id := range must(s.Live(t.Context())) {
		records += len(must(second(t, s).Trail(t.Context(), id)))
	}
	if got, want := headOf(t, s), fmt.Sprint(records, "-"); !strings.HasPrefix(got, want) || records < 200 {
		t.Errorf("the deployments have %d records, the log ends at %s", records, got)
	}
}
