package engine_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
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
				case d.Status == deployer.Deciding && d.Part != deployer.PartRollback:
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

// The machine's clock was set back while a proof was to be looked at once more: the
// loop asked for the same over and over, as fast as it could, until it had caught up.
func TestAProofIsLookedAtOnceMoreThoughTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := &watchFixture{v: &watchedVerify{verify: verify{c}, changed: make(chan struct{})}}
		f.fixture = &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
		f.again()
		o := confirmedLast("web:v2")
		s := o.Command.(deployer.Start)
		last := &s.Procedure.Steps[len(s.Procedure.Steps)-1]
		last.Uses, last.With = deployer.KindWait, deployer.Values{"for": {Duration: 10 * time.Minute}}
		f.comesTo(o, last.ID)
		f.v.breaks(errors.New("no answer"))
		time.Sleep(11 * time.Minute)
		f.close()

		f.v.breaks(nil)
		var asked atomic.Int64
		runners := c.runners()
		runners["kubernetes.verify"] = f.v
		f.engine = engine.New(engine.Config{Journal: j, Resolver: c, Runners: runners, People: people{}, Now: func() time.Time {
			if asked.Add(1) == 10000 {
				panic("it asks for the time again and again")
			}
			return time.Now().Add(-time.Hour)
		}})
		f.run(t)
		defer f.close()
		time.Sleep(5 * time.Second)
		if d := f.load(); d.Status != deployer.Complete || asked.Load() > 100 {
			t.Errorf("it is %s, and has asked for the time %d times", d.Status, asked.Load())
		}
	})
}
