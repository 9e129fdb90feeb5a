package kvtest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

// What comes next is made of what the key holds, and put with the rest.
func testNext(t *testing.T, s kv.KV) {
	var seen []kv.Entry
	commit := func() error {
		return s.Commit(t.Context(), kv.Batch{Put: []kv.Entry{{Key: "beside"}}, Next: &kv.Next{Key: "end", Bytes: 99, Put: func(at kv.Entry) ([]kv.Entry, error) {
			seen = append(seen, at)
			return []kv.Entry{{Key: "end", Value: append(at.Value, 'x')}, {Key: fmt.Sprint("at ", len(at.Value))}}, nil
		}}})
	}
	for n := range 3 {
		seen = nil
		if err := commit(); err != nil {
			t.Fatal(err)
		}
		for _, at := range seen {
			if at.Key != "end" || len(at.Value) != n || (at.Rev == 0) != (n == 0) {
				t.Errorf("commit %d is shown %v", n, at)
			}
		}
		end, beside, at := get(t, s, "end"), get(t, s, "beside"), get(t, s, fmt.Sprint("at ", n))
		if len(end.Value) != n+1 || end.Rev == 0 || end.Rev != beside.Rev || end.Rev != at.Rev {
			t.Errorf("commit %d leaves %v, %v, %v", n, end, beside, at)
		}
	}
}

// An error of it, or too much of it, refuses the batch, and nothing is put.
func testNextRefused(t *testing.T, s kv.KV) {
	refusal := errors.New("not now")
	many := make([]kv.Entry, kv.OpsMax)
	for i := range many {
		many[i].Key = fmt.Sprint("many ", i)
	}
	for name, test := range map[string]struct {
		next kv.Next
		want error
	}{
		"no key":            {kv.Next{Put: func(kv.Entry) ([]kv.Entry, error) { return nil, nil }}, kv.ErrInvalid},
		"nothing to call":   {kv.Next{Key: "end"}, kv.ErrInvalid},
		"too long":          {kv.Next{Key: "end", Bytes: kv.BatchBytesMax, Put: func(kv.Entry) ([]kv.Entry, error) { return nil, nil }}, kv.ErrTooBig},
		"its error":         {kv.Next{Key: "end", Put: func(kv.Entry) ([]kv.Entry, error) { return nil, refusal }}, refusal},
		"more than it says": {kv.Next{Key: "end", Bytes: 2, Put: func(kv.Entry) ([]kv.Entry, error) { return []kv.Entry{{Key: "end"}}, nil }}, kv.ErrInvalid},
		"put twice":         {kv.Next{Key: "end", Bytes: 9, Put: func(kv.Entry) ([]kv.Entry, error) { return []kv.Entry{{Key: "beside"}}, nil }}, kv.ErrInvalid},
		"too many":          {kv.Next{Key: "end", Bytes: 999, Put: func(kv.Entry) ([]kv.Entry, error) { return many, nil }}, kv.ErrTooBig},
	} {
		err := s.Commit(t.Context(), kv.Batch{Put: []kv.Entry{{Key: "beside"}}, Next: &test.next})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if errors.Is(err, kv.ErrUnknown) || len(scan(t, s, "", "", kv.ScanMax)) > 0 {
			t.Errorf("%s: something was put: %v", name, err)
		}
	}
	called := false
	err := s.Commit(t.Context(), kv.Batch{If: []kv.Match{{Key: "other", Rev: 7}}, Next: &kv.Next{Key: "end", Put: func(kv.Entry) ([]kv.Entry, error) {
		called = true
		return nil, nil
	}}})
	if !errors.Is(err, kv.ErrConflict) || called {
		t.Errorf("a condition does not hold: %v; what comes next was asked for: %v", err, called)
	}
}

// A log that many write has every number once, and each is linked to the one
// before it. Refused neighbours leave no gap.
func testLog(t *testing.T, s kv.KV) {
	const writers, each = 8, 25
	key := func(n int) string { return fmt.Sprintf("%s%06d", kv.LogPrefix, n) }
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				who := fmt.Sprint(w, " ", i)
				b := kv.Batch{Next: &kv.Next{Key: "end", Bytes: 99, Put: func(at kv.Entry) ([]kv.Entry, error) {
					n, _ := strconv.Atoi(string(at.Value))
					return []kv.Entry{{Key: "end", Value: []byte(strconv.Itoa(n + 1))}, {Key: key(n + 1), Value: []byte(who)}}, nil
				}}}
				if err := s.Commit(t.Context(), b); err != nil {
					t.Error(err)
				}
				b.If = []kv.Match{{Key: "absent", Rev: 1}}
				if err := s.Commit(t.Context(), b); !errors.Is(err, kv.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	log := scan(t, s, kv.LogPrefix, "", kv.ScanMax)
	for i, e := range log {
		if e.Key != key(i+1) || seen[string(e.Value)] {
			t.Fatalf("entry %d of the log is %q with %q", i+1, e.Key, e.Value)
		}
		seen[string(e.Value)] = true
	}
	if end := get(t, s, "end"); len(log) != writers*each || string(end.Value) != strconv.Itoa(len(log)) {
		t.Errorf("the log has %d entries and ends at %q", len(log), end.Value)
	}
}
