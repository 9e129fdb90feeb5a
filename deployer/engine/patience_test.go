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

type quiet struct {
	n     int
	tell  bool
	every time.Duration
	tries int
}

func (q *quiet) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}
func (q *quiet) Act(context.Context, deployer.Intent) (string, error) { return "r", nil }
func (q *quiet) Follow(ctx context.Context, _ deployer.Intent, _ string, show func(deployer.Progress)) (deployer.Outcome, error) {
	q.n++
	if q.n >= q.tries {
		return deployer.Outcome{Result: deployer.OK}, nil
	}
	if q.tell {
		show(deployer.Progress{Note: "can't be reached"})
	}
	select {
	case <-time.After(q.every):
		return deployer.Outcome{}, errors.New("the watch was closed")
	case <-ctx.Done():
		return deployer.Outcome{}, ctx.Err()
	}
}

func playQuiet(t *testing.T, q *quiet) (out deployer.Deployment) {
	synctest.Test(t, func(t *testing.T) { out = played(t, q) })
	return out
}

// played is what a deployment has come to after two hours, whose only step a
// runner does.
func played(t *testing.T, r deployer.Runner) deployer.Deployment {
	t.Helper()
	j, c := deployertest.NewJournal(), newCluster()
	f := &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
	runners := c.runners()
	runners["jenkins.build"] = r
	f.engine = engine.New(engine.Config{Journal: j, Resolver: c, Runners: runners, People: people{}})
	f.run(t)
	defer f.close()
	o := start("web:v2")
	s := o.Command.(deployer.Start)
	s.Procedure = deployer.Procedure{
		ID: "p", SHA: "s", Steps: []deployer.Step{{ID: "b", Title: "B", Uses: "jenkins.build"}},
		Kinds: []deployer.Kind{{Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional}},
	}
	o.Command = s
	d, err := f.engine.Do(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for range 7200 {
		f.deliver(d.ID)
		time.Sleep(time.Second)
		if d, err = j.Load(t.Context(), d.ID); err != nil {
			t.Fatal(err)
		}
		if d.Status.Ended() || d.Status == deployer.Deciding {
			break
		}
	}
	return d
}

// Two breaks of a watch, 11 minutes apart, are no 11 minutes of silence.
func TestBreaksFarApartAreNoSilence(t *testing.T) {
	t.Parallel()
	q := &quiet{every: 11 * time.Minute, tries: 4}
	if d := playQuiet(t, q); d.Status != deployer.Complete {
		t.Errorf("%s: %s after %d follows", d.Status, d.Why, q.n)
	}
}

// Whoever tells again and again that it can't be reached has told nothing.
func TestTheSameNoteIsNoAnswer(t *testing.T) {
	t.Parallel()
	q := &quiet{every: time.Second, tries: 1e9, tell: true}
	if d := playQuiet(t, q); d.Status != deployer.Deciding {
		t.Errorf("after 2 h it is %s, %d follows", d.Status, q.n)
	}
}

// A gone system is followed without a word, and from a moment on answers no look.
type gone struct {
	began time.Time
	after time.Duration // until then it answers
}

func (g *gone) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	if time.Since(g.began) > g.after {
		return deployer.Observation{}, errors.New("dial tcp: no route to host")
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (g *gone) Act(context.Context, deployer.Intent) (string, error) { return "r", nil }

func (g *gone) Follow(ctx context.Context, _ deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	<-ctx.Done()
	return deployer.Outcome{}, ctx.Err()
}

// A system that goes away while it is followed is not waited for in silence: a
// person is asked. One that only takes long is waited for.
func TestASystemThatIsGoneIsNotFollowedForEver(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]deployer.Status{5 * time.Minute: deployer.Deciding, 24 * time.Hour: deployer.Running} {
		var d deployer.Deployment
		synctest.Test(t, func(t *testing.T) { d = played(t, &gone{began: time.Now(), after: after}) })
		if d.Status != want {
			t.Errorf("gone after %s it is %s: %s", after, d.Status, d.Why)
		}
	}
}
