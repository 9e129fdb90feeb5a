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
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
		r := c.runners()
		r["jenkins.build"] = q
		f.engine = engine.New(engine.Config{Journal: j, Resolver: c, Runners: r, People: people{}})
		f.run(t)
		defer f.close()
		o := start("web:v2")
		s := o.Command.(deployer.Start)
		s.Procedure = deployer.Procedure{ID: "p", SHA: "s", Kinds: []deployer.Kind{{Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional}},
			Steps: []deployer.Step{{ID: "b", Title: "B", Uses: "jenkins.build"}}}
		o.Command = s
		d, err := f.engine.Do(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for range 7200 {
			f.deliver(d.ID)
			time.Sleep(time.Second)
			d, _ = j.Load(t.Context(), d.ID)
			if d.Status.Ended() || d.Status == deployer.Deciding {
				break
			}
		}
		out = d
	})
	return out
}

// two breaks of a watch, 11 minutes apart, are taken for 11 minutes of silence.
func TestBreaksFarApartAreNoSilence(t *testing.T) {
	t.Parallel()
	q := &quiet{every: 11 * time.Minute, tries: 4}
	if d := playQuiet(t, q); d.Status != deployer.Complete {
		t.Errorf("%s: %s after %d follows", d.Status, d.Why, q.n)
	}
}

// whoever tells that it can't be reached and returns the error is tried for ever.
func TestTheSameNoteIsNoAnswer(t *testing.T) {
	t.Parallel()
	q := &quiet{every: time.Second, tries: 1e9, tell: true}
	if d := playQuiet(t, q); d.Status != deployer.Deciding {
		t.Errorf("after 2 h it is %s, %d follows", d.Status, q.n)
	}
}
