package bottest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// Build is a step kind of a system that may ask somebody half way.
var Build = deployer.Kind{
	Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Mutates: true, Gate: "proceed",
}

// WithBuild is a start of services that are built before their rollout; the
// build may ask whoever holds a role, or with "" nobody here.
func WithBuild(role string, services ...string) deployer.Start {
	s := StartOf(services...)
	s.Procedure.Kinds = append(s.Procedure.Kinds, Build)
	s.Procedure.Steps = slices.Insert(s.Procedure.Steps, 2, deployer.Step{
		ID: "build", Title: "Build", Uses: Build.Name, Needs: []string{"approve"}, With: deployer.Values{"proceed": {Text: role}},
		Remind: []time.Duration{10 * time.Minute},
	})
	s.Procedure.Steps[3].Needs = []string{"build"}
	return s
}

// AtGate is one whose build asks whether it may go on.
func AtGate(t testing.TB, role string) *Scenario {
	return NewScenario(t, WithBuild(role, Web)).Resolved(TargetsOf(Web)...).Approved().
		Engine(deployer.Intend{Key: "build", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		Engine(deployer.Act{Key: "build", Ref: "#7"}).
		Engine(deployer.OpenGate{Key: "build", Gate: deployer.Gate{ID: "Deploy-1", Asks: "Deploy build #7 to prod?"}})
}

// HeldUp is one whose rollout of some services a lock of Bob's keeps from
// beginning.
func HeldUp(t testing.TB, services ...string) *Scenario {
	n := NewScenario(t, StartOf(services...)).Resolved(TargetsOf(services...)...).Approved().Announced("starting")
	for _, s := range services[:len(services)-1] {
		n.Begins("rollout", s)
	}
	last := services[len(services)-1]
	lock := deployer.Lock{Service: last, By: Bob, Reason: "incident 4711", At: n.Time, Until: TenPM.Add(2 * time.Hour)}
	if err := n.Lock(context.Background(), "tangerine", "prod", lock, ""); err != nil {
		t.Fatal(err)
	}
	d := n.Deployment()
	return n.Engine(deployer.Intend{Key: "rollout/" + last, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Target(last).Before}})
}

// Closed is one whose rollout a window keeps from beginning that Bob may override.
func Closed(t testing.TB) *Scenario {
	n := NewScenario(t, StartOf(Web)).Resolved(TargetsOf(Web)...).Approved().Announced("starting")
	night := deployer.Verdict{Rule: "window 1", Is: deployer.WindowRefuse, Why: "It is <night> & people sleep.", Override: "tech-lead", Next: TenPM.Add(10 * time.Hour)}
	n.Rules = func(deployer.Deployment, time.Time) []deployer.Verdict { return []deployer.Verdict{night} }
	d := n.Deployment()
	return n.Engine(deployer.Intend{Key: "rollout/" + Web, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Target(Web).Before}})
}

// Untold is one that was stopped while a rollout of some services was under way,
// of which nobody can tell how far it came.
func Untold(t testing.TB, services ...string) *Scenario {
	n := RollingOut(t, services...).Does(Ana, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "wrong tag"})
	for _, s := range services {
		n.Ends("rollout/"+s, deployer.Interrupted, "it can not be told how far it came: connection refused", "")
	}
	return n
}

// Conditional is one whose first step depends on a condition, which a language reads.
func Conditional(t testing.TB, l deployer.Language) *Scenario {
	start := StartOf(Web)
	start.Procedure.Steps[0].When, start.Procedure.Steps[0].Else = `inputs.risk == "high"`, "The risk is low."
	n := NewScenario(t, start)
	n.Language = l
	return n.Resolved(TargetsOf(Web)...)
}
