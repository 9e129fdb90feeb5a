package kvtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

// testCounter: no update is lost, and nobody who was answered reads an older
// state than the one it made.
func testCounter(t *testing.T, s kv.KV) {
	const writers, each = 16, 10
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				mine := increment(t, s, "counter")
				if now := number(get(t, s, "counter")); now < mine {
					t.Errorf("counted up to %d and then read %d", mine, now)
				}
			}
		})
	}
	wg.Wait()
	if got := number(get(t, s, "counter")); got != writers*each {
		t.Fatalf("the counter is at %d, want %d", got, writers*each)
	}
}

// increment counts up until nobody interferes, and returns what it counted to.
func increment(t tester, s kv.KV, key string) int {
	for {
		e := get(t, s, key)
		n := number(e) + 1
		err := s.Commit(t.Context(), kv.Batch{
			If:  []kv.Match{match(e)},
			Put: []kv.Entry{entry(key, strconv.Itoa(n))},
		})
		if err == nil {
			return n
		}
		if !errors.Is(err, kv.ErrConflict) {
			t.Errorf("increment: %v", err)
			return n
		}
	}
}

func number(e kv.Entry) int {
	n, _ := strconv.Atoi(string(e.Value))
	return n
}

// testOneWinner: of many that claim the same absent keys, all or none, exactly
// one succeeds. (A deploy created twice between check and create: shipit 528,
// 685.)
func testOneWinner(t *testing.T, s kv.KV) {
	const claimants = 32
	for round := range 10 {
		var won atomic.Int32
		var wg sync.WaitGroup
		places := []string{fmt.Sprintf("place/%d/a", round), fmt.Sprintf("place/%d/b", round)}
		for c := range claimants {
			wg.Go(func() {
				mine := []string{places[c%2], places[1-c%2]}
				err := s.Commit(t.Context(), kv.Batch{If: matches(mine), Put: entries(mine, strconv.Itoa(c))})
				switch {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, kv.ErrConflict):
					t.Errorf("claim: %v", err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d of %d claimants won", won.Load(), claimants)
		}
		wantSame(t, scan(t, s, fmt.Sprintf("place/%d/", round), "", 2))
	}
}

// testTransfers: moving amounts between accounts, each move conditional on
// both, keeps their sum in every snapshot.
func testTransfers(t *testing.T, s kv.KV) {
	const accounts, movers, each, start = 6, 8, 25, 100
	all := names(accounts)
	commit(t, s, kv.Batch{Put: entries(all, strconv.Itoa(start))})
	var movings, reader sync.WaitGroup
	var done atomic.Bool
	for range movers {
		movings.Go(func() {
			for range each {
				transfer(t, s, all)
			}
		})
	}
	reader.Go(func() {
		for !done.Load() {
			wantSum(t, s, all, accounts*start)
		}
	})
	movings.Wait()
	done.Store(true)
	reader.Wait()
	wantSum(t, s, all, accounts*start)
}

func transfer(t tester, s kv.KV, all []string) {
	i := rand.IntN(len(all))
	j := (i + 1 + rand.IntN(len(all)-1)) % len(all)
	pair, err := s.Get(t.Context(), all[i], all[j])
	if err != nil {
		t.Error(err)
		return
	}
	amount := rand.IntN(10)
	err = s.Commit(t.Context(), kv.Batch{
		If: []kv.Match{match(pair[0]), match(pair[1])},
		Put: []kv.Entry{
			entry(all[i], strconv.Itoa(number(pair[0])-amount)),
			entry(all[j], strconv.Itoa(number(pair[1])+amount)),
		},
	})
	if err != nil && !errors.Is(err, kv.ErrConflict) {
		t.Errorf("transfer: %v", err)
	}
}

func wantSum(t tester, s kv.KV, all []string, want int) {
	got, err := s.Get(t.Context(), all...)
	if err != nil {
		t.Error(err)
		return
	}
	sum := 0
	for _, e := range got {
		sum += number(e)
	}
	if sum != want {
		t.Errorf("the accounts hold %d, want %d", sum, want)
	}
}

// testNeighbours: commits that must be refused don't harm the ones that they
// travel with.
func testNeighbours(t *testing.T, s kv.KV) {
	const writers, each = 24, 15
	put(t, s, "there", "")
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				b := kv.Batch{Put: []kv.Entry{entry(fmt.Sprintf("w/%02d/%02d", w, n), "")}}
				if w%2 == 0 {
					if err := s.Commit(t.Context(), b); err != nil {
						t.Errorf("a sound commit is refused: %v", err)
					}
					continue
				}
				b.If = []kv.Match{{Key: "there"}}
				if err := s.Commit(t.Context(), b); !errors.Is(err, kv.ErrConflict) {
					t.Errorf("a commit with a false condition ends with %v", err)
				}
			}
		})
	}
	wg.Wait()
	for w := range writers {
		want := each * ((w + 1) % 2)
		if got := len(scan(t, s, fmt.Sprintf("w/%02d/", w), "", 100)); got != want {
			t.Errorf("writer %d has %d entries, want %d", w, got, want)
		}
	}
}
