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
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// A stage is an engine with people and a chat system that do what they are
// asked, in a bubble of faked time.
type stage struct {
	t       *testing.T
	journal *journal
	cluster *cluster
	engine  *engine.Engine
	stop    context.CancelFunc
	ran     chan error
	decide  deployer.Command // what Ana decides when something failed; nil: nothing
}

func newStage(t *testing.T, j *journal, c *cluster) *stage {
	s := &stage{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
	s.engine = engine.New(engine.Config{Journal: j, Resolver: c, Runners: c.runners(), People: people{}})
	s.run(t)
	return s
}

func (s *stage) run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s.stop = stop
	go func() { s.ran <- s.engine.Run(ctx) }()
	synctest.Wait() // Run has listed what is live: what starts now is not found by it
}

func (s *stage) close() {
	s.stop()
	if err := <-s.ran; err != nil {
		s.t.Errorf("Run: %v", err)
	}
}

// play lets everybody do what they are asked until the deployment ends, or
// until nothing happens for an hour.
func (s *stage) play(id string) deployer.Deployment {
	s.t.Helper()
	for range 3600 {
		s.deliver(id)
		d, err := s.journal.Load(s.t.Context(), id)
		if err != nil {
			s.t.Fatal(err)
		}
		if d.Status.Ended() {
			return d
		}
		s.answer(d)
		time.Sleep(time.Second)
	}
	d, _ := s.journal.Load(s.t.Context(), id)
	s.t.Fatalf("does not end: %s %+v", d.Status, d.Current())
	return d
}

// deliver takes what waits to be sent.
func (s *stage) deliver(id string) {
	for _, m := range s.journal.take() {
		s.try(deployer.Order{Deployment: id, Command: deployer.Deliver{Kind: m.Kind, Post: deployer.Post{Key: m.Mark, Channel: m.Channel, TS: "1"}}})
	}
}

func (s *stage) answer(d deployer.Deployment) {
	for _, step := range d.Current() {
		nonce := fmt.Sprint(step.ID, step.Attempt)
		switch {
		case step.Status != deployer.Active:
			if b := d.Broken(); s.decide != nil && b != nil {
				cmd := s.decide
				if _, ok := cmd.(deployer.Retry); ok {
					cmd = deployer.Retry{Step: b.ID, Attempt: b.Attempt}
				}
				s.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: nonce + "decide", Command: cmd})
			}
		case step.Uses == deployer.KindConfirm:
			s.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: nonce, Command: deployer.Confirm{Step: step.ID, Attempt: step.Attempt}})
		case step.Uses == deployer.KindApprove:
			s.try(deployer.Order{Deployment: d.ID, By: bob, Nonce: nonce, Command: deployer.Approve{Step: step.ID, Attempt: step.Attempt, Subject: d.Subject().Hash()}})
		}
	}
}

// try gives an order; a refusal is fine, since the world moves meanwhile.
func (s *stage) try(o deployer.Order) {
	var r *deployer.Refusal
	if _, err := s.engine.Do(s.t.Context(), o); err != nil && !errors.As(err, &r) {
		s.t.Errorf("%#v: %v", o.Command, err)
	}
}

func (s *stage) begin(wants ...string) deployer.Deployment {
	s.t.Helper()
	d, err := s.engine.Do(s.t.Context(), start(wants...))
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// run plays one whole deployment on a stage of its own.
func run(t *testing.T, setup func(*journal, *cluster, *stage), wants ...string) (d deployer.Deployment, j *journal, c *cluster) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		j, c = newJournal(), newCluster()
		s := newStage(t, j, c)
		defer s.close()
		if setup != nil {
			setup(j, c, s)
		}
		d = s.play(s.begin(wants...).ID)
	})
	return d, j, c
}

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
	if len(j.places) != 0 {
		t.Errorf("places are still held: %v", j.places)
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
			d, _, c := run(t, func(_ *journal, c *cluster, _ *stage) { c.act = act }, "web:v2")
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
	d, _, c := run(t, func(_ *journal, c *cluster, s *stage) { c.outcome, s.decide = crashes, deployer.RollBack{} }, "web:v2")
	want(t, d, deployer.RolledBack, c, "web=v2", "web=v1")
}

// Only the service that failed is rolled back; the other one stays.
func TestPartialSuccessIsRolledBackByService(t *testing.T) {
	t.Parallel()
	d, _, c := run(t, func(_ *journal, c *cluster, s *stage) {
		c.outcome = func(service, image string) deployer.Outcome {
			if service == "api" {
				return crashes(service, image)
			}
			return deployer.Outcome{Result: deployer.OK}
		}
		s.decide = deployer.RollBack{}
	}, "web:v2", "api:v2")
	want(t, d, deployer.RolledBack, c, "web=v2", "api=v2", "api=v1")
}

func TestRetryMakesNoNewRevision(t *testing.T) {
	t.Parallel()
	failures := 0
	d, _, c := run(t, func(_ *journal, c *cluster, s *stage) {
		c.outcome = func(service, image string) deployer.Outcome {
			failures++
			if failures < 3 {
				return crashes(service, image)
			}
			return deployer.Outcome{Result: deployer.OK}
		}
		s.decide = deployer.Retry{}
	}, "web:v2")
	want(t, d, deployer.Complete, c, "web=v2")
}

