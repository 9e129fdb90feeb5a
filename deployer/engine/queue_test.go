package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// waiting is a start that waits for its turn.
func waiting(wants ...string) deployer.Order {
	o := start(wants...)
	s := o.Command.(deployer.Start)
	s.Wait = true
	o.Command = s
	return o
}

// waits starts what waits for its turn.
func (f *fixture) waits(wants ...string) deployer.Deployment {
	f.t.Helper()
	d, err := f.engine.Do(f.t.Context(), waiting(wants...))
	if err != nil {
		f.t.Fatal(err)
	}
	synctest.Wait()
	return d
}

func (f *fixture) now(id string) deployer.Deployment {
	f.t.Helper()
	synctest.Wait()
	d, err := f.journal.Load(f.t.Context(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func (f *fixture) stops(id string) {
	f.t.Helper()
	f.try(deployer.Order{Deployment: id, By: ana, Nonce: "stop " + id, Command: deployer.Answer{Choice: deployer.ChoiceStop, Comment: "enough"}})
	synctest.Wait()
}

// front is who is shown to be in front of a deployment.
func (f *fixture) front(id string) deployer.InFront { return f.engine.Progress(id)[""].InFront }

func TestWhoWaitsHasTheirTurnInTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, deployertest.NewJournal(), newCluster())
		defer f.close()
		first := f.begin("web:v2")
		both := f.waits("web:v3", "api:v3")
		third := f.waits("api:v4")
		if d := f.now(both.ID); !deployer.Queueing(d) || len(d.Targets) > 0 {
			t.Fatalf("it does not wait: %s %v", d.Status, d.Targets)
		}
		if at := f.front(both.ID); at.ID != first.ID || at.Place != 2 || at.Releases != "web v2" {
			t.Errorf("in front of %s is %+v", both.ID, at)
		}
		// The place of the third is free, and whoever came before it comes first.
		if at := f.front(third.ID); at.ID != both.ID || at.Place != 2 || !deployer.Queueing(f.now(third.ID)) {
			t.Errorf("in front of %s is %+v", third.ID, at)
		}
		if _, err := f.engine.Do(t.Context(), start("api:v5")); err == nil || !strings.Contains(err.Error(), both.ID) || !strings.Contains(err.Error(), "--wait") {
			t.Errorf("a plain start overtakes: %v", err)
		}
		f.stops(first.ID)
		if d := f.now(both.ID); d.Status != deployer.Running || f.journal.Places()["tangerine/prod/api"] != both.ID {
			t.Fatalf("it is not its turn: %s, %v", d.Status, f.journal.Places())
		}
		if at := f.front(both.ID); at.ID != "" {
			t.Errorf("in front of what runs is still %+v", at)
		}
		f.stops(both.ID)
		if d := f.now(third.ID); d.Status != deployer.Running {
			t.Errorf("the last one is %s", d.Status)
		}
		f.stops(third.ID)
		if len(f.journal.Places()) > 0 {
			t.Errorf("places are held: %v", f.journal.Places())
		}
	})
}

// What is at the front is shown as it is, and nothing is resolved before its turn: what
// runs by then is what it finds.
func TestWhatIsInFrontIsShownAsItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, deployertest.NewJournal(), newCluster())
		defer f.close()
		first := f.begin("web:v2")
		second := f.waits("web:v3")
		before := f.front(second.ID)
		f.try(deployer.Order{Deployment: first.ID, By: ana, Nonce: "done", Command: deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone}})
		synctest.Wait()
		if after := f.front(second.ID); before.Doing == after.Doing || after.Doing != "waits for an approval" || after.Role != "tech-lead" {
			t.Errorf("it was %+v, and is %+v", before, after)
		}
		if d := f.play(first.ID); d.Status != deployer.Complete {
			t.Fatalf("the first one is %s", d.Status)
		}
		d := f.now(second.ID)
		if d.Status != deployer.Running || d.Targets[0].Before.Version != "v2" {
			t.Errorf("the second one is %s, on %+v", d.Status, d.Targets)
		}
		if now := time.Now(); d.Took(now) >= now.Sub(d.Created) {
			t.Errorf("to wait counts as being under way: %s", d.Took(now))
		}
	})
}

func TestWhoWaitsCanBeStoppedAndIsGivenUpInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, deployertest.NewJournal(), newCluster())
		defer f.close()
		first := f.begin("web:v2")
		second, third := f.waits("web:v3"), f.waits("web:v4")
		f.stops(second.ID)
		if d := f.now(second.ID); d.Status != deployer.Stopped {
			t.Fatalf("it is %s", d.Status)
		}
		if at := f.front(third.ID); at.ID != first.ID || at.Place != 2 {
			t.Errorf("in front of the third is %+v", at)
		}
		time.Sleep(deployer.QueueFor + time.Minute)
		if d := f.now(third.ID); d.Status != deployer.Stopped || !deployer.NeverItsTurn(d) || d.Why != "Its turn did not come within 12h." {
			t.Errorf("it is %s: %s", d.Status, d.Why)
		}
		if f.journal.Places()["tangerine/prod/web"] != first.ID {
			t.Errorf("the place is %v", f.journal.Places())
		}
	})
}

// A place that is free is nobody's to wait for.
func TestWaitingForNothingIsAStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, deployertest.NewJournal(), newCluster())
		defer f.close()
		d := f.waits("web:v2")
		if d.Queued || f.now(d.ID).Status != deployer.Running {
			t.Errorf("it waits: %+v", f.now(d.ID).Status)
		}
	})
}

// The process dies while somebody waits, and the one in front ends in the next one or
// while there is none: in any case the next one begins, once.
func TestTurnsSurviveTheProcess(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]bool{"freed before the start": true, "freed after the start": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				j, c := deployertest.NewJournal(), newCluster()
				f := newFixture(t, j, c)
				first := f.begin("web:v2")
				second, third := f.waits("web:v3"), f.waits("web:v4")
				if between { // it is down when the places are free
					events, err := deployer.Decide(f.now(first.ID), deployer.Order{Deployment: first.ID, By: ana, Command: deployer.Answer{Choice: deployer.ChoiceStop}}, deployer.Facts{Now: time.Now()}, nil)
					if err != nil {
						t.Fatal(err)
					}
					f.close()
					if err := j.Append(t.Context(), deployer.Pack(f.now(first.ID), deployer.Order{}, events, nil)); err != nil {
						t.Fatal(err)
					}
				} else {
					f.close()
				}
				f = newFixture(t, j, c)
				defer f.close()
				if !between {
					if at := f.front(third.ID); at.ID != first.ID || at.Place != 3 {
						t.Errorf("in front of the third is %+v", at)
					}
					f.stops(first.ID)
				}
				if d := f.now(second.ID); d.Status != deployer.Running {
					t.Errorf("the second one is %s", d.Status)
				}
				if d := f.now(third.ID); !deployer.Queueing(d) {
					t.Errorf("the third one is %s", d.Status)
				}
			})
		})
	}
}
