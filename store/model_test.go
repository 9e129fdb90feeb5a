package store

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/kv"
)

// A model is what a journal and its mailbox should have.
type model struct {
	live    map[string]*fixture
	ended   map[string]*fixture
	places  map[string]string
	origins map[string]string
	letters map[string][]deployer.Message // by deployment and mark: a card once, what tells of a problem once for each time it is edited
	locks   deployer.Locks                // of tangerine's prod
	changes []deployer.LockChange         // of them, from the first
}

// TestStoreDoesAsItsModel holds a store against a model: orders in any sequence, on several
// deployments, some of them refused or of unknown ending, with restarts.
func TestStoreDoesAsItsModel(t *testing.T) {
	t.Parallel()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		// Every commit waits for the disk; whoever wants more says so.
		if err := f.Value.Set("15"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Value.Set(f.DefValue) }()
	}
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(t.TempDir(), fmt.Sprint(rapid.Uint64().Draw(rt, "file")))
		w := &trial{T: t, rt: rt, path: path, model: model{
			live: map[string]*fixture{}, ended: map[string]*fixture{}, places: map[string]string{},
			origins: map[string]string{}, letters: map[string][]deployer.Message{},
		}}
		w.reopen()
		defer func() { w.s.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"start":   func(rt *rapid.T) { w.start(rt) },
			"step":    func(rt *rapid.T) { w.step(rt) },
			"stop":    func(rt *rapid.T) { w.stop(rt) },
			"post":    func(rt *rapid.T) { w.post(rt) },
			"discard": func(rt *rapid.T) { w.discard(rt) },
			"lock":    func(rt *rapid.T) { w.lock(rt) },
			"reopen":  func(*rapid.T) { w.reopen() },
			"":        func(rt *rapid.T) { w.same(rt) },
		})
	})
}

type trial struct {
	*testing.T
	rt   *rapid.T
	path string
	s    *Store
	model
	now int
}

func (w *trial) reopen() {
	if w.s != nil {
		verifies(w, w.s) // what follows a change is not what opens the store
		if err := w.s.Close(); err != nil {
			w.Fatal(err)
		}
	}
	s, err := Open(w.Context(), "bolt://"+w.path)
	if err != nil {
		w.Fatal(err)
	}
	w.s = s
	verifies(w, s)
	for _, c := range w.live {
		c.s = s
	}
}

func (w *trial) start(rt *rapid.T) {
	o := start(origin(rapid.IntRange(0, 9).Draw(rt, "origin")),
		slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.SampledFrom([]string{"web", "api", "db"}), 1, 3).Draw(rt, "services"))))...)
	o.Site.Name = rapid.SampledFrom([]string{"tangerine", "plum"}).Draw(rt, "retailer")
	w.now++
	c := &fixture{TB: w, s: w.s, now: dawn.Add(time.Duration(w.now) * time.Hour)}
	commit := c.decide(deployer.Order{By: ana, Nonce: o.Origin, Command: o})
	free := w.origins[o.Origin] == ""
	for _, p := range commit.Claim {
		free = free && w.places[p] == ""
	}
	if !w.commit(rt, c, commit, free) {
		return
	}
	w.live[c.d.ID] = c
	w.origins[o.Origin] = c.d.ID
	for _, p := range commit.Claim {
		w.places[p] = c.d.ID
	}
}

// commit appends, with any ending, and says whether it landed.
func (w *trial) commit(rt *rapid.T, c *fixture, commit deployer.Commit, free bool) bool {
	f := wrap(w.s)
	defer func() { w.s.kv = f.KV }()
	ending := rapid.SampledFrom([]string{"", "", "", "lost", "landed", "full"}).Draw(rt, "ending")
	f.end = func(_ int64, b kv.Batch) (bool, error) {
		switch {
		case ending == "" || len(b.If) == 0: // without a condition: what is kept aside
			return true, nil
		case ending == "full":
			return false, kv.ErrFull
		}
		return ending == "landed", kv.ErrUnknown
	}
	waiting := map[string]deployer.OutboxMessage{}
	for _, l := range c.messages() {
		waiting[l.Key] = l
	}
	err := w.s.Append(w.Context(), commit)
	want := map[string]error{"lost": deployer.ErrUnknown, "landed": deployer.ErrUnknown, "full": kv.ErrFull}[ending]
	if !free {
		want = deployer.ErrConflict
	}
	if !errors.Is(err, want) {
		rt.Fatalf("ending %q, free %v: %v", ending, free, err)
	}
	if !free || ending == "lost" || ending == "full" {
		return false
	}
	c.d = commit.After
	for _, m := range commit.Messages {
		key := c.d.ID + " " + m.DedupKey
		if m.IsCard() {
			w.letters[key] = nil
		}
		w.letters[key] = append(w.letters[key], m)
	}
	for _, key := range commit.Sent {
		if l, ok := waiting[key]; ok {
			w.goes(l)
		}
	}
	return true
}

