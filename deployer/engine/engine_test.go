package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

func want(t *testing.T, d deployer.Deployment, status deployer.Status, c *cluster, set ...string) {
	t.Helper()
	if d.Status != status {
		t.Errorf("ended as %s (%s), want %s", d.Status, d.Why, status)
	}
	slices.Sort(c.set)
	slices.Sort(set)
	if !slices.Equal(c.set, set) {
		t.Errorf("set %v, want %v", c.set, set)
	}
}

func TestADeploymentRunsToItsEnd(t *testing.T) {
	t.Parallel()
	d, j, c := run(t, nil, "web:v2", "api:v2")
	want(t, d, deployer.Complete, c, "web=v2", "api=v2")
	if len(j.Places()) != 0 {
		t.Errorf("places are still held: %v", j.Places())
	}
	if took := d.Ended.Sub(d.Created); took < 5*time.Minute {
		t.Errorf("took %s, shorter than its wait", took)
	}
}

// An answer that is lost, before or after the effect, repeats nothing.
func TestAnUnclearActIsLookedForFirst(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection reset by peer")
	for name, act := range map[string]func(int) (error, error){
		"before": func(n int) (error, error) { return pick(n <= 3, lost), nil },
		"after":  func(n int) (error, error) { return nil, pick(n == 1, lost) },
	} {
		t.Run(name, func(t *testing.T) {
			d, _, c := run(t, func(_ *deployertest.Journal, c *cluster, _ *fixture) { c.act = act }, "web:v2")
			want(t, d, deployer.Complete, c, "web=v2")
		})
	}
}

func pick(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

func crashes(service, image string) deployer.Outcome {
	if image == "v2" {
		return deployer.Outcome{Result: deployer.Failed, Why: "1 of 6 pods crashes"}
	}
	return deployer.Outcome{Result: deployer.OK}
}

func TestAFailureIsRolledBackAndVerified(t *testing.T) {
	t.Parallel()
	d, _, c := run(t, func(_ *deployertest.Journal, c *cluster, f *fixture) {
		c.outcome, f.decide = crashes, deployer.Answer{Choice: deployer.ChoiceRollBack}
	}, "web:v2")
	want(t, d, deployer.RolledBack, c, "web=v2", "web=v1")
}

// Only the service that failed is rolled back; the other one stays.
func TestPartialSuccessIsRolledBackByService(t *testing.T) {
	t.Parallel()
	d, _, c := run(t, func(_ *deployertest.Journal, c *cluster, f *fixture) {
		c.outcome = func(service, image string) deployer.Outcome {
			if service == "api" {
				return crashes(service, image)
			}
			return deployer.Outcome{Result: deployer.OK}
		}
		f.decide = deployer.Answer{Choice: deployer.ChoiceRollBack}
	}, "web:v2", "api:v2")
	want(t, d, deployer.RolledBack, c, "web=v2", "api=v2", "api=v1")
}

func TestRetryMakesNoNewRevision(t *testing.T) {
	t.Parallel()
	failures := 0
	d, _, c := run(t, func(_ *deployertest.Journal, c *cluster, f *fixture) {
		c.outcome = func(service, image string) deployer.Outcome {
			failures++
			if failures < 3 {
				return crashes(service, image)
			}
			return deployer.Outcome{Result: deployer.OK}
		}
		f.decide = deployer.Answer{Choice: deployer.ChoiceRetry}
	}, "web:v2")
	want(t, d, deployer.Complete, c, "web=v2")
}

// A retry whose call was lost before its effect still lets the paused rollout
// go on: it is there, and held by ourselves.
func TestARetryThatIsCutOffLetsTheRolloutGoOn(t *testing.T) {
	t.Parallel()
	failed := false
	d, _, c := run(t, func(_ *deployertest.Journal, c *cluster, f *fixture) {
		c.act = func(n int) (error, error) { return pick(n == 2, errors.New("connection reset by peer")), nil }
		c.outcome = func(service, image string) deployer.Outcome {
			if !failed {
				failed = true
				return crashes(service, image)
			}
			return deployer.Outcome{Result: deployer.OK}
		}
		f.decide = deployer.Answer{Choice: deployer.ChoiceRetry}
	}, "web:v2")
	want(t, d, deployer.Complete, c, "web=v2")
	if s := d.Step("rollout"); s.Attempt != 2 {
		t.Errorf("it took %d attempts", s.Attempt)
	}
}

func TestAFailedRolloutIsPaused(t *testing.T) {
	t.Parallel()
	d, _, c := run(t, func(_ *deployertest.Journal, c *cluster, f *fixture) {
		c.outcome, f.decide = crashes, deployer.Answer{Comment: "enough", Choice: deployer.ChoiceStop}
	}, "web:v2")
	want(t, d, deployer.Stopped, c, "web=v2")
	if !c.paused["web"] {
		t.Error("the failed rollout was left running")
	}
}

func TestARolloutThatHangsExpires(t *testing.T) {
	t.Parallel()
	d, _, c := run(t, func(_ *deployertest.Journal, c *cluster, f *fixture) {
		c.hang, f.decide = true, deployer.Answer{Choice: deployer.ChoiceStop}
	}, "web:v2")
	want(t, d, deployer.Stopped, c, "web=v2")
	if s := d.Step("rollout"); !s.Expired || !c.paused["web"] {
		t.Errorf("expired %v, paused %v", s.Expired, c.paused)
	}
}

func TestStopWhileRollingOutPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		c.hang = true
		f := newFixture(t, j, c)
		defer f.close()
		id := f.begin("web:v2").ID
		go func() {
			time.Sleep(time.Minute)
			f.try(deployer.Order{Deployment: id, By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		}()
		want(t, f.play(id), deployer.Stopped, c, "web=v2")
		if !c.paused["web"] {
			t.Error("the rollout goes on")
		}
	})
}

