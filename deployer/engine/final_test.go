package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

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
		refuses[deployer.Answered](j)
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
