package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

// What lists, the engine and a repeated order look for is found to be missing, or
// to be another's, by its name; and of several faults each.
func TestWhatADeploymentIsFoundByIsVerified(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	begin(t, s, start("p", "api")).finish()
	c := begin(t, s, start("o", "web"))
	c.resolve()
	verifies(t, s)
	ended := scanAll(t, s, allPrefix)[1]
	var keys []kv.Entry
	for _, prefix := range []string{allPrefix, envPrefix, "ix/service/web/", "origin/o", livePrefix, placePrefix} {
		keys = append(keys, scanAll(t, s, prefix)[0])
	}
	for _, e := range append(keys, ended) {
		if err := s.kv.Commit(t.Context(), kv.Batch{Delete: []string{e.Key}}); err != nil {
			t.Fatal(err)
		}
		wantSays(t, s.VerifyAll(t.Context()), e.Key)
		put(t, s, e)
		verifies(t, s)
	}
	for _, e := range keys[3:] {
		if strings.HasPrefix(e.Key, livePrefix) {
			continue
		}
		put(t, s, kv.Entry{Key: e.Key, Value: []byte("tangerine-9")})
		wantSays(t, s.VerifyAll(t.Context()), e.Key, "tangerine-9", c.d.ID)
		put(t, s, e)
	}
	record := recordsOf(t, s, c.d.ID)[1].Key
	if err := s.kv.Commit(t.Context(), kv.Batch{Delete: []string{keys[3].Key, ended.Key, record}}); err != nil {
		t.Fatal(err)
	}
	err := s.VerifyAll(t.Context())
	wantSays(t, err, keys[3].Key, ended.Key, record)
	if _, ok := errors.AsType[Findings](err); !ok {
		t.Errorf("%T is not Findings", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := errors.AsType[Findings](s.VerifyAll(ctx)); ok {
		t.Error("that it was broken off is said to be wrong with the records")
	}
}

// One record that was changed hides no other.
func TestSeveralEditsAreAllFound(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.finish()
	entries := recordsOf(t, s, c.d.ID)
	put(t, s, rewrite(t, entries[1], ":0", ":1"))
	put(t, s, kv.Entry{Key: entries[4].Key, Value: []byte("nothing")})
	err := s.VerifyAll(t.Context())
	wantSays(t, err, "read "+entries[2].Key, entries[1].Key+": one of the two was changed", "read "+entries[4].Key, "damaged")
	if n := len(strings.Split(err.Error(), "\n")); n > 6 {
		t.Errorf("%d lines for two edits:\n%v", n, err)
	}
}

// It is verified while it is used.
func TestVerifyAllBesideCommitsFindsNothing(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 20 {
			begin(t, s, start(fmt.Sprint("o", i), "web")).finish()
		}
	}()
	for {
		verifies(t, s)
		select {
		case <-done:
			verifies(t, s)
			return
		default:
		}
	}
}

// A job is begun once at each time, by one of several, also when it was remembered
// long ago; and the record of it stays small.
func TestOnceIsOnce(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	begun := func(nominal string) bool { return must(JobsOf(s).Once(t.Context(), "verify", nominal)) }
	if must(JobsOf(s).Ran(t.Context(), "verify")) {
		t.Error("it ran before it was ever begun")
	}
	var all sync.WaitGroup
	won := make(chan bool, 8)
	for range cap(won) {
		all.Go(func() { won <- begun("monday") })
	}
	all.Wait()
	close(won)
	n := 0
	for w := range won {
		if w {
			n++
		}
	}
	if n != 1 || begun("monday") || !must(JobsOf(s).Ran(t.Context(), "verify")) {
		t.Errorf("%d have begun it", n)
	}
	for i := range 10 * ranMax {
		if !begun(fmt.Sprint(i)) || must(JobsOf(second(t, s)).Once(t.Context(), "verify", fmt.Sprint(i))) {
			t.Fatalf("time %d is not begun once", i)
		}
	}
	if got := get(t, s, ranKey("verify")); len(got.Value) > 1000 {
		t.Errorf("%d bytes", len(got.Value))
	}
}