// lock sets a lock, or lifts one, with any ending; sometimes on what was read too
// long ago.
func (w *trial) lock(rt *rapid.T) {
	l, err := w.s.Locks(w.Context(), "tangerine", "prod")
	if err != nil {
		rt.Fatal(err)
	}
	service, now := rapid.SampledFrom([]string{"other", "another"}).Draw(rt, "locked"), dawn.Add(time.Duration(w.now)*time.Hour)
	change, _, err := l.Lift(service, ana, sre, nil, now)
	if err != nil {
		change = must(l.Set(deployer.Lock{Service: service, By: ana, Reason: fmt.Sprint("lock ", w.now), At: now, Until: now.Add(2 * time.Hour)}, sre, nil))
	}
	stale := l.Rev > 0 && rapid.IntRange(0, 5).Draw(rt, "stale") == 0
	if stale {
		change.Rev--
	}
	f := wrap(w.s)
	defer func() { w.s.kv = f.KV }()
	ending := rapid.SampledFrom([]string{"", "", "lost", "landed"}).Draw(rt, "ending")
	f.end = func(int64, kv.Batch) (bool, error) {
		return ending != "lost", map[string]error{"lost": kv.ErrUnknown, "landed": kv.ErrUnknown}[ending]
	}
	err = w.s.SetLocks(w.Context(), change, deployer.Message{})
	want := map[string]error{"lost": deployer.ErrUnknown, "landed": deployer.ErrUnknown}[ending]
	if stale && ending != "lost" {
		want = deployer.ErrConflict
	}
	if !errors.Is(err, want) {
		rt.Fatalf("ending %q, stale %v: %v", ending, stale, err)
	}
	if ending != "lost" && !stale {
		w.locks, w.changes = change, append(w.changes, change.Changes...)
	}
}

// pick takes one of the live deployments.
func (w *trial) pick(rt *rapid.T) *fixture {
	if len(w.live) == 0 {
		rt.Skip()
	}
	return w.live[rapid.SampledFrom(slices.Sorted(maps.Keys(w.live))).Draw(rt, "deployment")]
}

// step carries on: whatever the deployment waits for, happens.
func (w *trial) step(rt *rapid.T) {
	c := w.pick(rt)
	for range rapid.IntRange(0, 4).Draw(rt, "more") {
		if c.d.Status.Ended() || !w.commit(rt, c, c.decide(c.next(rt)), true) {
			break
		}
	}
	if c.d.Status.Ended() {
		w.over(c)
		return
	}
	commit := c.decide(c.next(rt))
	stale := rapid.IntRange(0, 5).Draw(rt, "stale") == 0 && commit.Before.Seq > 1
	if stale {
		commit.Before.Seq--
		commit.After.Seq--
	}
	if w.commit(rt, c, commit, !stale) && c.d.Status.Ended() {
		w.over(c)
	}
}

func (w *trial) stop(rt *rapid.T) {
	c := w.pick(rt)
	if c.d.Status == deployer.Halting {
		rt.Skip()
	}
	if w.commit(rt, c, c.decide(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}}), true) && c.d.Status.Ended() {
		w.over(c)
	}
}

func (w *trial) over(c *fixture) {
	delete(w.live, c.d.ID)
	w.ended[c.d.ID] = c
	for _, p := range c.d.Places() {
		delete(w.places, p)
	}
}

// next is an order that the deployment waits for.
func (c *fixture) next(rt *rapid.T) deployer.Order {
	switch {
	case c.d.Status == deployer.Resolving:
		return deployer.Order{Command: deployer.Resolve{Targets: c.targets()}}
	case c.d.Status == deployer.Deciding:
		s := c.d.Current()[0]
		return deployer.Order{By: ana, Nonce: fmt.Sprint(c.d.Seq), Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceRetry}}
	case c.d.Status == deployer.Halting && len(c.d.Options()) > 0:
		return deployer.Order{By: ana, Nonce: fmt.Sprint(c.d.Seq), Command: deployer.Answer{Choice: deployer.ChoiceStop, Comment: "it is left so"}}
	case len(c.d.Open()) > 0:
		e := c.d.Open()[0]
		if e.Stage == deployer.Intended {
			return deployer.Order{Command: deployer.Act{Key: e.Key, Ref: "rev"}}
		}
		result := rapid.SampledFrom([]deployer.Result{deployer.OK, deployer.Failed, deployer.Interrupted}).Draw(rt, "result")
		detail := rapid.SampledFrom([]string{"", "one line", fmt.Sprintf("%5000d", c.d.Seq)}).Draw(rt, "detail")
		return deployer.Order{Command: deployer.Settle{Key: e.Key, Outcome: deployer.Outcome{Result: result, Why: "why", Detail: detail}}}
	}
	s := c.d.Current()[0]
	switch s.Uses {
	case deployer.KindConfirm:
		return deployer.Order{By: ana, Nonce: fmt.Sprint(c.d.Seq), Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceDone}}
	case deployer.KindApprove:
		return deployer.Order{By: bob, Nonce: fmt.Sprint(c.d.Seq), Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Subject: c.d.Subject().Hash(), Choice: deployer.ChoiceApprove}}
	case deployer.KindAnnounce:
		dedup := deployer.AnnouncementKey(s.ID, "deploys")
		return deployer.Order{Command: deployer.Deliver{Post: deployer.Post{DedupKey: dedup, TS: "1"}, Kind: s.Message(), OutboxKey: c.letter(dedup).Key}}
	}
	for _, want := range deployer.Next(c.d, c.now).Effects {
		return deployer.Order{Command: deployer.Intend{Key: want.Key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: want.Intent.From}}}
	}
	rt.Fatalf("%s waits for nothing", c.d.ID)
	return deployer.Order{}
}

