package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

type slowPeople struct{}

func (slowPeople) Roles(context.Context, string) ([]string, error) {
	time.Sleep(3 * time.Second)
	return []string{"tech-lead"}, nil
}

// soaking starts a deployment that soaks while a person is asked, with one more
// step that needs both.
func (f *fixture) soaking() deployer.Deployment {
	f.t.Helper()
	o := start("web:v2")
	cmd := o.Command.(deployer.Start)
	cmd.Procedure.Steps = []deployer.Step{
		{ID: "soak", Uses: deployer.KindWait, For: 10 * time.Second},
		{ID: "ready", Uses: deployer.KindConfirm}, {ID: "next", Uses: deployer.KindConfirm, Needs: []string{"ready", "soak"}},
	}
	o.Command = cmd
	d, err := f.engine.Do(f.t.Context(), o)
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func ready(d deployer.Deployment) deployer.Order {
	return deployer.Order{Deployment: d.ID, By: ana, Nonce: "ready", Command: deployer.Confirm{Step: "ready", Attempt: 1}}
}

// The time of an order is that of its turn, however long looking up a person's
// roles took: nothing begins before what it needs was finished.
func TestTimeOfAnOrderIsThatOfItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f, _ := newLogged(t, j, j, newCluster(), func(cfg *engine.Config) { cfg.People = slowPeople{} })
		defer f.close()
		d := f.soaking()
		time.Sleep(8500 * time.Millisecond)
		f.try(ready(d))
		d, _ = j.Load(t.Context(), d.ID)
		if soak, next := d.Step("soak"), d.Step("next"); next.Began.Before(soak.Finished) {
			t.Errorf("it began at %s, and what it needs was finished at %s", next.Began, soak.Finished)
		}
	})
}

// A clock that is set back does not make the record run backwards.
func TestTimesNeverRunBackwards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, clock := deployertest.NewJournal(), &wallClock{}
		f, _ := newLogged(t, j, j, newCluster(), clock.setup)
		defer f.close()
		d := f.soaking()
		time.Sleep(11 * time.Second)
		clock.step(-time.Hour)
		f.try(ready(d))
		d, _ = j.Load(t.Context(), d.ID)
		if soak, next := d.Step("soak"), d.Step("next"); next.Began.IsZero() || next.Began.Before(soak.Finished) {
			t.Errorf("it began at %s, and what it needs was finished at %s", next.Began, soak.Finished)
		}
	})
}

// A full disk is said once a minute, and is not asked five times a second; as
// soon as there is space again, what was due is done.
func TestFullDiskIsSaidOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f, log := newLogged(t, j, j, newCluster(), nil)
		defer f.close()
		d := f.soaking()
		time.Sleep(time.Second)
		j.OnCommit(func(int, deployer.Commit) (bool, error) { return false, errors.New("no space left") })
		before := j.Commits()
		time.Sleep(10 * time.Minute)
		if lines, tries := log.count("no space left"), j.Commits()-before; lines < 9 || lines > 11 || tries < 40 || tries > 120 {
			t.Errorf("in ten minutes there are %d lines and %d tries", lines, tries)
		}
		if log.count("suppressed=") == 0 {
			t.Error("how often it happened is not told")
		}
		j.OnCommit(nil)
		time.Sleep(11 * time.Second)
		if d, _ = j.Load(t.Context(), d.ID); d.Step("soak").Status != deployer.Done || len(f.engine.Quarantined()) != 0 {
			t.Errorf("the soak is %s, %v", d.Step("soak").Status, f.engine.Quarantined())
		}
	})
}

// A tooBig error is final.
type tooBig struct{}

func (tooBig) Error() string { return "too big: 78 puts, the limit is 64" }
func (tooBig) Final() bool   { return true }

// refuses has the journal refuse for good what holds an event of some kind.
func refuses[E deployer.Event](j *deployertest.Journal) {
	j.OnCommit(func(_ int, c deployer.Commit) (bool, error) {
		for _, e := range c.Events {
			if _, ok := e.(E); ok {
				return false, fmt.Errorf("append to %s: %w", c.After.ID, tooBig{})
			}
		}
		return true, nil
	})
}

