package engine_test

import (
	"context"
	"errors"
	"strings"
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
// after a while somebody is asked, who gives up with a reason, which is kept.
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
		f.until(id, func(d deployer.Deployment) bool { return len(d.Options()) > 0 })
		if asked := time.Since(stopped); asked > 2*time.Minute {
			t.Errorf("somebody is asked after %s", asked)
		}
		for comment, refusal := range map[string]string{"": "giving up needs a reason"} {
			_, err := f.engine.Do(t.Context(), deployer.Order{Deployment: id, By: ana, Nonce: "give up", Command: deployer.Answer{Choice: deployer.ChoiceStop, Comment: comment}})
			if err == nil || !strings.Contains(err.Error(), refusal) {
				t.Errorf("%q: %v", comment, err)
			}
		}
		f.try(deployer.Order{Deployment: id, By: ana, Nonce: "reason", Command: deployer.Answer{Choice: deployer.ChoiceStop, Comment: "the site is closed"}})
		d := f.play(id)
		want(t, d, deployer.Stopped, c, "web=v2")
		if e := d.Effect("rollout/web"); e.Outcome.Result != deployer.Interrupted || !strings.Contains(d.Why, "the site is closed") {
			t.Errorf("%q: %+v", d.Why, e.Outcome)
		}
	})
}

// Nor can one that answers no more when something was done, or has failed and is
// to be held: the pause was waited for without end, and the place stayed held.
func TestStopEndsAlthoughNothingCanBeHeld(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]bool{"under way": false, "failed": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, c := deployertest.NewJournal(), newCluster()
				c.hang = !fails
				c.outcome = func(string, string) deployer.Outcome {
					c.deaf = true
					return deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}
				}
				f := newFixture(t, j, c)
				defer f.close()
				id := f.begin("web:v2").ID
				f.until(id, func(d deployer.Deployment) bool {
					e := d.Effect("rollout/web")
					return e != nil && (e.Stage == deployer.Settled || !fails && e.Stage == deployer.Acted)
				})
				c.mu.Lock()
				c.deaf = true
				c.mu.Unlock()
				stopped := time.Now()
				f.try(deployer.Order{Deployment: id, By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
				f.until(id, func(d deployer.Deployment) bool { return d.Status.Ended() || len(d.Options()) > 0 })
				if asked := time.Since(stopped); asked > 2*time.Minute {
					t.Errorf("somebody is asked after %s", asked)
				}
				f.try(deployer.Order{Deployment: id, By: ana, Nonce: "reason", Command: deployer.Answer{Choice: deployer.ChoiceStop, Comment: "the site is closed"}})
				if d := f.play(id); d.Status != deployer.Stopped || !strings.Contains(d.Why, "the site is closed") || len(j.Places()) != 0 {
					t.Errorf("%s: %s; held are %v", d.Status, d.Why, j.Places())
				}
			})
		})
	}
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
