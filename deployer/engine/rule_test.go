package engine_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// A closing refuses until a time, and counts how often it is asked.
type closing struct {
	until time.Time
	open  atomic.Bool // it does not refuse any more
	asked atomic.Int64
}

func (c *closing) verdicts(_ deployer.Deployment, now time.Time) []deployer.Verdict {
	c.asked.Add(1)
	if c.open.Load() || !now.Before(c.until) {
		return nil
	}
	return []deployer.Verdict{{Rule: "window 1", Is: deployer.WindowRefuse, Why: "It is night.", Override: "tech-lead", Next: c.until}}
}

// untilHeld plays a deployment until a rule holds it.
func (f *fixture) untilHeld(id string) deployer.Deployment {
	f.t.Helper()
	for range 600 {
		d, err := f.journal.Load(f.t.Context(), id)
		if err != nil {
			f.t.Fatal(err)
		}
		if d.HeldByRule() != nil {
			return d
		}
		f.deliver(id)
		f.answer(d)
		time.Sleep(time.Second)
	}
	f.t.Fatal("nothing holds it")
	return deployer.Deployment{}
}

func ruledBy(t *testing.T, j *deployertest.Journal, c *closing) *fixture {
	t.Helper()
	f := &fixture{t: t, journal: j, cluster: newCluster(), ran: make(chan error, 1)}
	f.engine = engine.New(engine.Config{Journal: j, Resolver: f.cluster, Runners: f.cluster.runners(), People: people{}, Rules: c.verdicts})
	f.run(t)
	return f
}

// When a window opens the engine wakes by itself: until then nothing is asked and nothing
// is written, whatever the step's time-out.
func TestAHeldDeploymentSleepsUntilTheWindowOpens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &closing{until: time.Now().Add(10 * time.Hour)}
		f := ruledBy(t, deployertest.NewJournal(), c)
		defer f.close()
		d := f.untilHeld(f.begin("web:v2").ID)
		time.Sleep(time.Minute)
		asked := c.asked.Load()
		time.Sleep(9*time.Hour + 30*time.Minute)
		later, err := f.journal.Load(t.Context(), d.ID)
		if err != nil || later.Seq != d.Seq || c.asked.Load() != asked {
			t.Errorf("while it is held it went from event %d to %d, and asked %d and then %d times, %v", d.Seq, later.Seq, asked, c.asked.Load(), err)
		}
		if d = f.play(d.ID); d.Status != deployer.Complete || d.Step("rollout").Effects[0].At.Before(c.until) || d.Step("rollout").Effects[0].At.After(c.until.Add(time.Minute)) {
			t.Errorf("it is %s, and the rollout began at %s", d.Status, d.Step("rollout").Effects[0].At)
		}
	})
}

// What somebody overrides goes on at once.
func TestAnOverrideGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := ruledBy(t, deployertest.NewJournal(), &closing{until: time.Now().Add(10 * time.Hour)})
		defer f.close()
		d := f.untilHeld(f.begin("web:v2").ID)
		a := deployer.Answer{Step: "rollout", Attempt: d.Step("rollout").Attempt, Choice: deployer.ChoiceOverride, Comment: "it burns"}
		f.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: "ana", Command: a}) // who holds no role
		f.try(deployer.Order{Deployment: d.ID, By: bob, Nonce: "bob", Command: a})
		if d = f.play(d.ID); d.Status != deployer.Complete || d.Took(d.Ended) > time.Hour || len(d.Overridden) != 1 || d.Overridden[0].By != bob {
			t.Errorf("it is %s after %s, %+v", d.Status, d.Took(d.Ended), d.Overridden)
		}
	})
}

// A process that begins asks once whether the rules are others now.
func TestAProcessThatBeginsAsksTheRulesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), &closing{until: time.Now().Add(10 * time.Hour)}
		f := ruledBy(t, j, c)
		d := f.untilHeld(f.begin("web:v2").ID)
		f.close()
		f = ruledBy(t, j, c)
		time.Sleep(time.Hour)
		if d, err := j.Load(t.Context(), d.ID); err != nil || d.HeldByRule() == nil {
			t.Errorf("the same rules let it go: %v", err)
		}
		f.close()
		c.open.Store(true)
		f = ruledBy(t, j, c)
		defer f.close()
		if d = f.play(d.ID); d.Status != deployer.Complete || d.Took(d.Ended) > 2*time.Hour {
			t.Errorf("it is %s after %s", d.Status, d.Took(d.Ended))
		}
	})
}

// Rules that panic harm no other deployment, and begin nothing.
func TestRulesThatPanicBeginNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{t: t, journal: deployertest.NewJournal(), cluster: newCluster(), ran: make(chan error, 1)}
		f.engine = engine.New(engine.Config{
			Journal: f.journal, Resolver: f.cluster, Runners: f.cluster.runners(), People: people{}, Patience: time.Minute,
			Rules: func(deployer.Deployment, time.Time) []deployer.Verdict { panic("rules") },
		})
		f.run(t)
		defer f.close()
		id := f.begin("web:v2").ID
		for range 600 {
			f.deliver(id)
			d, err := f.journal.Load(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			f.answer(d)
			time.Sleep(time.Second)
			if len(d.Touched()) > 0 {
				t.Fatal("it begins")
			}
		}
	})
}