// What the journal refuses for good is tried once, and said: to whoever gave
// the order; else the deployment is put in quarantine, or refused while nothing
// was touched.
func TestFinalErrorIsSaidOnce(t *testing.T) {
	t.Parallel()
	told := func(t *testing.T, err error, log *logbook, tries int) {
		t.Helper()
		if r, ok := errors.AsType[*deployer.Refusal](err); !ok || !strings.Contains(r.Why, "too big: 78 puts") || log.count("78 puts") != 1 || tries != 1 {
			t.Errorf("the person is told %v after %d tries; the log: %s", err, tries, log.lines.String())
		}
	}
	synctest.Test(t, func(t *testing.T) { // an order of a person
		j := deployertest.NewJournal()
		f, log := newLogged(t, j, j, newCluster(), nil)
		defer f.close()
		d := f.soaking()
		synctest.Wait()
		before := j.Commits()
		refuses[deployer.Confirmed](j)
		_, err := f.engine.Do(t.Context(), ready(d))
		told(t, err, log, j.Commits()-before)
		if len(f.engine.Quarantined()) != 0 {
			t.Error("it is in quarantine")
		}
	})
	synctest.Test(t, func(t *testing.T) { // a start
		j := deployertest.NewJournal()
		f, log := newLogged(t, j, j, newCluster(), nil)
		defer f.close()
		refuses[deployer.Created](j)
		_, err := f.engine.Do(t.Context(), start("web:v2"))
		told(t, err, log, j.Commits())
	})
	synctest.Test(t, func(t *testing.T) { // a timer
		j := deployertest.NewJournal()
		f, log := newLogged(t, j, j, newCluster(), nil)
		defer f.close()
		d := f.soaking()
		synctest.Wait()
		before := j.Commits()
		refuses[deployer.StepEnded](j)
		time.Sleep(time.Hour)
		tries := j.Commits() - before
		_, err := f.engine.Do(t.Context(), ready(d))
		told(t, err, log, tries)
		if len(f.engine.Quarantined()) != 1 || len(j.Places()) != 1 {
			t.Errorf("in quarantine are %v, and %v are held", f.engine.Quarantined(), j.Places())
		}
	})
	synctest.Test(t, func(t *testing.T) { // what was looked up
		j := deployertest.NewJournal()
		f, log := newLogged(t, j, j, newCluster(), nil)
		defer f.close()
		refuses[deployer.Resolved](j)
		d := f.play(f.begin("web:v2").ID)
		if d.Status != deployer.Refused || !strings.Contains(d.Why, "78 puts") || log.count("78 puts") != 1 || j.Commits() != 3 {
			t.Errorf("it is %s: %s; the log: %s", d.Status, d.Why, log.lines.String())
		}
	})
	synctest.Test(t, func(t *testing.T) { // what an effect has come to
		j := deployertest.NewJournal()
		f, _ := newLogged(t, j, j, newCluster(), nil)
		defer f.close()
		refuses[deployer.EffectSettled](j)
		id := f.begin("web:v2").ID
		f.until(id, func(deployer.Deployment) bool { return len(f.engine.Quarantined()) == 1 })
		before := j.Commits()
		time.Sleep(time.Hour)
		if n := j.Commits() - before; n != 0 || f.engine.InMemory() != 0 {
			t.Errorf("it is tried %d times more, and %d are in memory", n, f.engine.InMemory())
		}
	})
}

// A start that is refused takes no number: the next one has it.
func TestRefusedStartLeavesNoGap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, deployertest.NewJournal(), newCluster())
		defer f.close()
		f.begin("web:v2")
		for range 5 {
			again := start("web:v3")
			if _, err := f.engine.Do(t.Context(), again); err == nil {
				t.Fatal("the place is held by two")
			}
		}
		if id := f.begin("api:v2").ID; id != "tangerine-2" {
			t.Errorf("the next one is %s", id)
		}
	})
}

// Nor do those that lose a race for a place, or that are delivered again at the
// same moment.
func TestStartsThatLoseARaceLeaveNoGap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f, _ := newLogged(t, slowCommits{j}, j, newCluster(), nil)
		defer f.close()
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				o := start("web:v2")
				cmd := o.Command.(deployer.Start)
				cmd.Origin = fmt.Sprint("origin", i%2)
				o.Command = cmd
				f.try(o)
			})
		}
		group.Wait()
		if id := f.begin("api:v2").ID; len(j.All()) != 2 || id != "tangerine-2" {
			t.Errorf("the next one of %d is %s", len(j.All()), id)
		}
	})
}

// slowCommits has the commits of starts take a while, so that starts meet.
type slowCommits struct{ *deployertest.Journal }

func (j slowCommits) Append(ctx context.Context, c deployer.Commit) error {
	if c.Before.Seq == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	return j.Journal.Append(ctx, c)
}
