package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/kv"
)

// fill creates deployments, many at a time, and returns their summaries, the
// newest first. They claim no places, so that there may be many of a service.
func fill(t testing.TB, s *Store, n int) []deployer.Summary {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	all := make([]deployer.Summary, n)
	var wg sync.WaitGroup
	busy := make(chan struct{}, 64)
	for i := range n {
		o := start(fmt.Sprint("fill ", i), []string{"web", "api", "db"}[rng.IntN(3)])
		o.Site.Name = []string{"tangerine", "plum", "plum-2"}[rng.IntN(3)]
		o.Site.Environment = []string{"prod", "prod", "test"}[rng.IntN(3)]
		if rng.IntN(3) == 0 {
			o.Releases = append(o.Releases, deployer.Release{Service: fmt.Sprint("extra", i), Tag: "v2"})
		}
		now := dawn.Add(time.Duration(rng.IntN(n)) * time.Minute) // some at the same time
		busy <- struct{}{}
		wg.Go(func() {
			defer func() { <-busy }()
			c := &fixture{TB: t, s: s, now: now}
			commit := c.decide(deployer.Order{By: ana, Nonce: "n", Command: o})
			commit.Claim = nil
			if err := s.Append(context.Background(), commit); err != nil {
				t.Error(err)
			}
			all[i] = commit.After.Summarize()
		})
	}
	wg.Wait()
	slices.SortFunc(all, newer)
	return all
}

func newer(a, b deployer.Summary) int {
	if c := b.Created.Compare(a.Created); c != 0 {
		return c
	}
	_, an, _ := number(a.ID)
	_, bn, _ := number(b.ID)
	if an != bn {
		return int(bn - an)
	}
	return strings.Compare(a.ID, b.ID)
}

func selects(q deployer.Query, s deployer.Summary) bool {
	return cmp.Or(q.Site.Name, s.Site.Name) == s.Site.Name && cmp.Or(q.Site.Environment, s.Site.Environment) == s.Site.Environment &&
		(q.Service == "" || slices.ContainsFunc(s.Releases, func(w deployer.Release) bool { return w.Service == q.Service }))
}

