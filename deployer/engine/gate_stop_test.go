package engine_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

type asking struct {
	down     atomic.Bool
	proceeds atomic.Int64
}

func (q *asking) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	if in.Verb != "" && q.down.Load() {
		return deployer.Observation{}, errors.New("503")
	}
	if in.Verb == "" && !in.At.IsZero() {
		return deployer.Observation{Kind: deployer.ObservedPresent, Ref: "r"}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}
func (q *asking) Act(_ context.Context, in deployer.Intent) (string, error) {
	if in.Verb == deployer.VerbProceed {
		q.proceeds.Add(1)
	}
	return "r", nil
}
func (q *asking) Follow(ctx context.Context, in deployer.Intent, _ string, show func(deployer.Progress)) (deployer.Outcome, error) {
	if in.Verb != "" {
		return deployer.Outcome{Result: deployer.OK}, nil
	}
	show(deployer.Progress{Gate: deployer.Gate{ID: "g1", Asks: "Deploy?"}})
	<-ctx.Done()
	return deployer.Outcome{}, ctx.Err()
}

// Proceed is told to the system after Stop was pressed.
func TestNoSystemIsToldToProceedAfterAStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := &fixture{t: t, journal: j, cluster: c, ran: make(chan error, 1)}
		r := c.runners()
		q := &asking{}
		q.down.Store(true)
		r["jenkins.build"] = q
		f.engine = engine.New(engine.Config{Journal: j, Resolver: c, Runners: r, People: people{}})
		f.run(t)
		defer f.close()
		o := start("web:v2")
		s := o.Command.(deployer.Start)
		s.Procedure = deployer.Procedure{ID: "p", SHA: "s", Kinds: []deployer.Kind{{Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional, Mutates: true, Gate: "proceed"}},
			Steps: []deployer.Step{{ID: "b", Title: "B", Uses: "jenkins.build", With: deployer.Values{"proceed": {Text: "tech-lead"}}}}}
		o.Command = s
		d, err := f.engine.Do(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if _, err := f.engine.Do(t.Context(), deployer.Order{Deployment: d.ID, By: bob, Nonce: "p", Command: deployer.Answer{Step: "b", Attempt: 1, Choice: deployer.ChoiceProceed, Subject: "g1"}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if _, err := f.engine.Do(t.Context(), deployer.Order{Deployment: d.ID, By: ana, Nonce: "s", Command: deployer.Answer{Choice: deployer.ChoiceStop}}); err != nil {
			t.Fatal(err)
		}
		q.down.Store(false)
		time.Sleep(time.Minute)
		d, _ = j.Load(t.Context(), d.ID)
		if q.proceeds.Load() > 0 {
			t.Errorf("after Stop it was told to proceed %d times; it is %s", q.proceeds.Load(), d.Status)
		}
	})
}
