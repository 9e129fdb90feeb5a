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
	"github.com/stationmaster/stationmaster/deployer/engine"
)

var looks = deployer.Kind{Name: "alerts.check", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads}

// A probe answers each look with the next of its results, and then well.
type probe struct {
	mu      sync.Mutex
	results map[string][]deployer.Result // by step
	looked  map[string][]time.Time
}

func (p *probe) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (p *probe) Act(context.Context, deployer.Intent) (string, error) { return "r", nil }

func (p *probe) Follow(_ context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looked[in.Step] = append(p.looked[in.Step], time.Now())
	out := deployer.Outcome{Result: deployer.OK}
	if rest := p.results[in.Step]; len(rest) > 0 {
		out.Result, p.results[in.Step] = rest[0], rest[1:]
	}
	if out.Result != deployer.OK {
		out.Why, out.Kind = "an alert fires", "firing"
	}
	return out, nil
}

// since is how long after a time each look of a step was.
func (p *probe) since(t time.Time, step string) (out []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, at := range p.looked[step] {
		out = append(out, at.Sub(t).Round(time.Second))
	}
	return out
}

// living is a deployment that looks before its end, and goes on looking after it.
func living() deployer.Order {
	o := start("web:v2")
	cmd := o.Command.(deployer.Start)
	cmd.Procedure = deployer.Procedure{
		ID: "p", SHA: "sha", Kinds: []deployer.Kind{looks}, Messages: map[string]string{"failed": "{why}"},
		Steps: []deployer.Step{
			{ID: "health", Uses: looks.Name, Retries: deployer.Retries{Times: 2, Every: 10 * time.Second}},
			{ID: "duty", Uses: looks.Name, Background: true, Retries: deployer.Retries{Times: 1, Every: 6 * time.Hour}},
			{ID: "rollout", Uses: deployer.KindRollout, Needs: []string{"health"}},
		},
		Failure: deployer.Failure{Message: "failed", To: []string{"deploys"}, Steps: []deployer.Step{{ID: "page", Uses: looks.Name}}},
		After: []deployer.Step{
			{ID: "watch", Uses: looks.Name, Every: 15 * time.Minute, Lasts: time.Hour},
			{ID: "review", Uses: deployer.KindConfirm, In: 2 * time.Hour},
		},
	}
	o.Command = cmd
	return o
}

// What is tried again, what stands in the background and what comes after the end goes
// on through restarts, at its times, in whatever process there is; the places are free
// from the end on, and a deployment that only waits is not in memory.
func TestDeploymentLivesOnThroughRestarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &probe{looked: map[string][]time.Time{}, results: map[string][]deployer.Result{
			"health": {deployer.Failed, deployer.Failed}, "duty": {deployer.Failed}, "watch": {deployer.OK, deployer.Failed},
		}}
		j, c := deployertest.NewJournal(), newCluster()
		f := &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
		process := func() {
			runners := c.runners()
			runners[looks.Name] = p
			f.engine = engine.New(engine.Config{Journal: j, Resolver: c, Runners: runners, People: people{}})
			f.run(t)
		}
		restart := func() { f.close(); process() }
		process()
		began := time.Now()
		d, err := f.engine.Do(t.Context(), living())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		restart() // between two tries
		for range 60 {
			f.deliver(d.ID)
			time.Sleep(time.Second)
		}
		if got := p.since(began, "health"); !slices.Equal(got, []time.Duration{0, 10 * time.Second, 20 * time.Second}) {
			t.Errorf("it was looked at after %v", got)
		}
		d = loaded(t, j, d.ID)
		if d.Status != deployer.Complete || len(j.Places()) > 0 || f.engine.InMemory() != 0 {
			t.Fatalf("it is %s: %+v; held are %v; %d are in memory", d.Status, d.Current(), j.Places(), f.engine.InMemory())
		}
		if live, err := j.Live(t.Context()); err != nil || !slices.Equal(live, []string{d.ID}) {
			t.Errorf("live are %v, %v", live, err)
		}
		again := start("web:v3")
		if _, err := f.engine.Do(t.Context(), again); err != nil {
			t.Errorf("while it lives on, the next one: %v", err)
		}
		time.Sleep(20 * time.Minute)
		restart() // between two rounds
		time.Sleep(11 * time.Minute)
		d = loaded(t, j, d.ID)
		watch := d.Step("watch")
		if watch.Status != deployer.StepFailed || watch.Fault != "firing" || len(p.since(d.Ended, "page")) != 1 || d.Failures[0].Step != "watch" {
			t.Fatalf("the second round: %+v", watch)
		}
		f.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: "again", Command: deployer.Answer{Step: "watch", Attempt: 2, Choice: deployer.ChoiceRetry}})
		time.Sleep(time.Hour)
		restart()
		if got := p.since(d.Ended, "watch"); len(got) != 5 || got[0] != 15*time.Minute || got[1] != 30*time.Minute || got[3] != 45*time.Minute || got[4] != time.Hour {
			t.Errorf("it was watched after %v", got)
		}
		time.Sleep(5 * time.Hour)
		d = loaded(t, j, d.ID)
		if s := d.Step("duty"); s.Status != deployer.Done || s.Attempt != 2 {
			t.Errorf("the duty: %+v", s)
		}
		f.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: "reviewed", Command: deployer.Answer{Step: "review", Attempt: 1, Choice: deployer.ChoiceDone}})
		if d := loaded(t, j, d.ID); deployer.Lives(d) {
			t.Errorf("it lives on: %+v", d.Current())
		}
		f.close()
	})
}

