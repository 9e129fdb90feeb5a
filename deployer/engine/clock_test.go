package engine_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// An approval's time-out counts from the question, however often the process is
// started again meanwhile (pipecd 348).
func TestRestartsLeaveTheTimeOutOfAnApproval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := newFixture(t, j, c)
		o := start("web:v2")
		cmd := o.Command.(deployer.Start)
		cmd.Procedure.Steps = []deployer.Step{{ID: "approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}, Timeout: 10 * time.Minute}}
		o.Command = cmd
		d, err := f.engine.Do(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		asked := time.Now()
		for d.Status != deployer.Deciding && time.Since(asked) < time.Hour {
			f.close()
			time.Sleep(40 * time.Second) // it is down
			f = newFixture(t, j, c)
			time.Sleep(30 * time.Second)
			d, _ = j.Load(t.Context(), d.ID)
		}
		f.close()
		if step := d.Step("approve"); step.Status != deployer.StepFailed || time.Since(asked) > 12*time.Minute {
			t.Errorf("after %s the approval is %s: %s", time.Since(asked), step.Status, step.Why)
		}
		if len(j.Places()) != 1 {
			t.Errorf("its place is free while a person decides: %v", j.Places())
		}
	})
}

// The rollback itself hangs (pipecd 3468, samson 1672): it expires, a person
// decides, and stopping it ends it.
func TestARollbackThatHangsExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		c.outcome = crashes
		f := newFixture(t, j, c)
		defer f.close()
		o := start("web:v2")
		cmd := o.Command.(deployer.Start)
		cmd.Procedure.Rollback[0].Timeout = 15 * time.Minute
		o.Command = cmd
		d, err := f.engine.Do(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		id := d.ID
		var people sync.WaitGroup
		people.Go(func() {
			for d := d; !d.Status.Ended(); time.Sleep(time.Second) {
				d, _ = j.Load(t.Context(), id)
				switch {
				case d.Status == deployer.Deciding && !d.Back:
					c.mu.Lock()
					c.hang = true
					c.mu.Unlock()
					f.try(deployer.Order{Deployment: id, By: ana, Nonce: "back", Command: deployer.Answer{Choice: deployer.ChoiceRollBack}})
				case d.Status == deployer.Deciding:
					f.try(deployer.Order{Deployment: id, By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
				}
			}
		})
		d = f.play(id)
		people.Wait()
		want(t, d, deployer.Stopped, c, "web=v2", "web=v1")
		if b := d.Step("back"); b.Status != deployer.StepFailed || b.Finished.Sub(b.Began) > 16*time.Minute {
			t.Errorf("the rollback is %s after %s: %s", b.Status, b.Finished.Sub(b.Began), b.Why)
		}
		if !c.paused["web"] {
			t.Error("what hangs goes on by itself")
		}
	})
}