func (c *fixture) letter(dedup string) deployer.OutboxMessage {
	for _, l := range c.messages() {
		if l.Deployment == c.d.ID && l.DedupKey == dedup {
			return l
		}
	}
	return deployer.OutboxMessage{}
}

// post says that the card was taken.
func (w *trial) post(rt *rapid.T) {
	c := w.pick(rt)
	if c.d.Card.TS != "" {
		rt.Skip()
	}
	w.commit(rt, c, c.decide(deployer.Order{Command: deployer.Deliver{Post: deployer.Post{DedupKey: "card", TS: "1"}, Kind: "card"}}), true)
}

// discard takes a letter out of the mailbox, the newest or an older one.
func (w *trial) discard(rt *rapid.T) {
	messages, err := w.s.Messages(w.Context(), "", kv.ScanMax)
	if err != nil {
		rt.Fatal(err)
	}
	if len(messages) == 0 {
		rt.Skip()
	}
	l := messages[rapid.IntRange(0, len(messages)-1).Draw(rt, "letter")]
	old := rapid.IntRange(0, 3).Draw(rt, "old") == 0
	if old {
		l.Rev--
	} else {
		w.goes(l)
	}
	if err := w.s.Discard(w.Context(), l); err != nil {
		rt.Fatal(err)
	}
}

// goes takes a letter out of the model.
func (w *trial) goes(l deployer.OutboxMessage) {
	key := l.Deployment + " " + l.DedupKey
	if i := slices.IndexFunc(w.letters[key], func(m deployer.Message) bool { return m.IsCard() || reflect.DeepEqual(m, l.Message) }); i >= 0 {
		w.letters[key] = slices.Delete(w.letters[key], i, i+1)
	}
	if len(w.letters[key]) == 0 {
		delete(w.letters, key)
	}
}

// same compares the store with the model.
func (w *trial) same(rt *rapid.T) {
	ctx := w.Context()
	equal := func(what string, got, want any, err error) {
		if err != nil || !reflect.DeepEqual(got, want) {
			rt.Fatalf("%s: %v\ngot  %+v\nwant %+v", what, err, got, want)
		}
	}
	live, err := w.s.Live(ctx)
	equal("live", append([]string{}, live...), append([]string{}, slices.Sorted(maps.Keys(w.live))...), err)
	fresh := second(w, w.s)
	var all []deployer.Summary
	for _, some := range []map[string]*fixture{w.live, w.ended} {
		for id, c := range some {
			d, err := w.s.Load(ctx, id)
			equal(id, d, c.d, err)
			d, err = fresh.Load(ctx, id)
			equal(id, d, c.d, err)
			all = append(all, c.d.Summarize())
		}
	}
	slices.SortFunc(all, newer)
	list, err := w.s.List(ctx, deployer.Query{})
	equal("list", list, all, err)
	var places []string
	for _, retailer := range []string{"tangerine", "plum"} {
		for _, service := range []string{"web", "api", "db"} {
			places = append(places, deployer.Place(retailer, "prod", service))
		}
	}
	holders, err := w.s.Holders(ctx, places)
	equal("holders", holders, w.places, err)
	for i := range 10 {
		id, err := w.s.Started(ctx, origin(i))
		equal("started", id, w.origins[origin(i)], err)
	}
	locks, err := w.s.Locks(ctx, "tangerine", "prod")
	equal("locks", append([]deployer.Lock{}, locks.All...), append([]deployer.Lock{}, w.locks.All...), err)
	equal("changes of locks", changesIn(w, w.s), append([]deployer.LockChange{}, w.changes...), nil)
	messages, err := w.s.Messages(ctx, "", kv.ScanMax)
	waiting := map[string][]deployer.Message{}
	for _, l := range messages {
		key := l.Deployment + " " + l.DedupKey
		waiting[key] = append(waiting[key], l.Message)
	}
	equal("letters", waiting, w.letters, err)
}
