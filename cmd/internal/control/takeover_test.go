package control

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// unbuilt is a scenario whose build, which acts, has failed.
func unbuilt(t testing.TB) *bottest.Scenario {
	start := bottest.StartOf(bottest.Web)
	start.Procedure.Kinds = append(slices.Clone(start.Procedure.Kinds), deployer.Kind{Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable})
	build := deployer.Step{ID: "build", Title: "The build has run", Uses: "jenkins.build", Fields: []deployer.Input{{ID: "number", Label: "Number", Kind: deployer.InputNumber, Required: true}}}
	start.Procedure.Steps = append([]deployer.Step{build}, start.Procedure.Steps...)
	n := bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...)
	return n.Engine(deployer.Intend{Key: "build", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).Ends("build", deployer.Failed, "the node is gone", "")
}

// From a terminal somebody takes over, says what they have done with all that a form would
// ask for, and hands back.
func TestTerminalTakesOverAndHandsBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, unbuilt(t), bottest.Bob.ID)
	says := func(a Answer) Detail {
		t.Helper()
		done, err := f.client.Answer(t.Context(), f.ID, a)
		if err != nil {
			t.Fatal(err)
		}
		return done.Deployment
	}
	taken := says(Answer{Choice: "takeover"})
	if !slices.ContainsFunc(taken.Waits, func(w Wait) bool { return w.What == "taken over by Bob" }) {
		t.Errorf("it waits for %+v", taken.Waits)
	}
	if no := f.refused(Answer{Choice: "done", Step: "build", Fields: map[string]string{"number": "42"}}); no.Why == "" {
		t.Error("nothing is said of how it was done")
	}
	f.refused(Answer{Choice: "done", Step: "build", Reason: "ran it on node-4"})
	done := says(Answer{Choice: "done", Step: "build", Reason: "ran it on node-4", Fields: map[string]string{"number": "42"}})
	if s := done.Steps[0]; s.State != "done" || s.Why != "by hand, by Bob" {
		t.Errorf("the step is %+v", s)
	}
	if back := says(Answer{Choice: "handback"}); slices.ContainsFunc(back.Waits, func(w Wait) bool { return w.What == "taken over by Bob" }) {
		t.Errorf("it waits for %+v", back.Waits)
	}
}
