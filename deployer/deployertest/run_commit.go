package deployertest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("the error is %v, want %v", err, want)
	}
}

// stored is all that can be read about some places, to prove that nothing has
// changed.
func stored(t *testing.T, s Store) string {
	t.Helper()
	ctx := t.Context()
	list, err := s.List(ctx, deployer.Query{})
	messages, err2 := s.Messages(ctx, "", 1000)
	live, err3 := s.Live(ctx)
	holders, err4 := s.Holders(ctx, []string{"tangerine/prod/web", "tangerine/prod/api", "tangerine/prod/db"})
	if err := errors.Join(err, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprint(list, messages, live, holders)
	for _, d := range list {
		loaded, err := s.Load(ctx, d.ID)
		all += fmt.Sprintf("%+v %v", loaded, err)
	}
	return all
}

func testLoad(t *testing.T, s Store) {
	x := begin(t, s, "web", "api")
	check := func(live int) {
		t.Helper()
		if d, err := s.Load(t.Context(), x.d.ID); err != nil || !reflect.DeepEqual(d, x.d) {
			t.Fatalf("loaded %v\n%+v\nwant\n%+v", err, d, x.d)
		}
		want := map[string]string{}
		if live > 0 {
			want = map[string]string{"tangerine/prod/web": x.d.ID, "tangerine/prod/api": x.d.ID}
		}
		if holders, err := s.Holders(t.Context(), append(x.d.Places(), "tangerine/prod/db")); err != nil || !reflect.DeepEqual(holders, want) {
			t.Errorf("holders are %v, %v", holders, err)
		}
		if ids, err := s.Live(t.Context()); err != nil || len(ids) != live || live > 0 && ids[0] != x.d.ID {
			t.Errorf("live are %v, %v", ids, err)
		}
		due := map[string]deployer.Wakeup{}
		if live > 0 {
			due[x.d.ID] = x.d.Wakeup()
		}
		if wakeups, err := s.Wakeups(t.Context()); err != nil || !reflect.DeepEqual(wakeups, due) {
			t.Errorf("wakeups are %v, %v, want %v", wakeups, err, due)
		}
	}
	check(1)
	x.finish()
	check(0)
	for origin, want := range map[string]string{"web": x.d.ID, "another": ""} {
		if id, err := s.Started(t.Context(), origin); id != want || err != nil {
			t.Errorf("%s has started %q, %v", origin, id, err)
		}
	}
	_, err := s.Load(t.Context(), "tangerine-99")
	wantErr(t, err, deployer.ErrNotFound)
}

// testLive: whether a deployment is live, and when it wakes, is not folded but
// what its last commit says, though it has ended and holds no place.
func testLive(t *testing.T, s Store) {
	x, other := begin(t, s, "web"), begin(t, s, "api")
	check := func(want map[string]deployer.Wakeup) {
		t.Helper()
		if wakeups, err := s.Wakeups(t.Context()); err != nil || !reflect.DeepEqual(wakeups, want) {
			t.Errorf("wakeups are %v, %v, want %v", wakeups, err, want)
		}
		if ids, err := s.Live(t.Context()); err != nil || !slices.Equal(ids, slices.Sorted(maps.Keys(want))) {
			t.Errorf("live are %v, %v, want %v", ids, err, want)
		}
	}
	next := func(change func(*deployer.Commit)) {
		t.Helper()
		e := deployer.OrderSeen{At: x.now, By: ana, Nonce: fmt.Sprint(x.d.Seq)}
		c := deployer.Pack(x.d, deployer.Order{}, []deployer.Event{e}, nil)
		change(&c)
		wantErr(t, s.Append(t.Context(), c), nil)
		x.d = c.After
	}
	waits := other.d.Wakeup()
	for _, w := range []deployer.Wakeup{{At: dawn}, {At: dawn}, {}, {Now: true}} {
		next(func(c *deployer.Commit) { c.Wakeup = w })
		check(map[string]deployer.Wakeup{x.d.ID: w, other.d.ID: waits})
	}
	wantErr(t, s.Append(t.Context(), deployer.Commit{Before: x.d, After: x.d}), nil) // without an event
	check(map[string]deployer.Wakeup{x.d.ID: {Now: true}, other.d.ID: waits})
	c := other.decide(deployer.Order{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
	c.Live, c.Wakeup = true, deployer.Wakeup{At: dawn}
	wantErr(t, s.Append(t.Context(), c), nil)
	check(map[string]deployer.Wakeup{x.d.ID: {Now: true}, other.d.ID: {At: dawn}})
	next(func(c *deployer.Commit) { c.Live = false })
	check(map[string]deployer.Wakeup{other.d.ID: {At: dawn}})
}

// testFreed: while only paperwork is left of a deployment, the next one of its service
// begins, and keeps its place whatever becomes of the first, and so does a rollback.
func testFreed(t *testing.T, s Store) {
	papers := func(origin string) *script {
		x := &script{T: t, s: s, now: dawn}
		o := startOf(origin, "web")
		start := o.Command.(deployer.Start)
		p := &start.Procedure
		p.Kinds = []deployer.Kind{{Name: "proof", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}}
		p.Steps = append(p.Steps[2:3:3],
			deployer.Step{ID: "proof", Title: "It runs", Uses: "proof", Needs: []string{"rollout"}},
			deployer.Step{ID: "starting", Title: "Complete", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys"}}}, Needs: []string{"proof"}},
			deployer.Step{ID: "ready", Title: "The list is closed", Uses: deployer.KindConfirm, Needs: []string{"starting"}},
		)
		p.Steps[0].Needs = nil
		o.Command = start
		x.do(o)
		x.resolve()
		for _, key := range []string{"rollout/web", "proof/web"} {
			x.engine(deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: x.d.Targets[0].Before}})
			x.engine(deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: deployer.OK}})
		}
		x.announce()
		return x
	}
	held := func(by string) {
		t.Helper()
		want := map[string]string{}
		if by != "" {
			want["tangerine/prod/web"] = by
		}
		if holders, err := s.Holders(t.Context(), []string{"tangerine/prod/web"}); err != nil || !maps.Equal(holders, want) {
			t.Errorf("holders are %v, %v, want %v", holders, err, want)
		}
	}
	first := papers("first")
	held("")
	second := papers("second")
	held("")
	third := &script{T: t, s: s, now: dawn}
	back := startOf("third", "web")
	start := back.Command.(deployer.Start)
	start.Back, start.Releases = second.d.ID, []deployer.Release{{Service: "web", Revision: "1"}}
	back.Command = start
	third.do(back)
	held(third.d.ID)
	first.confirm()
	second.do(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
	if first.d.Status != deployer.Complete || second.d.Status != deployer.Stopped {
		t.Errorf("they are %s and %s", first.d.Status, second.d.Status)
	}
	held(third.d.ID)
	if d, err := s.Load(t.Context(), first.d.ID); err != nil || !d.Freed || d.Status != deployer.Complete {
		t.Errorf("loaded is %s, %v", d.Status, err)
	}
}

func testConflict(t *testing.T, s Store) {
	x := begin(t, s, "web")
	stale := *x
	x.resolve()
	other := &script{T: t, s: s, now: dawn}
	given := other.decide(startOf("new", "api"))
	given.After.ID = x.d.ID
	for name, c := range map[string]deployer.Commit{
		"an older state":                      stale.decide(deployer.Order{By: ana, Nonce: "x", Command: deployer.Answer{Choice: deployer.ChoiceStop}}),
		"a place that is held":                other.decide(startOf("new", "api", "web")),
		"an origin that has started one":      other.decide(startOf("web", "api")),
		"an id that another one was given":    given,
		"a state that there has not been yet": later(x.decide(deployer.Order{By: ana, Nonce: "x", Command: deployer.Answer{Choice: deployer.ChoiceStop}})),
	} {
		before := stored(t, s)
		if err := s.Append(t.Context(), c); !errors.Is(err, deployer.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
		if stored(t, s) != before {
			t.Errorf("%s: something was stored", name)
		}
	}
}

func later(c deployer.Commit) deployer.Commit {
	c.Before.Seq++
	c.After.Seq++
	return c
}

func testNonsense(t *testing.T, s Store) {
	x := begin(t, s, "web")
	for name, spoil := range map[string]func(*deployer.Commit){
		"no id":                       func(c *deployer.Commit) { c.After.ID, c.Before.ID = "", "" },
		"another deployment":          func(c *deployer.Commit) { c.Before.ID = "tangerine-9" },
		"a leap":                      func(c *deployer.Commit) { c.After.Seq++ },
		"a start without an event":    func(c *deployer.Commit) { c.Before, c.Events, c.After.Seq = deployer.Deployment{}, nil, 0 },
		"an event that is none":       func(c *deployer.Commit) { c.Events = []deployer.Event{nil} },
		"a place that it lacks freed": func(c *deployer.Commit) { c.Release = append(c.Release, "tangerine/prod/api") },
	} {
		c := x.decide(deployer.Order{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
		spoil(&c)
		before := stored(t, s)
		if err := s.Append(t.Context(), c); err == nil || errors.Is(err, deployer.ErrConflict) || errors.Is(err, deployer.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
		if stored(t, s) != before {
			t.Errorf("%s: something was stored", name)
		}
	}
}

func testOneWinner(t *testing.T, s Store) {
	x := begin(t, s, "web")
	c := x.decide(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
	errs := make([]error, 20)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = s.Append(context.Background(), c) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			wantErr(t, err, deployer.ErrConflict)
		}
	}
	if d, err := s.Load(t.Context(), x.d.ID); won != 1 || err != nil || d.Seq != c.After.Seq {
		t.Errorf("%d have won, and it is at event %d, %v", won, d.Seq, err)
	}
}

func testNumbers(t *testing.T, s Store) {
	x := begin(t, s, "web")
	given := map[string]bool{x.d.ID: true}
	for _, prefix := range []string{"tangerine", "plum", "tangerine", "plum", "tangerine-2"} {
		id, err := s.Allocate(t.Context(), prefix)
		if err != nil || given[id] {
			t.Errorf("%s is given %q, %v", prefix, id, err)
		}
		given[id] = true
	}
	if !given["tangerine-3"] || !given["plum-2"] || !given["tangerine-2-1"] {
		t.Errorf("given are %v", given)
	}
}

func testContextEnded(t *testing.T, s Store) {
	x := begin(t, s, "web")
	before := stored(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Load(ctx, x.d.ID)
	wantErr(t, err, context.Canceled)
	wantErr(t, s.Append(ctx, x.decide(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})), context.Canceled)
	wantErr(t, s.SetLocks(ctx, deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}}, deployer.Message{}), context.Canceled)
	if stored(t, s) != before {
		t.Error("something was stored")
	}
}