// A retry whose call was lost before its effect still lets the paused rollout
// go on: it is there, and held by ourselves.
func TestARetryThatIsCutOffLetsTheRolloutGoOn(t *testing.T) {
	t.Parallel()
	failed := false
	d, _, c := run(t, func(_ *journal, c *cluster, s *stage) {
		c.act = func(n int) (error, error) { return pick(n == 2, errors.New("connection reset by peer")), nil }
		c.outcome = func(service, image string) deployer.Outcome {
			if !failed {
				failed = true
				return crashes(service, image)
			}
			return deployer.Outcome{Result: deployer.OK}
		}
		s.decide = deployer.Retry{}
	}, "web:v2")
	want(t, d, deployer.Complete, c, "web=v2")
	if s := d.Step("rollout"); s.Attempt != 2 {
		t.Errorf("it took %d attempts", s.Attempt)
	}
}

func TestAFailedRolloutIsPaused(t *testing.T) {
	t.Parallel()
	d, _, c := run(t, func(_ *journal, c *cluster, s *stage) { c.outcome, s.decide = crashes, deployer.Stop{Reason: "enough"} }, "web:v2")
	want(t, d, deployer.Stopped, c, "web=v2")
	if !c.paused["web"] {
		t.Error("the failed rollout was left running")
	}
}

func TestARolloutThatHangsExpires(t *testing.T) {
	t.Parallel()
	d, _, c := run(t, func(_ *journal, c *cluster, s *stage) { c.hang, s.decide = true, deployer.Stop{} }, "web:v2")
	want(t, d, deployer.Stopped, c, "web=v2")
	if s := d.Step("rollout"); !s.Expired || !c.paused["web"] {
		t.Errorf("expired %v, paused %v", s.Expired, c.paused)
	}
}

func TestStopWhileRollingOutPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := newJournal(), newCluster()
		c.hang = true
		s := newStage(t, j, c)
		defer s.close()
		id := s.begin("web:v2").ID
		go func() {
			time.Sleep(time.Minute)
			s.try(deployer.Order{Deployment: id, By: ana, Nonce: "stop", Command: deployer.Stop{}})
		}()
		want(t, s.play(id), deployer.Stopped, c, "web=v2")
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
		j, c := newJournal(), newCluster()
		s := newStage(t, j, c)
		defer s.close()
		id := s.begin("web:v2").ID
		lost := errors.New("connection reset by peer")
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
				s.try(deployer.Order{Deployment: id, By: ana, Nonce: "stop", Command: deployer.Stop{}})
			})
			return lost, nil
		}
		want(t, s.play(id), deployer.Stopped, c, "web=v2")
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
		j, c := newJournal(), newCluster()
		s := newStage(t, j, c)
		id := s.begin("web:v2").ID
		for range 400 { // a process that lives for a second
			s.close()
			s = newStage(t, j, c)
			s.deliver(id)
			d, _ := j.Load(t.Context(), id)
			s.answer(d)
			time.Sleep(1100 * time.Millisecond)
		}
		defer s.close()
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
		j := newJournal()
		s := newStage(t, j, newCluster())
		defer s.close()
		var group sync.WaitGroup
		ids, refused := make([]string, 20), make([]bool, 20)
		for i := range ids {
			group.Go(func() {
				o := start("web:v2")
				cmd := o.Command.(deployer.Start)
				cmd.Origin = fmt.Sprint("origin", i%2) // ten deliveries each of two commands
				o.Command = cmd
				d, err := s.engine.Do(t.Context(), o)
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
		if ids = slices.Compact(ids); len(ids) != 2 || ids[0] != "" || len(j.events) != 1 {
			t.Errorf("started %q, %d deployments", ids, len(j.events))
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
			if d.Why != why || len(j.places) != 0 {
				t.Errorf("refused with %q, holds %v", d.Why, j.places)
			}
		})
	}
}

// The image changes under an approval (samson 593, branch-deploy 315): the
// approval is void, asked for again, and only then is anything rolled out.
func TestTheImageChangesUnderAnApproval(t *testing.T) {
	t.Parallel()
	d, _, c := run(t, func(j *journal, c *cluster, _ *stage) {
		j.ending = func(int) (bool, error) {
			if d := deployer.Fold(deployer.Deployment{}, j.events["tangerine-1"]...); d.Step("approve") != nil && d.Step("approve").Status == deployer.Done {
				c.mu.Lock()
				if c.image["web"] == "v1" {
					c.image["web"] = "v1.1"
				}
				c.mu.Unlock()
			}
			return true, nil
		}
	}, "web:v2")
	want(t, d, deployer.Complete, c, "web=v2")
	if s := d.Step("approve"); s.Attempt != 2 || d.Targets[0].Before.Image != "v1.1" {
		t.Errorf("asked %d times, before %+v", s.Attempt, d.Targets[0].Before)
	}
	if n := len(d.Step("starting").Posts); n != 1 {
		t.Errorf("%d starting messages", n)
	}
}
