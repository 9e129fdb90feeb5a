package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// A process that does not know the runner of a rollout that is under way can't
// tell how it goes: that is interrupted and not failed, a person decides, and
// nothing is held in the meantime. With the runner back it is looked at again.
func TestRunnerThatIsGoneInterrupts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		c.hang = true
		f := newFixture(t, j, c)
		id := f.begin("web:v2").ID
		rolling := func(d deployer.Deployment) bool {
			e := d.Effect("rollout/web")
			return e != nil && e.Stage == deployer.Acted
		}
		f.until(id, rolling)
		f.close()

		f.engine = engine.New(engine.Config{Journal: j, Resolver: c, People: people{}})
		f.run(t)
		d := f.until(id, func(d deployer.Deployment) bool { return d.Status == deployer.Deciding })
		if b := d.Broken(); b.Status != deployer.StepInterrupted || len(b.Effects) != 1 {
			t.Errorf("the step is %s: %s, with %d effects", b.Status, b.Why, len(b.Effects))
		}
		f.close()

		c.hang = false
		f = newFixture(t, j, c)
		defer f.close()
		b := d.Broken()
		f.try(deployer.Order{Deployment: id, By: ana, Nonce: "again", Command: deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceCheck}})
		want(t, f.play(id), deployer.Complete, c, "web=v2")
	})
}

// until lets everybody do what they are asked until something is so.
func (f *fixture) until(id string, so func(deployer.Deployment) bool) deployer.Deployment {
	f.t.Helper()
	for range 600 {
		f.deliver(id)
		d, err := f.journal.Load(f.t.Context(), id)
		if err != nil {
			f.t.Fatal(err)
		}
		if so(d) {
			return d
		}
		f.answer(d)
		time.Sleep(time.Second)
	}
	f.t.Fatal("it does not come to that")
	return deployer.Deployment{}
}
