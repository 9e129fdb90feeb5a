package record

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// The journals of random walks beside the store's tests have every kind of event in the form of this version. A kind
// that is added to the table comes into them as well.
func TestWalksHaveEveryKindOfEvent(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, e := range slices.Concat(walkedEntries(t, "walks2"), walkedEntries(t, "walks3"), walkedEntries(t, "walks4"), walkedEntries(t, "approvals"), walkedEntries(t, "walks5")) {
		r, err := read[commit](commitFormat, e.Record)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Events {
			found[e.Kind] = true
		}
	}
	for _, k := range kinds {
		if !found[k.name] {
			t.Errorf("no walk has the event %s", k.name)
		}
		delete(found, k.name)
	}
	for name := range found {
		t.Errorf("the walks have the event %s, the table has none", name)
	}
}

// walkedEntries are the entries of the log in one of the files, where each byte of a value is the character of its
// number.
func walkedEntries(t *testing.T, name string) (all []Entry) {
	t.Helper()
	f, err := os.Open("../../testdata/" + name + ".jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, RecordMax)
	for lines.Scan() {
		var line struct{ Key, Bytes string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(line.Key, "log/0") {
			continue
		}
		var value []byte
		for _, c := range line.Bytes {
			value = append(value, byte(c))
		}
		e, err := DecodeEntry(value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
