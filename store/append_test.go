package store

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/kv"
)

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("the error is %v, want %v", err, want)
	}
}

// state is all that is stored, to prove that nothing has changed.
func state(t *testing.T, s *Store) string {
	t.Helper()
	all, err := s.kv.Scan(t.Context(), "", "", kv.ScanMax)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range all {
		fmt.Fprintf(&b, "%s@%d=%s\n", e.Key, e.Rev, e.Value)
	}
	return b.String()
}

// What a commit rests on has changed, so nothing happens.
func TestCommitOnWhatHasChangedIsAConflict(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	stale := c.d
	c.resolve()
	c.approve()

	for _, test := range []struct {
		name string
		make func() deployer.Commit
	}{
		{"an older state", func() deployer.Commit {
			old := *c
			old.d = stale
			return old.decide(deployer.Order{By: ana, Nonce: "x", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		}},
		{"a state that never was", func() deployer.Commit {
			commit := c.decide(deployer.Order{By: ana, Nonce: "x", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
			commit.Before.Seq++
			commit.After.Seq++
			return commit
		}},
		// A deploy created twice between check and create (shipit 528, 685).
		{"a place that is taken", func() deployer.Commit {
			other := &fixture{TB: t, s: s, now: dawn}
			return other.decide(deployer.Order{By: bob, Nonce: "p", Command: start("p", "api", "web")})
		}},
		// The same command delivered up to three times (bolt-js 2188, 2487).
		{"an origin that has started something", func() deployer.Commit {
			other := &fixture{TB: t, s: s, now: dawn}
			return other.decide(deployer.Order{By: ana, Nonce: "o", Command: start("o", "api")})
		}},
		{"an id that is given", func() deployer.Commit {
			other := &fixture{TB: t, s: second(t, s), now: dawn}
			other.s.numbers["tangerine"] = &counter{}
			return other.decide(deployer.Order{By: ana, Nonce: "p", Command: start("p", "api")})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := state(t, s)
			wantErr(t, s.Append(t.Context(), test.make()), deployer.ErrConflict)
			if state(t, s) != before {
				t.Error("something was stored")
			}
		})
	}
	wantLoad(t, s, c.d)
}

// A place is not freed by somebody who does not hold it (a lock
// freed by someone who no longer held it).
func TestPlaceIsFreedOnlyByItsHolder(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	commit := c.decide(deployer.Order{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
	commit.Release = append(commit.Release, "tangerine/prod/api")
	before := state(t, s)
	err := s.Append(t.Context(), commit)
	if err == nil || errors.Is(err, deployer.ErrConflict) || !strings.Contains(err.Error(), "tangerine/prod/api") {
		t.Fatalf("released what it does not hold: %v", err)
	}
	begin(t, s, start("p", "api"))
	if err := s.Append(t.Context(), commit); err == nil || !strings.Contains(err.Error(), "tangerine-2") {
		t.Fatalf("released what another one holds: %v", err)
	}
	if before == state(t, s) {
		t.Fatal("state sees no change")
	}
	wantLoad(t, s, c.d)
}

// Whether a commit has landed or not, reading again tells.
func TestUnknownCommitIsSeenByReadingAgain(t *testing.T) {
	t.Parallel()
	for _, lands := range []bool{true, false} {
		t.Run(fmt.Sprintf("lands=%v", lands), func(t *testing.T) {
			s := openNew(t)
			c := begin(t, s, start("o", "web"))
			f := wrap(s)
			f.end = func(int64, kv.Batch) (bool, error) { return lands, fmt.Errorf("sync: %w", kv.ErrUnknown) }
			targets := []deployer.Target{{Service: "web", Runner: "kubernetes"}}
			commit := c.decide(deployer.Order{Command: deployer.Resolve{Targets: targets}})
			wantErr(t, s.Append(t.Context(), commit), deployer.ErrUnknown)
			f.end = nil
			if !lands {
				wantLoad(t, s, commit.Before)
				if err := s.Append(t.Context(), commit); err != nil {
					t.Fatal(err)
				}
			} else {
				wantErr(t, s.Append(t.Context(), commit), deployer.ErrConflict)
			}
			wantLoad(t, s, commit.After)
		})
	}
}

// The same for the commit that creates a deployment, and for
// the one before it that keeps its procedure aside.
func TestUnknownStartIsSeenByReadingAgain(t *testing.T) {
	t.Parallel()
	for _, at := range []int64{1, 2} {
		for _, lands := range []bool{true, false} {
			t.Run(fmt.Sprintf("commit %d lands=%v", at, lands), func(t *testing.T) {
				s := openNew(t)
				f := wrap(s)
				f.end = func(n int64, _ kv.Batch) (bool, error) {
					if n == at {
						return lands, kv.ErrUnknown
					}
					return true, nil
				}
				c := &fixture{TB: t, s: s, now: dawn}
				o := deployer.Order{By: ana, Nonce: "o", Command: start("o", "web")}
				wantErr(t, c.try(o), deployer.ErrUnknown)
				id, err := s.Started(t.Context(), "o")
				if err != nil || (id != "") != (lands && at == 2) {
					t.Fatalf("it has started %q, %v", id, err)
				}
				if id == "" {
					c.do(o)
					wantLoad(t, s, c.d)
				} else if _, err := s.Load(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// An error that is neither means that nothing happened.
func TestRefusedCommitHasDoneNothing(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	f := wrap(s)
	f.end = func(int64, kv.Batch) (bool, error) { return false, fmt.Errorf("write: %w", kv.ErrFull) }
	commit := c.decide(deployer.Order{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
	err := s.Append(t.Context(), commit)
	wantErr(t, err, kv.ErrFull)
	if errors.Is(err, deployer.ErrConflict) || errors.Is(err, deployer.ErrUnknown) {
		t.Fatalf("a full disk is taken for something else: %v", err)
	}
	f.end = nil
	wantLoad(t, s, c.d)
}

// What no order leads to is refused.
func TestNonsenseIsRefused(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	good := c.decide(deployer.Order{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
	for name, spoil := range map[string]func(*deployer.Commit){
		"no id":         func(c *deployer.Commit) { c.After.ID, c.Before.ID = "", "" },
		"another's":     func(c *deployer.Commit) { c.Before.ID = "tangerine-9" },
		"a leap":        func(c *deployer.Commit) { c.After.Seq++ },
		"no first":      func(c *deployer.Commit) { c.Before, c.Events, c.After.Seq = deployer.Deployment{}, nil, 0 },
		"no such event": func(c *deployer.Commit) { c.Events[0] = nil },
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			bad.Events = append([]deployer.Event(nil), good.Events...)
			spoil(&bad)
			before := state(t, s)
			err := s.Append(t.Context(), bad)
			if err == nil || errors.Is(err, deployer.ErrConflict) || errors.Is(err, deployer.ErrUnknown) {
				t.Fatalf("the error is %v", err)
			}
			if state(t, s) != before {
				t.Error("something was stored")
			}
		})
	}
	wrong := good
	wrong.Before, wrong.After.ID = deployer.Deployment{}, "tangerine"
	wrong.After.Seq, wrong.Release = 1, nil
	if err := s.Append(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), "number") {
		t.Errorf("an id without a number: %v", err)
	}
}

// Of many who decide on the same state, one is first. Two
// clicks on Approve were both acted on elsewhere.
func TestOneOfManyDecisionsOnOneStateWins(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	commit := c.decide(deployer.Order{Command: deployer.Resolve{Targets: c.targets()}})
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { errs[i] = s.Append(t.Context(), commit) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		wantErr(t, err, deployer.ErrConflict)
	}
	if won != 1 {
		t.Fatalf("%d commits of one state have won", won)
	}
	wantLoad(t, s, commit.After)
}

// Of many deployments of one service, one is created.
func TestOneOfManyStartsGetsThePlace(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			c := &fixture{TB: t, s: s, now: dawn}
			errs[i] = c.try(deployer.Order{By: ana, Nonce: "n", Command: start(origin(i), "web", fmt.Sprint("svc", i))})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, deployer.ErrConflict) {
			t.Error(err)
		}
	}
	if live, err := s.Live(t.Context()); won != 1 || len(live) != 1 || err != nil {
		t.Fatalf("%d were created; live are %v, %v", won, live, err)
	}
}

// Deployments side by side do not disturb each other.
func TestDeploymentsSideBySideDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			c := begin(t, s, start(origin(i), fmt.Sprint("svc", i)))
			c.resolve()
			c.approve()
			for _, l := range c.messages() {
				if l.Deployment == c.d.ID && l.Kind == "starting" {
					c.do(deployer.Order{Command: deployer.Deliver{Post: deployer.Post{DedupKey: l.DedupKey, TS: "1"}, Kind: l.Kind, OutboxKey: l.Key}})
				}
			}
			c.rollOut(deployer.Outcome{Result: deployer.OK})
			wantLoad(t, s, c.d)
		})
	}
	wg.Wait()
	if live, err := s.Live(t.Context()); len(live) > 0 || err != nil {
		t.Errorf("live are %v, %v", live, err)
	}
}
