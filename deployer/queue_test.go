package deployer_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// Whoever starts, waits, stops or ends, in whatever order: a place has one holder, those
// who wait for it have it in the order of their arrival, and nobody waits while it is
// their turn.
func TestQueuesAreFair(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		e := deployertest.NewEngine()
		e.Resolve = func(d deployer.Deployment) []deployer.Target {
			var out []deployer.Target
			for _, w := range d.Releases {
				out = append(out, deployer.Target{Service: w.Service, Runner: "kubernetes", Before: runsV1, After: runsV2})
			}
			return out
		}
		p := deployer.Procedure{ID: "p", Steps: []deployer.Step{{ID: "ready", Title: "Ready", Uses: deployer.KindConfirm}}}
		var begun []string // in the order in which they had their places
		for n := range 40 {
			before := map[string]bool{}
			for _, d := range e.All() {
				before[d.ID] = deployer.HoldsPlaces(d)
			}
			all := e.All()
			if live := slices.DeleteFunc(slices.Clone(all), func(d deployer.Deployment) bool { return d.Status.Ended() }); len(live) > 0 && r.IntN(2) == 0 {
				d := live[r.IntN(len(live))]
				a := deployer.Answer{Choice: deployer.ChoiceStop}
				if !d.Queued && r.IntN(2) == 0 {
					a = deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone}
				}
				if _, err := e.Do(t.Context(), deployer.Order{Deployment: d.ID, By: ana, Command: a}); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			} else {
				s := deployer.Start{Origin: fmt.Sprint(n), Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Wait: r.IntN(4) > 0}
				for _, i := range r.Perm(4)[:1+r.IntN(3)] {
					s.Releases = append(s.Releases, deployer.Release{Service: string("abcd"[i]), Tag: "v2"})
				}
				free := !slices.ContainsFunc(all, func(d deployer.Deployment) bool {
					return !d.Status.Ended() && slices.ContainsFunc(d.Places(), func(at string) bool { return slices.Contains(deployer.PlacesOf(s.Site, p.ID, s.Releases, false), at) })
				})
				d, err := e.Do(t.Context(), deployer.Order{By: ana, Command: s})
				if (err == nil) != (free || s.Wait) || err == nil && free == d.Queued {
					t.Fatalf("seed %d: free %t, waits %t: queued %t, %v", seed, free, s.Wait, d.Queued, err)
				}
			}
			for _, d := range e.All() {
				if deployer.HoldsPlaces(d) && !before[d.ID] {
					begun = append(begun, d.ID)
				}
			}
			checkQueue(t, seed, e)
		}
		// Of two that want the same place, the one that was begun later came later.
		for i, id := range begun {
			a, _ := e.Load(t.Context(), id)
			for _, other := range begun[i+1:] {
				b, _ := e.Load(t.Context(), other)
				share := slices.ContainsFunc(a.Places(), func(at string) bool { return slices.Contains(b.Places(), at) })
				if share && (len(a.ID) > len(b.ID) || len(a.ID) == len(b.ID) && a.ID > b.ID) {
					t.Fatalf("seed %d: %s began before %s", seed, a.ID, b.ID)
				}
			}
		}
	}
}

// checkQueue proves that the places are held by who says so, and that nobody waits whose
// turn it is.
func checkQueue(t *testing.T, seed uint64, e *deployertest.Engine) {
	t.Helper()
	all := e.All()
	held, facts := map[string]string{}, deployer.Facts{Holders: map[string]deployer.Deployment{}, Queue: all}
	for _, d := range all {
		for _, at := range d.Places() {
			if !deployer.HoldsPlaces(d) {
				continue
			}
			if held[at] != "" {
				t.Fatalf("seed %d: %s is held by %s and %s", seed, at, held[at], d.ID)
			}
			held[at], facts.Holders[at] = d.ID, d
		}
	}
	if places := e.Places(); !maps.Equal(places, held) {
		t.Fatalf("seed %d: the places are %v, and should be %v", seed, places, held)
	}
	for _, d := range all {
		if ahead := deployer.AheadOf(d, facts); deployer.Queueing(d) && len(ahead) == 0 {
			t.Fatalf("seed %d: %s waits for nobody", seed, d.ID)
		}
	}
}
