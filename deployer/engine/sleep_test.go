package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// A counting journal counts loads, each of which takes a while.
type counting struct {
	*deployertest.Journal
	loads atomic.Int64
	takes time.Duration
}

func (j *counting) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	j.loads.Add(1)
	if j.takes > 0 {
		time.Sleep(j.takes)
	}
	return j.Journal.Load(ctx, id)
}

// sleepers makes a journal with n deployments that have this first step, and a
// last one that a person confirms.
func sleepers(t testing.TB, n int, first deployer.Step) *deployertest.Journal {
	t.Helper()
	e := deployertest.NewEngine()
	e.Crowded, e.Resolve = true, deployertest.TargetsByTag
	addSleepers(t, e, n, first)
	return e.Journal
}

func addSleepers(t testing.TB, e *deployertest.Engine, n int, first deployer.Step) {
	t.Helper()
	o := start("web:v2")
	cmd := o.Command.(deployer.Start)
	cmd.Procedure.Steps = []deployer.Step{first, {ID: "last", Uses: deployer.KindConfirm, Needs: []string{first.ID}}}
	for i := range n {
		cmd.Origin = fmt.Sprint(first.ID, " ", i)
		o.Command, o.Nonce = cmd, cmd.Origin
		if _, err := e.Do(context.Background(), o); err != nil {
			t.Fatal(err)
		}
	}
}

func soak(d time.Duration) deployer.Step {
	return deployer.Step{ID: "soak", Uses: deployer.KindWait, With: deployer.Values{"for": {Duration: d}}}
}

var sign = deployer.Step{ID: "sign", Uses: deployer.KindConfirm}

// confirms counts the deployments whose last step waits for a person.
func confirms(j *deployertest.Journal) int {
	n := 0
	for _, d := range j.All() {
		if s := d.Step("last"); s != nil && s.Status == deployer.Active {
			n++
		}
	}
	return n
}

// newSleepy is newFixture with a journal of one's own.
func newSleepy(t *testing.T, j deployer.Journal, memory *deployertest.Journal) *fixture {
	f, _ := newLogged(t, j, memory, newCluster(), nil)
	return f
}

// Those that wait cost no goroutine, are not read at a start, and are not kept
// in memory after an order. It does not run beside other tests: it counts
// goroutines.
func TestSleepersCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 500
		e := deployertest.NewEngine()
		e.Crowded, e.Resolve = true, deployertest.TargetsByTag
		addSleepers(t, e, n, soak(time.Hour))
		addSleepers(t, e, n, sign)
		j := &counting{Journal: e.Journal}
		before := runtime.NumGoroutine()
		f := newSleepy(t, j, j.Journal)
		defer f.close()
		if g := runtime.NumGoroutine() - before; j.loads.Load() != 0 || g > 3 || f.engine.InMemory() != 0 {
			t.Errorf("a start with %d sleepers takes %d loads and %d goroutines, and has %d in memory", 2*n, j.loads.Load(), g, f.engine.InMemory())
		}
		for i := range 10 {
			f.try(deployer.Order{Deployment: fmt.Sprint("tangerine-", n+1+i), By: ana, Nonce: "n", Command: deployer.Answer{Step: "sign", Attempt: 1, Choice: deployer.ChoiceDone}})
		}
		synctest.Wait()
		if g := runtime.NumGoroutine() - before; j.loads.Load() != 10 || g > 3 || f.engine.InMemory() != 0 {
			t.Errorf("after ten orders there are %d loads, %d goroutines, and %d are in memory", j.loads.Load(), g, f.engine.InMemory())
		}
		time.Sleep(time.Hour + time.Second)
		if done := confirms(j.Journal); done != n+10 || j.loads.Load() != n+10 || f.engine.InMemory() != 0 {
			t.Errorf("after an hour %d go on, with %d loads, and %d are in memory", done, j.loads.Load(), f.engine.InMemory())
		}
	})
}

// What was due while no process ran fires at once, and a person who comes in
// the middle of it does not wait for the others.
func TestOrderIsServedWhileManyTimersFire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 3000
		e := deployertest.NewEngine()
		e.Crowded, e.Resolve = true, deployertest.TargetsByTag
		addSleepers(t, e, n, soak(time.Second))
		addSleepers(t, e, 1, sign)
		time.Sleep(time.Minute)
		j := &counting{Journal: e.Journal, takes: 30 * time.Millisecond}
		old, began := j.Commits(), time.Now()
		f := newSleepy(t, j, j.Journal)
		defer f.close()
		time.Sleep(100 * time.Millisecond)
		pressed := time.Now()
		f.try(deployer.Order{Deployment: fmt.Sprint("tangerine-", n+1), By: ana, Nonce: "n", Command: deployer.Answer{Step: "sign", Attempt: 1, Choice: deployer.ChoiceDone}})
		if took := time.Since(pressed); took > 50*time.Millisecond || j.Commits()-old > n/2 {
			t.Errorf("the order took %s, when %d timers had fired", took, j.Commits()-old)
		}
		for j.Commits()-old <= n && time.Since(began) < time.Minute {
			time.Sleep(10 * time.Millisecond)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %s until all timers had fired", took)
		}
	})
}

// What was under way is carried on after a start, beside those that sleep.
func TestBusyOnesAreCarriedOnAtAStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := sleepers(t, 100, sign), newCluster()
		c.hang = true
		f := newFixture(t, j, c)
		id := f.begin("web:v2").ID
		f.until(id, func(d deployer.Deployment) bool { return d.Effect("rollout/web") != nil })
		f.close()
		c.hang = false
		f = newFixture(t, j, c)
		defer f.close()
		if n := f.engine.InMemory(); n != 1 {
			t.Errorf("%d are in memory", n)
		}
		want(t, f.play(id), deployer.Complete, c, "web=v2")
	})
}

// An order that comes between the last look of a loop and its end is not
// missed.
func TestNoOrderIsMissedByALoopThatEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := newFixture(t, j, c)
		defer f.close()
		var group sync.WaitGroup
		for i := range 50 {
			group.Go(func() {
				o := start("web:v2")
				cmd := o.Command.(deployer.Start)
				cmd.Site.Name, cmd.Origin = fmt.Sprint("retailer", i), fmt.Sprint(i)
				cmd.Procedure.Steps = nil
				for n := range 20 {
					cmd.Procedure.Steps = append(cmd.Procedure.Steps, deployer.Step{ID: fmt.Sprint("c", n), Uses: deployer.KindConfirm}, deployer.Step{ID: fmt.Sprint("w", n), Uses: "kubernetes.verify"})
				}
				o.Command = cmd
				d, err := f.engine.Do(t.Context(), o)
				if err != nil {
					t.Error(err)
				}
				c.mu.Lock()
				c.image["web"] = "v2"
				c.mu.Unlock()
				for range 100 {
					for _, s := range d.Current() {
						if s.Confirms() {
							f.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: s.ID, Command: deployer.Answer{Step: s.ID, Attempt: 1, Choice: deployer.ChoiceDone}})
						}
					}
					if d, _ = j.Load(t.Context(), d.ID); d.Status.Ended() {
						return
					}
					time.Sleep(time.Millisecond)
				}
				t.Errorf("%s is %s at %+v", d.ID, d.Status, d.Current())
			})
		}
		group.Wait()
	})
}
