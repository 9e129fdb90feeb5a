package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

func allocate(t *testing.T, s *Store, prefix, want string) {
	t.Helper()
	if id, err := s.Allocate(t.Context(), prefix); id != want || err != nil {
		t.Fatalf("the id is %q, %v, want %s", id, err, want)
	}
}

// Each retailer counts for itself, and goes on after a restart.
// An id is never used again, though its deployment was refused.
func TestNumbersAreCountedByRetailerAndNeverUsedAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	s := openFile(t, path)
	for i := range 11 {
		c := begin(t, s, start(origin(i), "web"))
		c.do(deployer.Order{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
	}
	other := start("x", "web")
	other.Site.Name = "tangerine-2"
	if c := begin(t, s, other); c.d.ID != "tangerine-2-1" {
		t.Fatalf("the id is %s", c.d.ID)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openFile(t, path)
	allocate(t, s, "tangerine", "tangerine-12")
	allocate(t, s, "tangerine", "tangerine-13")
	allocate(t, s, "tangerine-2", "tangerine-2-2")
	allocate(t, s, "tanger", "tanger-1")
}

// Commits may land in another order than their numbers
// were given in, and clocks go backwards.
func TestNumbersLandInAnyOrder(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	var commits []deployer.Commit
	for i := range 3 {
		c := &fixture{TB: t, s: s, now: dawn.Add(-time.Duration(i) * time.Hour)}
		commits = append(commits, c.decide(deployer.Order{By: ana, Nonce: "n", Command: start(origin(i), fmt.Sprint("svc", i))}))
	}
	for _, i := range []int{2, 0, 1} {
		if err := s.Append(t.Context(), commits[i]); err != nil {
			t.Fatal(err)
		}
	}
	allocate(t, second(t, s), "tangerine", "tangerine-4")
}

// Somebody else on the same data gives numbers, too. It
// takes one conflict to notice.
func TestCollidingNumbersCostOneConflict(t *testing.T) {
	t.Parallel()
	one := openNew(t)
	two := second(t, one)
	for i := range 9 {
		c := &fixture{TB: t, s: []*Store{one, two, two}[i%3], now: dawn}
		o := deployer.Order{By: ana, Nonce: "n", Command: start(origin(i), fmt.Sprint("svc", i))}
		err := c.try(o)
		if errors.Is(err, deployer.ErrConflict) {
			err = c.try(o)
		}
		if want := fmt.Sprint("tangerine-", i+1); err != nil || c.d.ID != want {
			t.Fatalf("the id is %s, %v, want %s", c.d.ID, err, want)
		}
	}
}

func TestNumbersGivenAtOnceDiffer(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	var mu sync.Mutex
	given := map[string]bool{}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			id, err := s.Allocate(t.Context(), "tangerine")
			mu.Lock()
			defer mu.Unlock()
			if err != nil || given[id] {
				t.Errorf("given again: %q, %v", id, err)
			}
			given[id] = true
		})
	}
	wg.Wait()
}

// A number that is written otherwise is another word, and
// no deployment's.
func TestNumberWrittenOtherwiseIsAnotherWord(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	begin(t, s, start("o", "web"))
	for _, id := range []string{"tangerine-01", "tangerine-+1", "tangerine-0", "tangerine--1", "tangerine", ""} {
		if d, err := s.Load(t.Context(), id); !errors.Is(err, deployer.ErrNotFound) {
			t.Errorf("%q loads %s, %v", id, d.ID, err)
		}
	}
}