// A request that got no answer takes effect after the stop: it is waited for,
// and held. To say that nothing was done would leave a rollout that nobody
// follows, in a place that is free.
func TestStopWaitsForWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const last = 8 // request, long after the intent
		j, c := deployertest.NewJournal(), newCluster()
		c.hang = true // it takes longer than anybody looks after a stop
		f := newFixture(t, j, c)
		defer f.close()
		id := f.begin("web:v2").ID
		lost := errors.New("connection reset by peer")
		c.hang = true
		c.act = func(n int) (error, error) {
			if n != last {
				return lost, nil
			}
			time.AfterFunc(3*time.Second, func() {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.image["web"], c.mark["web"], c.set = "v2", id, append(c.set, "web=v2")
			})
			time.AfterFunc(time.Second, func() {
				f.try(deployer.Order{Deployment: id, By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
			})
			return lost, nil
		}
		want(t, f.play(id), deployer.Stopped, c, "web=v2")
		if !c.paused["web"] {
			t.Error("the rollout goes on")
		}
	})
}

// A new process carries on: the wait's clock is not begun again (pipecd 348),
// and nothing that waits is cancelled at boot (samson 1660).
func TestANewProcessCarriesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := newFixture(t, j, c)
		id := f.begin("web:v2").ID
		for range 400 { // a process that lives for a second
			f.close()
			f = newFixture(t, j, c)
			f.deliver(id)
			d, _ := j.Load(t.Context(), id)
			f.answer(d)
			time.Sleep(1100 * time.Millisecond)
		}
		defer f.close()
		d, _ := j.Load(t.Context(), id)
		want(t, d, deployer.Complete, c, "web=v2")
		if took := d.Ended.Sub(d.Created); took > 6*time.Minute {
			t.Errorf("took %s: a clock was begun again", took)
		}
	})
}

// A deploy was created twice between check and create (shipit 528, 685).
func TestTwoAtOnceCreateOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f := newFixture(t, j, newCluster())
		defer f.close()
		var group sync.WaitGroup
		ids, refused := make([]string, 20), make([]bool, 20)
		for i := range ids {
			group.Go(func() {
				o := start("web:v2")
				cmd := o.Command.(deployer.Start)
				cmd.Origin = fmt.Sprint("origin", i%2) // ten deliveries each of two commands
				o.Command = cmd
				d, err := f.engine.Do(t.Context(), o)
				var r *deployer.Refusal
				ids[i], refused[i] = d.ID, errors.As(err, &r)
				if err != nil && !refused[i] {
					t.Errorf("Do: %v", err)
				}
			})
		}
		group.Wait()
		synctest.Wait()
		slices.Sort(ids)
		if ids = slices.Compact(ids); len(ids) != 2 || ids[0] != "" || len(j.All()) != 1 {
			t.Errorf("started %q, %d deployments", ids, len(j.All()))
		}
	})
}

func TestStartThatCannotBeResolvedIsRefused(t *testing.T) {
	t.Parallel()
	for tag, why := range map[string]string{
		"v1":      "web v1 is already live. Nothing was done.",
		"banana":  "There is no tag banana. Try v2.",
		"offline": "It could not be looked up: the cluster does not answer. Nothing was touched. Try again when it answers.",
	} {
		t.Run(tag, func(t *testing.T) {
			d, j, c := run(t, nil, "web:"+tag)
			want(t, d, deployer.Refused, c)
			if d.Why != why || len(j.Places()) != 0 {
				t.Errorf("refused with %q, holds %v", d.Why, j.Places())
			}
		})
	}
}

// The image changes under an approval (samson 593, branch-deploy 315): the
// approval is void, asked for again, and only then is anything rolled out.
func TestTheImageChangesUnderAnApproval(t *testing.T) {
	t.Parallel()
	d, _, c := run(t, func(j *deployertest.Journal, c *cluster, _ *fixture) {
		j.OnCommit(func(int, deployer.Commit) (bool, error) {
			if d, _ := j.Load(context.Background(), "tangerine-1"); d.Step("approve") != nil && d.Step("approve").Status == deployer.Done {
				c.mu.Lock()
				if c.image["web"] == "v1" {
					c.image["web"] = "v1.1"
				}
				c.mu.Unlock()
			}
			return true, nil
		})
	}, "web:v2")
	want(t, d, deployer.Complete, c, "web=v2")
	if s := d.Step("approve"); s.Attempt != 2 || d.Targets[0].Before.Image != "v1.1" {
		t.Errorf("asked %d times, before %+v", s.Attempt, d.Targets[0].Before)
	}
	if n := len(d.Step("starting").Posts); n != 1 {
		t.Errorf("%d starting messages", n)
	}
}
