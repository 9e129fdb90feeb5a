// Package kvtest is the one suite that every backend of the key-value port has
// to pass. It holds all of them against the limits of the strictest.
package kvtest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/store/kv"
)

// patience is how long a test waits for something that should happen at once.
const patience = 2 * time.Minute

// Run tests a backend. Each call of open returns a store of its own that is
// empty; the suite closes it.
func Run(t *testing.T, open func(t testing.TB) kv.KV) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, kv.KV)
	}{
		{"Get/absent", testGetAbsent},
		{"Get/order", testGetOrder},
		{"Get/ownership", testOwnership},
		{"Get/snapshot", testGetSnapshot},
		{"Scan/order", testScanOrder},
		{"Scan/bounds", testScanBounds},
		{"Scan/pages", testScanPages},
		{"Commit/conditions", testConditions},
		{"Commit/all or nothing", testAtomic},
		{"Commit/revisions", testRevisions},
		{"Commit/recreated key", testNoABA},
		{"Commit/only conditions", testOnlyConditions},
		{"Commit/next", testNext},
		{"Commit/next refused", testNextRefused},
		{"Limits/refused", testLimitsRefused},
		{"Limits/reached", testLimitsReached},
		{"Limits/keys", testKeys},
		{"Context/ended", testContextEnded},
		{"Concurrent/counter", testCounter},
		{"Concurrent/log", testLog},
		{"Concurrent/one winner", testOneWinner},
		{"Concurrent/transfers", testTransfers},
		{"Concurrent/neighbours", testNeighbours},
		{"Watch/keys", testWatchKeys},
		{"Watch/gap", testWatchGap},
		{"Watch/end", testWatchEnd},
		{"Close", testClose},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			defer s.Close()
			test.run(t, s)
		})
	}
	t.Run("Model", func(t *testing.T) { testModel(t, open) })
}

// RunReopen tests what must outlive a restart. Each call of fresh returns a
// function that opens one and the same store, empty at first, each time it is
// called; the suite closes it before it opens it again.
func RunReopen(t *testing.T, fresh func(t testing.TB) (open func() kv.KV)) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, func() kv.KV)
	}{
		{"entries", testReopenEntries},
		{"revisions", testReopenRevisions},
		{"while busy", testReopenBusy},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, fresh(t)) })
	}
}

// tester is what testing.T and rapid.T have in common and is needed here.
type tester interface {
	Helper()
	Context() context.Context
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// get reads one key.
func get(t tester, s kv.KV, key string) kv.Entry {
	t.Helper()
	entries, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("get %q: %v", key, err)
	}
	return entries[0]
}

// put writes one key unconditionally and returns its revision.
func put(t tester, s kv.KV, key, value string) int64 {
	t.Helper()
	commit(t, s, kv.Batch{Put: []kv.Entry{entry(key, value)}})
	return get(t, s, key).Rev
}

func commit(t tester, s kv.KV, b kv.Batch) {
	t.Helper()
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatalf("commit %+v: %v", b, err)
	}
}

// refuse commits a batch that must be refused with an error that is want.
func refuse(t tester, s kv.KV, b kv.Batch, want error) {
	t.Helper()
	wantError(t, s.Commit(t.Context(), b), want)
}

func scan(t tester, s kv.KV, prefix, after string, limit int) []kv.Entry {
	t.Helper()
	entries, err := s.Scan(t.Context(), prefix, after, limit)
	if err != nil {
		t.Fatalf("scan %q after %q: %v", prefix, after, err)
	}
	return entries
}

func wantError(t tester, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want one that is %v", err, want)
	}
	if want != kv.ErrUnknown && errors.Is(err, kv.ErrUnknown) {
		t.Fatalf("error %v leaves the outcome open", err)
	}
}

func wantKeys(t tester, entries []kv.Entry, want ...string) {
	t.Helper()
	if got := keys(entries); !slices.Equal(got, want) {
		t.Fatalf("keys are %q, want %q", got, want)
	}
}

func keys(entries []kv.Entry) []string {
	var got []string
	for _, e := range entries {
		got = append(got, e.Key)
	}
	return got
}

func entry(key, value string) kv.Entry { return kv.Entry{Key: key, Value: []byte(value)} }

// match is the condition that an entry is still as it was read.
func match(e kv.Entry) kv.Match { return kv.Match{Key: e.Key, Rev: e.Rev} }

// receive waits for the next key of a watch.
func receive(t tester, keys <-chan string) string {
	t.Helper()
	select {
	case key, ok := <-keys:
		if !ok {
			t.Fatal("the watch has ended")
		}
		return key
	case <-time.After(patience):
		t.Fatal("the watch reports nothing")
	}
	panic("unreachable")
}

// ended waits until a channel is closed.
func ended[T any](t tester, what string, c <-chan T) {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case _, ok := <-c:
			if !ok {
				return
			}
		case <-timeout:
			t.Fatalf("%s has not ended", what)
		}
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
