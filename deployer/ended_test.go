package deployer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
)

// everyOrder is every order that may still arrive for a deployment: clicks on
// buttons that somebody's screen shows, timers, and what effects report.
func everyOrder(d deployer.Deployment) []deployer.Order {
	var all []deployer.Order
	person := func(c deployer.Command) {
		for _, by := range []deployer.Actor{ana, bob, eve} {
			all = append(all, deployer.Order{By: by, Nonce: fmt.Sprint("late ", len(all)), Command: c})
		}
	}
	machine := func(c deployer.Command) { all = append(all, deployer.Order{Command: c}) }
	person(deployer.Answer{Choice: deployer.ChoiceRollBack})
	person(deployer.Answer{Choice: deployer.ChoiceStop})
	machine(deployer.Resolve{Targets: d.Targets})
	machine(deployer.RejectStart{Refusal: *deployer.Refuse("", "No.")})
	for _, s := range d.Steps {
		for _, attempt := range []int{s.Attempt, s.Attempt + 1} {
			person(deployer.Answer{Step: s.ID, Attempt: attempt, Choice: deployer.ChoiceDone})
			person(deployer.Answer{Step: s.ID, Attempt: attempt, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove})
			person(deployer.Answer{Step: s.ID, Attempt: attempt, Comment: "not tonight", Choice: deployer.ChoiceReject})
			person(deployer.Answer{Step: s.ID, Attempt: attempt, Values: deployer.ClientWords("Ten minutes."), Choice: deployer.ChoiceSend})
			person(deployer.Answer{Step: s.ID, Attempt: attempt, Choice: deployer.ChoiceCheck})
			person(deployer.Answer{Step: s.ID, Attempt: attempt, Choice: deployer.ChoiceRetry})
			person(deployer.Answer{Step: s.ID, Attempt: attempt, Comment: "late", Choice: deployer.ChoiceSkip})
			machine(deployer.Elapse{Step: s.ID, Attempt: attempt})
			machine(deployer.Expire{Step: s.ID, Attempt: attempt})
		}
		for _, t := range d.Targets {
			for _, key := range []string{s.ID + "/" + t.Service, s.ID + "/" + t.Service + "/pause"} {
				machine(deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: t.Before}})
				machine(deployer.Act{Key: key, Ref: "late"})
				machine(deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: deployer.Failed}})
			}
		}
	}
	return all
}

// A redelivered queue message turned SUCCEEDED back into RUNNING (spinnaker
// 7921): nothing that arrives late does anything to a deployment that has
// ended, and nothing is due about it.
func TestADeploymentThatEndedStaysAsItIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newFixture(t)
		w.random()
		w.finish()
		w.now = w.now.Add(time.Hour)
		end, events := w.d, len(w.events)
		for _, o := range everyOrder(w.d) {
			err := w.do(o)
			var refused *deployer.Refusal
			if !errors.Is(err, deployer.ErrStale) && !errors.As(err, &refused) || len(w.events) != events {
				t.Fatalf("%s took %#v: %v, %d events", end.Status, o, err, len(w.events)-events)
			}
		}
		for _, m := range w.messages { // what Slack took, or never will, is still written down
			_ = w.do(deployer.Order{Command: deployer.Deliver{Kind: m.Kind, Post: deployer.Post{DedupKey: m.DedupKey, TS: "2"}}})
			_ = w.do(deployer.Order{Command: deployer.GiveUp{DedupKey: m.DedupKey, Why: "The channel is archived."}})
		}
		if w.d.Status != end.Status || w.d.Why != end.Why || !w.d.Ended.Equal(end.Ended) {
			t.Fatalf("it was %s (%s), and is %s (%s)", end.Status, end.Why, w.d.Status, w.d.Why)
		}
		if p := deployer.Next(w.d, w.now); p.Resolve || len(p.Effects) > 0 || len(p.Due) > 0 || !p.Wake.IsZero() {
			t.Fatalf("%s, and still wanted: %+v", w.d.Status, p)
		}
	})
}
