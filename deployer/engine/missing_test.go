package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// A process that does not know the runner of a rollout that is under way can't
// tell how it goes: that is interrupted and not failed, a person decides, and
// nothing is held in the meantime. With the runner back it is looked at again.
func TestRunnerThatIsGoneInterrupts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := newJournal(), newCluster()
		c.hang = true
		s := newStage(t, j, c)
		id := s.begin("web:v2").ID
		rolling := func(d deployer.Deployment) bool {
			e := d.Effect("rollout/web")
			return e != nil && e.Stage == deployer.Acted
		}
		s.until(id, rolling)
		s.close()

		s.engine = engine.New(engine.Config{Journal: j, Resolver: c, People: people{}})
		s.run(t)
		d := s.until(id, func(d deployer.Deployment) bool { return d.Status == deployer.Deciding })
		if b := d.Broken(); b.Status != deployer.StepInterrupted || len(b.Effects) != 1 {
			t.Errorf("the step is %s: %s, with %d effects", b.Status, b.Why, len(b.Effects))
		}
		s.close()

		c.hang = false
		s = newStage(t, j, c)
		defer s.close()
		b := d.Broken()
		s.try(deployer.Order{Deployment: id, By: ana, Nonce: "again", Command: deployer.CheckAgain{Step: b.ID, Attempt: b.Attempt}})
		want(t, s.play(id), deployer.Complete, c, "web=v2")
	})
}

// until lets everybody do what they are asked until something is so.
func (s *stage) until(id string, so func(deployer.Deployment) bool) deployer.Deployment {
	s.t.Helper()
	for range 600 {
		s.deliver(id)
		d, err := s.journal.Load(s.t.Context(), id)
		if err != nil {
			s.t.Fatal(err)
		}
		if so(d) {
			return d
		}
		s.answer(d)
		time.Sleep(time.Second)
	}
	s.t.Fatal("it does not come to that")
	return deployer.Deployment{}
}
