package engine_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// takes gives Ana's order to take over, or to hand back.
func (f *fixture) takes(id string, c deployer.Choice) {
	f.t.Helper()
	if _, err := f.engine.Do(f.t.Context(), deployer.Order{Deployment: id, By: ana, Nonce: string(c), Command: deployer.Answer{Choice: c}}); err != nil {
		f.t.Fatal(err)
	}
}

// lasts lets everybody do what they are asked for a while.
func (f *fixture) lasts(id string, n int) deployer.Deployment {
	f.t.Helper()
	for range n {
		f.deliver(id)
		d, err := f.journal.Load(f.t.Context(), id)
		if err != nil {
			f.t.Fatal(err)
		}
		f.answer(d)
		time.Sleep(time.Second)
	}
	d, err := f.journal.Load(f.t.Context(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

// Neither a process that goes on nor one that begins anew does anything while somebody
// has taken over. What they have brought meanwhile is found, and proven.
func TestNothingBeginsWhileSomebodyHasTakenOver(t *testing.T) {
	t.Parallel()
	for _, brought := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			j, c := deployertest.NewJournal(), newCluster()
			f := newFixture(t, j, c)
			id := f.begin("web:v2").ID
			f.lasts(id, 1)
			f.takes(id, deployer.ChoiceTakeOver)
			if d := f.lasts(id, 60); len(c.set) > 0 || d.Step("starting").Status != deployer.Pending {
				t.Errorf("set is %v, and it is told: %s", c.set, d.Step("starting").Status)
			}
			f.close()
			f = newFixture(t, j, c)
			defer f.close()
			if d := f.lasts(id, 60); len(c.set) > 0 || !deployer.TakenOver(d) {
				t.Errorf("a new process: set is %v", c.set)
			}
			wants := []string{"web=v2"}
			if brought {
				wants, c.image["web"] = nil, "v2"
			}
			f.takes(id, deployer.ChoiceHandBack)
			if d := f.play(id); d.Status != deployer.Complete || !slices.Equal(c.set, wants) || (deployer.ArrivedBy(d, "web") == ana) != brought {
				t.Errorf("brought %v: it is %s, and set is %v", brought, d.Status, c.set)
			}
		})
	}
}

// What was to be done when somebody took over, and could not be yet, is not done behind
// their back once it can: it goes on when it is handed back.
func TestWhatWasIntendedWaitsUntilItIsHandedBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		down := true
		c.act = func(int) (before, after error) {
			if down {
				return errors.New("the cluster does not answer"), nil
			}
			return nil, nil
		}
		f := newFixture(t, j, c)
		defer f.close()
		id := f.begin("web:v2").ID
		if d := f.lasts(id, 10); d.Effect("rollout/web").Stage != deployer.Intended {
			t.Fatalf("it is %+v", d.Step("rollout"))
		}
		f.takes(id, deployer.ChoiceTakeOver)
		c.mu.Lock()
		down = false
		c.mu.Unlock()
		if f.lasts(id, 120); len(c.set) > 0 {
			t.Errorf("set is %v", c.set)
		}
		f.takes(id, deployer.ChoiceHandBack)
		if d := f.play(id); d.Status != deployer.Complete || !slices.Equal(c.set, []string{"web=v2"}) {
			t.Errorf("it is %s, and set is %v", d.Status, c.set)
		}
	})
}
