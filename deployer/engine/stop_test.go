package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// A process that is told to end while a call is on its way waits for it, and
// writes down what came of it.
func TestAnActIsFinishedAndWrittenDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		c.slow = 10 * time.Second
		f := newFixture(t, j, c)
		id := f.begin("web:v2").ID
		f.until(id, func(d deployer.Deployment) bool { return d.Effect("rollout/web") != nil })
		f.close()
		d, err := j.Load(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if e := d.Effect("rollout/web"); e.Stage != deployer.Acted || len(c.set) != 1 {
			t.Errorf("it is %s, and %v was set", e.Stage, c.set)
		}
	})
}

// A cluster that does not answer can't keep a deployment from being stopped:
// after a while it ends, and says that it can't be told how far it came.
func TestStopEndsAlthoughNothingCanBeLookedAt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		c.act = func(int) (error, error) { c.deaf = true; return nil, errors.New("connection reset by peer") }
		f := newFixture(t, j, c)
		defer f.close()
		id := f.begin("web:v2").ID
		f.until(id, func(deployer.Deployment) bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.deaf
		})
		stopped := time.Now()
		f.try(deployer.Order{Deployment: id, By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		d := f.play(id)
		want(t, d, deployer.Stopped, c, "web=v2")
		if e := d.Effect("rollout/web"); e.Outcome.Result != deployer.Interrupted || d.Ended.Sub(stopped) > 2*time.Minute {
			t.Errorf("after %s it is %+v", d.Ended.Sub(stopped), e.Outcome)
		}
	})
}

// A lateLister lists what is live before the last start.
type lateLister struct{ *deployertest.Journal }

func (lateLister) Wakeups(context.Context) (map[string]deployer.Wakeup, error) { return nil, nil }

// What is started while the engine begins is run with the rest.
func TestStartWhileTheEngineBeginsIsRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
		f.engine = engine.New(engine.Config{Journal: lateLister{j}, Resolver: c, Runners: c.runners(), People: people{}})
		id := f.begin("web:v2").ID
		f.run(t)
		defer f.close()
		want(t, f.play(id), deployer.Complete, c, "web=v2")
	})
}
