package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// heldBy locks a service for a deployment, as a step of it does.
func heldBy(t *testing.T, j *deployertest.Journal, id, service string) {
	t.Helper()
	now := time.Now()
	l, err := locked(t, j).Set(deployer.Lock{Service: service, By: ana, Reason: "a migration", At: now, Until: now.Add(24 * time.Hour), Origin: id, Deployment: id}, deployer.Person{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.SetLocks(t.Context(), l, deployer.Message{}); err != nil {
		t.Fatal(err)
	}
}

// What a deployment holds keeps others away, its requester's too, but not itself.
// It is lifted when that has ended.
func TestLockOfADeploymentEndsWithIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f := newFixture(t, j, newCluster())
		defer f.close()
		d := f.begin("web:v2")
		var changes []deployer.LockChange
		j.OnCommit(func(_ int, c deployer.Commit) (bool, error) {
			if c.Locks != nil && len(c.Events) == 0 {
				changes = append(changes, c.Locks.Changes...)
			}
			return true, nil
		})
		heldBy(t, j, d.ID, "")
		if _, err := f.engine.Do(t.Context(), start("api:v2")); err == nil {
			t.Error("another one begins")
		}
		if d = f.play(d.ID); d.Status != deployer.Complete {
			t.Errorf("it is %s: %s", d.Status, d.Why)
		}
		if l := locked(t, j); len(l.All) != 0 || len(changes) != 2 || !changes[1].Lifted || changes[1].By.Name != d.ID {
			t.Errorf("locked is %+v after %+v", l, changes)
		}
		f.begin("api:v2")
	})
}

// Where the process dies after the end and before the lock is lifted, the next
// one lifts it as soon as something comes upon it; people's locks stay.
func TestLockThatACrashHasLeftIsNotInForce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := newFixture(t, j, c)
		d := f.begin("web:v2")
		heldBy(t, j, d.ID, "")
		now := time.Now()
		if err := f.engine.Lock(t.Context(), "tangerine", "prod", deployer.Lock{Service: "db", By: bob, Reason: "mine", At: now, Until: now.Add(24 * time.Hour)}, ""); err != nil {
			t.Fatal(err)
		}
		j.OnCommit(func(_ int, c deployer.Commit) (bool, error) {
			if c.Locks != nil && len(c.Events) == 0 {
				return false, errors.New("the process is no more")
			}
			return true, nil
		})
		f.play(d.ID)
		f.close()
		j.OnCommit(nil)
		if l := locked(t, j); len(l.All) != 2 {
			t.Fatalf("locked is %+v", l.All)
		}
		f = newFixture(t, j, c)
		defer f.close()
		f.begin("api:v2")
		if l := locked(t, j); len(l.All) != 1 || l.All[0].Reason != "mine" {
			t.Errorf("locked is %+v", l.All)
		}
	})
}

// Nothing that can't be lifted yet keeps anybody away: it is not in force.
func TestLockThatCantBeLiftedIsNotInForce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f := newFixture(t, j, newCluster())
		defer f.close()
		d := f.begin("web:v2")
		heldBy(t, j, d.ID, "")
		j.OnCommit(func(_ int, c deployer.Commit) (bool, error) {
			if c.Locks != nil && len(c.Events) == 0 {
				return false, errors.New("the disk is full")
			}
			return true, nil
		})
		f.play(d.ID)
		f.begin("api:v2")
	})
}
