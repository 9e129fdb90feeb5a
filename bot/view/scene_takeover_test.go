package view

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// builds is a kind that acts, of a system that is there.
var builds = deployer.Kind{Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable}

// building is the usual procedure, with a build behind its approval.
func building() deployer.Start {
	start := bottest.StartOf(bottest.Web)
	start.Procedure.Kinds = append(slices.Clone(start.Procedure.Kinds), builds)
	at := slices.IndexFunc(start.Procedure.Steps, func(s deployer.Step) bool { return s.ID == "rollout" })
	start.Procedure.Steps = slices.Insert(start.Procedure.Steps, at, deployer.Step{
		ID: "build", Title: "The <release> build has run", Uses: builds.Name, Needs: []string{"approve"}, How: "Start the job on its page.",
		Fields: []deployer.Input{{ID: "number", Label: "Number", Kind: deployer.InputNumber, Required: true}},
	})
	start.Procedure.Steps[at+1].Needs = append(slices.Clone(start.Procedure.Steps[at+1].Needs), "build")
	return start
}

// takeoverScenes are states in which somebody has taken over, has handed back, and has
// done by hand what a machine could not.
func takeoverScenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *bottest.Scenario) *bottest.Scenario {
		out = append(out, scene{name: name, d: n.Deployment(), now: n.Time, renderer: plainRenderer})
		return n
	}
	takes, hands := deployer.Answer{Choice: deployer.ChoiceTakeOver}, deployer.Answer{Choice: deployer.ChoiceHandBack}
	add("taken-over-asking", bottest.Confirmed(t).Does(bottest.Bob, takes))
	add("taken-over-rolling", bottest.RollingOut(t, bottest.Web).Does(bottest.Ana, takes))
	failed := add("taken-over-failed", bottest.RollingOut(t, bottest.Web).Does(bottest.Ana, takes).Ends("rollout/"+bottest.Web, deployer.Failed, bottest.Crash, "boom"))
	add("handed-back-failed", failed.Does(bottest.Ana, hands))

	n := bottest.NewScenario(t, building()).Resolved(bottest.TargetsOf(bottest.Web)...).Approved().Announced("starting")
	n.Engine(deployer.Intend{Key: "build", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	add("build-failed", n.Ends("build", deployer.Failed, "the node is <gone>", ""))
	says := deployer.Answer{Step: "build", Attempt: 1, Choice: deployer.ChoiceByHand, Values: map[string]string{"number": "42"}, Comment: "ran it on <node-4>"}
	add("built-by-hand", n.Does(bottest.Bob, says))

	n = bottest.NewScenario(t, building()).Resolved(bottest.TargetsOf(bottest.Web)...).Approved().Announced("starting").Does(bottest.Ana, takes)
	add("taken-over-held", n)
	n.Does(bottest.Ana, says)
	add("taken-over-rollout", n)
	d := n.Deployment()
	after := d.Target(bottest.Web).After
	n.Does(bottest.Ana, hands).Engine(deployer.Intend{Key: "rollout/" + bottest.Web, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: after}})
	add("brought-by-hand", n)
	return out
}
