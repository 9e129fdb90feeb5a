package engine_test

import (
	"testing"
	"testing/synctest"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// A panic of the language interrupts the step that it is asked about, and somebody
// decides: nothing is in quarantine, and other deployments go on.
func TestPanicOfTheLanguageInterruptsItsStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f, log := newLogged(t, j, j, newCluster(), func(cfg *engine.Config) { cfg.Language = deployertest.Language{Panic: "boom"} })
		defer f.close()
		o := start("web:v2")
		s := o.Command.(deployer.Start)
		s.Procedure.Steps[0].When = "boom"
		o.Command = s
		d, err := f.engine.Do(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		d, err = j.Load(t.Context(), d.ID)
		if b := d.Broken(); err != nil || b == nil || b.Status != deployer.StepInterrupted || log.count("deployertest: boom") != 1 {
			t.Errorf("it is %s, %+v, %v; the log: %s", d.Status, b, err, log.lines.String())
		}
		if len(f.engine.Quarantined()) > 0 {
			t.Error("it is in quarantine")
		}
		f.decide = deployer.Answer{Choice: deployer.ChoiceRetry}
		if d := f.play(d.ID); d.Status != deployer.Complete {
			t.Errorf("tried again it is %s", d.Status)
		}
		if d := f.play(f.begin("api:v2").ID); d.Status != deployer.Complete {
			t.Errorf("the other one is %s", d.Status)
		}
	})
}
