package view

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// patienceScenes are states in which whoever is awaited has not come, and what somebody
// else has answered in their place.
func patienceScenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, d deployer.Deployment, now time.Time) {
		out = append(out, scene{name: name, d: d, now: now, renderer: plainRenderer})
	}
	start := bottest.StartOf(bottest.Web)
	start.Procedure.OnCall, start.Procedure.BreakGlass = "sre", "sre"
	start.Procedure.Failure.Escalate = deployer.Escalate{Deputies: 10 * time.Minute, Page: 20 * time.Minute}
	start.Procedure.Failure.Timeout, start.Procedure.Failure.Default = 15*time.Minute, deployer.ChoiceRollBack
	start.Procedure.Failure.Prefer = deployer.ChoiceRollBack
	for i, s := range start.Procedure.Steps {
		if s.ID == "approve" {
			start.Procedure.Steps[i].Escalate = deployer.Escalate{Deputies: 20 * time.Minute, Page: 45 * time.Minute, BreakGlass: 2 * time.Hour}
		}
	}
	n := bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...).Does(bottest.Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: bottest.AllTicked})
	asked := n.Time
	d := n.Deployment()
	add("patient", d, asked)
	for _, at := range []struct {
		name  string
		after time.Duration
	}{{"deputies", 20 * time.Minute}, {"paged", 45 * time.Minute}, {"glass", 2 * time.Hour}} {
		d = overdue(t, d, asked.Add(at.after))
		add(at.name, d, asked.Add(at.after))
	}
	yes := deployer.Answer{Step: "approve", Attempt: 1, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove, Comment: "the shop is <down>"}
	d = decidedBy(t, d, deployer.Actor{ID: "UOLGA", Name: "Olga"}, "sre", yes, asked.Add(2*time.Hour))
	d = decidedBy(t, d, bottest.Ana, "", deployer.Answer{Choice: deployer.ChoiceStop}, asked.Add(2*time.Hour))
	add("review-owed", d, asked.Add(2*time.Hour))

	failed := bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...).Approved().Announced("starting").Begins("rollout", bottest.Web).
		Ends("rollout/"+bottest.Web, deployer.Failed, bottest.Crash, "")
	failed.Engine(deployer.Intend{Key: "rollout/" + bottest.Web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	failed.Ends("rollout/"+bottest.Web+"/pause", deployer.OK, "", "")
	add("counting-down", failed.Deployment(), failed.Time)
	add("default-held", failed.Does(bottest.Bob, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceHold}).Deployment(), failed.Time)

	start = bottest.StartOf(bottest.Web)
	start.Procedure.Failure.Experts = []string{"sre", "tech-lead", "nobody"}
	advised := bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...).Approved().Announced("starting").Begins("rollout", bottest.Web).
		Ends("rollout/"+bottest.Web, deployer.Failed, bottest.Crash, "")
	advised.Engine(deployer.Intend{Key: "rollout/" + bottest.Web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	advised.Ends("rollout/"+bottest.Web+"/pause", deployer.OK, "", "")
	d = advised.Deployment()
	add("experts-called", d, advised.Time)
	olga := deployer.Actor{ID: "UOLGA", Name: "Olga"}
	d = decidedBy(t, d, olga, "sre", deployer.ViewOf(*d.Broken(), deployer.ChoiceRollBack, "the <schema> has changed"), advised.Time)
	add("expert-heard", d, advised.Time)
	return out
}

// overdue is a deployment after all that is due of its clocks at a time.
func overdue(t testing.TB, d deployer.Deployment, now time.Time) deployer.Deployment {
	t.Helper()
	for due := deployer.Next(d, now).Due; len(due) > 0; due = deployer.Next(d, now).Due {
		for _, c := range due {
			events, _, err := telling.Decide(d, deployer.Order{Command: c}, deployer.Facts{Now: now})
			if err != nil {
				t.Fatal(err)
			}
			d = deployer.Fold(d, events...)
		}
	}
	return d
}

// decidedBy is a deployment after somebody who holds a role has said something.
func decidedBy(t testing.TB, d deployer.Deployment, by deployer.Actor, role string, a deployer.Answer, now time.Time) deployer.Deployment {
	t.Helper()
	by.Kind = deployer.ActorPerson
	events, _, err := telling.Decide(d, deployer.Order{By: by, Command: a}, deployer.Facts{Now: now, Person: deployer.Person{Roles: []string{role}}})
	if err != nil {
		t.Fatal(err)
	}
	return deployer.Fold(d, events...)
}
