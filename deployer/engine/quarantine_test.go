package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// A damaged journal can't read some deployments.
type damaged struct {
	*deployertest.Journal
	bad     map[string]error // what loading them ends with; nil: a panic
	wakeups map[string]deployer.Wakeup
}

func (j *damaged) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	err, bad := j.bad[id]
	if bad && err == nil {
		panic("invalid memory address")
	}
	if bad {
		return deployer.Deployment{}, err
	}
	return j.Journal.Load(ctx, id)
}

func (j *damaged) Wakeups(ctx context.Context) (map[string]deployer.Wakeup, error) {
	all, err := j.Journal.Wakeups(ctx)
	for id, w := range j.wakeups {
		all[id] = w
	}
	return all, err
}

// Holders says that melon's web is held by one that can't be read.
func (j *damaged) Holders(ctx context.Context, places []string) (map[string]string, error) {
	all, err := j.Journal.Holders(ctx, places)
	for _, place := range places {
		if place == deployer.Place("melon", "prod", "web") {
			all[place] = "melon-7"
		}
	}
	return all, err
}

var errUndecodable = errors.New(`decode event 12: its kind "asked" is unknown to this program`)

// One deployment that can't be read is put aside, said once, and told to whoever
// asks for it or for its places; the others run.
func TestUnreadableDeploymentIsQuarantined(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err   error
		told  string
		stack int
	}{
		"undecodable": {errUndecodable, `melon-7 can't be read by this program: decode event 12: its kind "asked" is unknown to this program; the others go on.`, 0},
		"panic":       {nil, "melon-7 can't be read by this program: reading it meets a bug of this program, which the log tells more of; the others go on.", 1},
		"missing":     {deployer.ErrNotFound, "melon-7 can't be read by this program: it is said to be live, but there is no record of it; the others go on.", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster()
				j := &damaged{deployertest.NewJournal(), map[string]error{"melon-7": tc.err}, map[string]deployer.Wakeup{"melon-7": {Now: true}}}
				f, log := newLogged(t, j, j.Journal, c, nil)
				want(t, f.play(f.begin("web:v2").ID), deployer.Complete, c, "web=v2")
				time.Sleep(time.Hour)
				_, err := f.engine.Do(t.Context(), deployer.Order{Deployment: "melon-7", By: ana, Nonce: "n", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
				refusedWith(t, err, tc.told)
				o := start("web:v2")
				cmd := o.Command.(deployer.Start)
				cmd.Site.Name, cmd.Origin = "melon", "other"
				o.Command = cmd
				_, err = f.engine.Do(t.Context(), o)
				refusedWith(t, err, tc.told)
				if q := f.engine.Quarantined(); len(q) != 1 || !strings.Contains(tc.told, q["melon-7"]) {
					t.Errorf("in quarantine are %q", q)
				}
				if log.count("put in quarantine") != 1 || log.count("melon-7") != 1+tc.stack || f.engine.InMemory() != 0 {
					t.Errorf("%d are in memory; the log: %s", f.engine.InMemory(), log.lines.String())
				}
				f.close()
			})
		})
	}
}

// refusedWith expects a refusal with these words and says what to
// do.
func refusedWith(t *testing.T, err error, words string) {
	t.Helper()
	r, ok := errors.AsType[*deployer.Refusal](err)
	if !ok || r.Why != words || len(r.Instead) == 0 {
		t.Errorf("the person is told %v, want %s", err, words)
	}
}

// What can't be read is not read before it is needed.
func TestUnreadableSleeperIsQuarantinedWhenItIsDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := &damaged{deployertest.NewJournal(), map[string]error{"melon-7": errUndecodable}, map[string]deployer.Wakeup{"melon-7": {At: time.Now().Add(time.Hour)}}}
		f, _ := newLogged(t, j, j.Journal, newCluster(), nil)
		defer f.close()
		time.Sleep(59 * time.Minute)
		if q := f.engine.Quarantined(); len(q) != 0 {
			t.Errorf("too early: %q", q)
		}
		time.Sleep(2 * time.Minute)
		if q := f.engine.Quarantined(); len(q) != 1 {
			t.Errorf("too late: %q", q)
		}
	})
}

// A read that has failed once, with a journal that answers, is no damage.
func TestReadThatFailsOnceIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := &flaky{Journal: deployertest.NewJournal()}, newCluster()
		f, _ := newLogged(t, j, j.Journal, c, nil)
		defer f.close()
		want(t, f.play(f.begin("web:v2").ID), deployer.Complete, c, "web=v2")
		if q := f.engine.Quarantined(); len(q) != 0 || j.loads < 2 {
			t.Errorf("after %d loads in quarantine are %q", j.loads, q)
		}
	})
}

// A flaky journal fails every other load.
type flaky struct {
	*deployertest.Journal
	loads int
}

func (j *flaky) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	j.loads++
	if j.loads%2 == 1 {
		return deployer.Deployment{}, errUnreadable
	}
	return j.Journal.Load(ctx, id)
}

// A cut journal loses a deployment while that runs.
type cut struct {
	*deployertest.Journal
	lost atomic.Pointer[string]
}

func (j *cut) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	if lost := j.lost.Load(); lost != nil && *lost == id {
		return deployer.Deployment{}, errUndecodable
	}
	return j.Journal.Load(ctx, id)
}

// One that can't be read any more while something of it is under way is let go
// of: its effect is followed no more, and the others go on.
func TestDeploymentThatBecomesUnreadableIsLetGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := &cut{Journal: deployertest.NewJournal()}, newCluster()
		c.hang = true
		f, log := newLogged(t, j, j.Journal, c, nil)
		defer f.close()
		id := f.begin("web:v2").ID
		f.until(id, func(d deployer.Deployment) bool {
			e := d.Effect("rollout/web")
			return e != nil && e.Stage == deployer.Acted
		})
		j.lost.Store(&id)
		j.OnCommit(func(_ int, commit deployer.Commit) (bool, error) {
			if commit.After.ID == id {
				return false, deployer.ErrUnknown
			}
			return true, nil
		})
		_, err := f.engine.Do(t.Context(), deployer.Order{Deployment: id, By: ana, Nonce: "n", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		refusedWith(t, err, id+` can't be read by this program: decode event 12: its kind "asked" is unknown to this program; the others go on.`)
		synctest.Wait()
		if f.engine.InMemory() != 0 || len(f.engine.Progress(id)) != 0 || log.count("put in quarantine") != 1 {
			t.Errorf("%d are in memory; the log: %s", f.engine.InMemory(), log.lines.String())
		}
		c.mu.Lock()
		c.hang = false
		c.mu.Unlock()
		want(t, f.play(f.begin("api:v2").ID), deployer.Complete, c, "web=v2", "api=v2")
	})
}
