package engine_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

func lockAll(t *testing.T, f *fixture, d time.Duration) {
	t.Helper()
	now := time.Now()
	lock := deployer.Lock{By: bob, Reason: "incident: nothing goes out", At: now, Until: now.Add(d)}
	if err := f.engine.Lock(t.Context(), "tangerine", "prod", lock, deploys); err != nil {
		t.Fatal(err)
	}
}

func unlockAll(t *testing.T, f *fixture) {
	t.Helper()
	if err := f.engine.Unlock(t.Context(), "tangerine", "prod", "", bob, deploys); err != nil {
		t.Fatal(err)
	}
}

// held reports whether a lock holds the rollout.
func held(d deployer.Deployment) bool {
	return strings.Contains(d.Step("rollout").Held.Why, "incident")
}

// A lock that is set when a deployment has begun holds its planned rollout until
// it is lifted, or is over. It was rolled out while its environment was locked
// for everybody else.
func TestLockHoldsAPlannedStart(t *testing.T) {
	t.Parallel()
	for name, lifted := range map[string]bool{"lifted": true, "over": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster()
				f := newFixture(t, deployertest.NewJournal(), c)
				defer f.close()
				d := plannedStart(t, f)
				lockAll(t, f, 40*time.Minute) // longer than the rollout may take
				d = f.until(d.ID, held)
				if e := d.Effect("rollout/web"); e != nil || d.Step("rollout").Held.Until.IsZero() {
					t.Errorf("it has begun, or does not say until when: %+v", d.Step("rollout").Held)
				}
				time.Sleep(2 * time.Minute)
				if len(c.set) > 0 {
					t.Errorf("under the lock %v was set", c.set)
				}
				if lifted {
					unlockAll(t, f)
				}
				want(t, f.play(d.ID), deployer.Complete, c, "web=v2")
			})
		})
	}
}

// plannedStart begins a deployment whose rollout is planned in five minutes, and waits
// until it waits for that.
func plannedStart(t *testing.T, f *fixture) deployer.Deployment {
	t.Helper()
	o := start("web:v2")
	cmd := o.Command.(deployer.Start)
	cmd.Planned = time.Now().Add(5 * time.Minute)
	planned := deployer.Step{ID: "planned", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}}
	steps := cmd.Procedure.Steps
	cmd.Procedure.Steps = append(append(steps[:2:2], planned), steps[2:]...)
	cmd.Procedure.Steps[3].Needs = []string{"planned"}
	o.Command = cmd
	d, err := f.engine.Do(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return f.until(d.ID, func(d deployer.Deployment) bool { return d.Step("planned").Status == deployer.Active })
}

// A planned start whose time comes while nothing new may begin waits until it may, says
// why, and then goes on by itself.
func TestHoldKeepsAPlannedStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const why = "Slack has been out of reach since 03:12 UTC."
		var away atomic.Bool
		c, j := newCluster(), deployertest.NewJournal()
		f, _ := newLogged(t, j, j, c, func(cfg *engine.Config) {
			cfg.Hold = func() string {
				if away.Load() {
					return why
				}
				return ""
			}
		})
		defer f.close()
		d := plannedStart(t, f)
		away.Store(true)
		f.until(d.ID, func(d deployer.Deployment) bool { return d.Step("rollout").Held.Why == why })
		time.Sleep(2 * time.Hour)
		if len(c.set) > 0 {
			t.Errorf("meanwhile %v was set", c.set)
		}
		away.Store(false)
		want(t, f.play(d.ID), deployer.Complete, c, "web=v2")
	})
}

// A hasty journal is locked, once, when the engine has just looked whether it is.
type hasty struct {
	*deployertest.Journal
	t    *testing.T
	when func() bool
	lock deployer.Lock
}

func (j *hasty) Locks(ctx context.Context, retailer, environment string) (deployer.Locks, error) {
	seen, err := j.Journal.Locks(ctx, retailer, environment)
	if err != nil || j.lock.Reason == "" || !j.when() {
		return seen, err
	}
	after, err := seen.Set(j.lock, deployer.Person{Roles: []string{"tech-lead"}}, nil)
	if err != nil {
		j.t.Error(err)
	}
	j.lock = deployer.Lock{}
	if err := j.SetLocks(ctx, after, deployer.Message{}); err != nil {
		j.t.Error(err)
	}
	return seen, nil
}

// A lock that comes between the look at the locks and the commit of the intent
// refuses that commit.
func TestLockBetweenLookAndIntentHoldsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, now := newCluster(), time.Now()
		j := &hasty{Journal: deployertest.NewJournal(), t: t, lock: deployer.Lock{By: bob, Reason: "incident", At: now, Until: now.Add(time.Hour)}}
		f, _ := newLogged(t, j, j.Journal, c, nil)
		defer f.close()
		j.when = func() bool { return len(j.Places()) > 0 } // not at the start
		id := f.begin("web:v2").ID
		f.until(id, held)
		time.Sleep(time.Minute)
		if len(c.set) > 0 {
			t.Errorf("under the lock %v was set", c.set)
		}
		unlockAll(t, f)
		want(t, f.play(id), deployer.Complete, c, "web=v2")
	})
}

// What goes on, or back, is held by no lock.
func TestLockHoldsNoWayBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		c.outcome = crashes
		f := newFixture(t, deployertest.NewJournal(), c)
		defer f.close()
		id := f.begin("web:v2").ID
		f.until(id, func(d deployer.Deployment) bool { return d.Status == deployer.Deciding })
		lockAll(t, f, 8*time.Hour)
		f.decide = deployer.Answer{Choice: deployer.ChoiceRollBack}
		want(t, f.play(id), deployer.RolledBack, c, "web=v2", "web=v1")
	})
}

// A confirmation beside the approval does not let the rollout of the next phase
// begin: it did, on a real cluster.
func TestNothingIsDoneWithoutItsApproval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCluster()
		f := newFixture(t, deployertest.NewJournal(), c)
		defer f.close()
		o := start("web:v2")
		cmd := o.Command.(deployer.Start)
		cmd.Procedure.Steps = []deployer.Step{
			{ID: "approve", Phase: "Before", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}}},
			{ID: "ready", Phase: "Before", Uses: deployer.KindConfirm},
			{ID: "rollout", Phase: "Now", Uses: deployer.KindRollout, Needs: []string{"ready"}},
		}
		o.Command = cmd
		d, err := f.engine.Do(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		f.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: "ready", Command: deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone}})
		time.Sleep(time.Hour)
		if d, err = f.journal.Load(t.Context(), d.ID); err != nil || d.Effect("rollout/web") != nil || len(c.set) > 0 {
			t.Errorf("without an approval %v was set, %v", c.set, err)
		}
		want(t, f.play(d.ID), deployer.Complete, c, "web=v2")
	})
}
