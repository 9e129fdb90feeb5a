package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

type slowPeople struct{}

func (slowPeople) Who(context.Context, string) (deployer.Person, error) {
	time.Sleep(3 * time.Second)
	return deployer.Person{Roles: []string{"tech-lead"}}, nil
}

// soaking starts a deployment that soaks while a person is asked, with one more
// step that needs both.
func (f *fixture) soaking() deployer.Deployment {
	f.t.Helper()
	o := start("web:v2")
	cmd := o.Command.(deployer.Start)
	cmd.Procedure.Steps = []deployer.Step{
		{ID: "soak", Uses: deployer.KindWait, With: deployer.Values{"for": {Duration: 10 * time.Second}}},
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
	return deployer.Order{Deployment: d.ID, By: ana, Nonce: "ready", Command: deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone}}
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