func loaded(t *testing.T, j *deployertest.Journal, id string) deployer.Deployment {
	t.Helper()
	d, err := j.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Whichever commit a process dies at, what comes after the end is done once, and comes
// to its own end; the places are freed once.
func TestCrashAtEveryCommitLeavesWhatComesAfterTheEnd(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		commits := 0
		synctest.Test(t, func(t *testing.T) { commits = diesAt(t, n) })
		if commits < n {
			if n < 20 {
				t.Fatalf("there are only %d commits", commits)
			}
			return
		}
	}
}

// diesAt has the process die at a commit, which lands where its number is even, and
// another one go on. It returns how many commits there were.
func diesAt(t *testing.T, n int) (commits int) {
	p := &probe{looked: map[string][]time.Time{}, results: map[string][]deployer.Result{"health": {deployer.Failed}, "watch": {deployer.Failed}}}
	j, c := deployertest.NewJournal(), newCluster()
	f := &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
	died := make(chan struct{}, 1)
	freed := 0
	j.OnCommit(func(i int, c deployer.Commit) (bool, error) {
		commits++
		lands := i != n || n%2 == 0
		for _, e := range c.Events {
			if _, ok := e.(deployer.PlacesFreed); ok && lands {
				freed++
			}
		}
		if i == n {
			died <- struct{}{}
			return lands, deployer.ErrUnknown
		}
		return true, nil
	})
	process := func() {
		runners := c.runners()
		runners[looks.Name] = p
		f.engine = engine.New(engine.Config{Journal: j, Resolver: c, Runners: runners, People: people{}})
		f.run(t)
	}
	process()
	d, err := f.engine.Do(t.Context(), living())
	if err != nil && !errors.Is(err, deployer.ErrUnknown) {
		t.Fatal(err)
	}
	for range 400 {
		select {
		case <-died:
			f.close()
			process()
		default:
		}
		f.deliver(d.ID)
		d = loaded(t, j, d.ID)
		if !deployer.Lives(d) {
			break
		}
		f.answer(d)
		if s := d.Step("watch"); s.Status == deployer.StepFailed {
			f.try(deployer.Order{Deployment: d.ID, By: ana, Nonce: fmt.Sprint("again", s.Attempt), Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceRetry}})
		}
		time.Sleep(time.Minute)
	}
	f.close()
	if d.Status != deployer.Complete || deployer.Lives(d) || freed != 1 || len(j.Places()) > 0 {
		t.Errorf("dying at commit %d it is %s, lives %t, its places were freed %d times: %+v", n, d.Status, deployer.Lives(d), freed, d.Current())
	}
	return commits
}