func matching(all []deployer.Summary, q deployer.Query) []string {
	ids := []string{}
	for _, d := range all {
		if selects(q, d) {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// TestListAnswersEveryQueryPageByPage holds every sort of query, page by page, against a look at each
// deployment.
func TestListAnswersEveryQueryPageByPage(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	all := fill(t, s, 150)
	extra := ""
	for _, d := range all {
		if len(d.Releases) > 1 {
			extra = d.Releases[1].Service
		}
	}
	for _, retailer := range []string{"", "tangerine", "plum", "nobody"} {
		for _, environment := range []string{"", "prod", "test", "nowhere"} {
			for _, service := range []string{"", "web", extra, "nothing"} {
				for _, limit := range []int{1, 7, 100} {
					q := deployer.Query{Site: deployer.Site{Name: retailer, Environment: environment}, Service: service, Limit: limit}
					want := matching(all, q)
					if limit == 1 && len(want) > 10 {
						want = want[:10]
					}
					if got := pages(t, s, q, len(want)); !slices.Equal(got, want) {
						t.Fatalf("%+v lists\n%v\nwant\n%v", q, got, want)
					}
				}
			}
		}
	}
}

// pages lists until there is no more, or n.
func pages(t *testing.T, s *Store, q deployer.Query, n int) []string {
	t.Helper()
	ids := []string{}
	for {
		page, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > q.Limit {
			t.Fatalf("%d are listed, the limit is %d", len(page), q.Limit)
		}
		for _, d := range page {
			ids = append(ids, d.ID)
		}
		if len(page) < q.Limit || len(ids) == n && n > 0 {
			return ids
		}
		q.Before = page[len(page)-1].ID
	}
}

// A listing has the status of now, not of the start.
func TestListShowsTheStatusOfNow(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.finish()
	list, err := s.List(t.Context(), deployer.Query{Service: "web"})
	if err != nil || len(list) != 1 || list[0].Status != deployer.Complete || !list[0].Ended.Equal(c.d.Ended) {
		t.Fatalf("it lists %+v, %v", list, err)
	}
	_, err = s.List(t.Context(), deployer.Query{Before: "tangerine-9"})
	wantErr(t, err, deployer.ErrNotFound)
	wantSays(t, err, "tangerine-9")
}

// What is read is proportional to what is returned, not to what
// there is.
func TestListReadsNoMoreThanItReturns(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	f := wrap(s)
	more := func(n int) {
		for i := range n {
			o := start(fmt.Sprint(n, " ", i), "web")
			o.Site.Name, o.Site.Environment = "plum", "prod"
			begin(t, s, o).do(deployer.Order{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
		}
	}
	work := func() (reads []int64) {
		for _, q := range []deployer.Query{{}, {Site: deployer.Site{Name: "plum", Environment: "prod"}}, {Service: "web", Site: deployer.Site{Name: "plum", Environment: "prod"}}} {
			q.Limit = 5
			f.read.Store(0)
			if _, err := s.List(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			reads = append(reads, f.read.Load())
		}
		return reads
	}
	more(10)
	few := work()
	more(200)
	if many := work(); !slices.Equal(few, many) {
		t.Errorf("reads were %v and became %v", few, many)
	}
	for _, n := range few {
		if n == 0 || n > 10 {
			t.Errorf("5 summaries took %d reads", n)
		}
	}
}

// As many as fit are deployed at once, and found by each.
func TestManyServicesAreFoundByEach(t *testing.T) {
	t.Parallel()
	services := func(n int) []string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprint("svc", i))
		}
		return names
	}
	for _, n := range []int{29, 30, placesMax} {
		s := openNew(t)
		c := begin(t, s, start("o", services(n)...))
		for i := range n {
			if list, err := s.List(t.Context(), deployer.Query{Service: fmt.Sprint("svc", i)}); err != nil || len(list) != 1 {
				t.Fatalf("of %d, svc%d lists %v, %v", n, i, list, err)
			}
		}
		c.finish()
		wantLoad(t, s, c.d)
		if holders, err := s.Holders(t.Context(), c.d.Places()); err != nil || len(holders) > 0 {
			t.Errorf("of %d, %d places are held after the end, %v", n, len(holders), err)
		}
	}
	s := openNew(t)
	c := &fixture{TB: t, s: s, now: dawn}
	before := state(t, s)
	err := c.try(deployer.Order{By: ana, Nonce: "o", Command: start("o", services(placesMax+1)...)})
	wantSays(t, err, "claims 58 places, the limit is 57")
	if errors.Is(err, deployer.ErrConflict) || state(t, s) != before {
		t.Errorf("something has happened: %v", err)
	}
}

// An index entry whose deployment never came is passed over, even
// when another one gets its id.
func TestIndexEntryWithoutDeploymentIsPassedOver(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	f := wrap(s)
	f.end = func(n int64, _ kv.Batch) (bool, error) {
		if n == 2 {
			return false, kv.ErrFull
		}
		return true, nil
	}
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprint("svc", i))
	}
	c := &fixture{TB: t, s: s, now: dawn.Add(time.Hour)}
	wantErr(t, c.try(deployer.Order{By: ana, Nonce: "o", Command: start("o", many...)}), kv.ErrFull)
	if list, err := s.List(t.Context(), deployer.Query{Service: "svc1"}); err != nil || len(list) > 0 {
		t.Fatalf("it lists %v, %v", list, err)
	}
	c = begin(t, second(t, s), start("p", "svc1", "svc2"))
	for _, q := range []deployer.Query{{Service: "svc1", Limit: 1}, {Service: "svc1"}, {Service: "svc2", Limit: 1}} {
		list, err := s.List(t.Context(), q)
		if err != nil || len(list) != 1 || list[0].ID != c.d.ID {
			t.Errorf("%+v lists %v, %v", q, list, err)
		}
	}
	if list, err := s.List(t.Context(), deployer.Query{Service: "svc3"}); err != nil || len(list) > 0 {
		t.Errorf("it lists %v, %v", list, err)
	}
}
