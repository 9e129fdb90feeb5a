package view

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// approving is a deployment that waits for its approval, with these parameters.
func approving(t testing.TB, with deployer.Values, change func(*deployer.Start)) *bottest.Scenario {
	start := bottest.StartOf(bottest.Web)
	start.Procedure.Steps[1].With = with
	if change != nil {
		change(&start)
	}
	targets := bottest.TargetsOf(bottest.Web)
	targets[0].After.Image += "@sha256:2"
	return bottest.NewScenario(t, start).Resolved(targets...).Does(bottest.Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: bottest.AllTicked})
}

// yes is an approval of what a deployment is about now.
func yes(n *bottest.Scenario, step string) deployer.Answer {
	d := n.Deployment()
	return deployer.Answer{Step: step, Attempt: d.Step(step).Attempt, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove}
}

// approvalScenes are what may become of an approval.
func approvalScenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *bottest.Scenario) {
		out = append(out, scene{name: name, d: n.Deployment(), now: n.Time, renderer: plainRenderer})
	}
	lead := func() deployer.Values { return deployer.Values{"role": {Text: "tech-lead"}} }

	changes := approving(t, lead(), nil)
	changes.Does(bottest.Bob, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceChanges, Comment: "The ticket is *missing*"})
	add("changes-requested", changes)
	add("changes-replied", changes.Does(bottest.Ana, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceReply, Comment: "It is CC-1 & linked"}))

	roles := approving(t, deployer.Values{"roles": {Counts: map[string]int{"tech-lead": 1, "sre": 1}}}, nil)
	add("approve-roles", roles)
	add("approve-roles-one", roles.Does(bottest.Bob, yes(roles, "approve")))

	two := approving(t, lead(), func(s *deployer.Start) {
		second := s.Procedure.Steps[1]
		second.ID, second.Title, second.With = "security", "Security approves", deployer.Values{"role": {Text: "sre"}}
		s.Procedure.Steps = append(s.Procedure.Steps[:2:2], append([]deployer.Step{second}, s.Procedure.Steps[2:]...)...)
	})
	add("approve-side-by-side", two)

	timed := lead()
	timed["expires"] = deployer.Value{Duration: 4 * time.Hour}
	holds := approving(t, timed, nil)
	holds.Does(bottest.Bob, yes(holds, "approve"))
	add("approval-holds", holds)
	holds.Time = holds.Time.Add(4 * time.Hour)
	add("approval-lapsed", holds.Engine(deployer.Advance{}))

	carried := deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 2}, "carry_over": {Duration: 24 * time.Hour}}
	images := map[string]string{bottest.Web: bottest.TargetsOf(bottest.Web)[0].After.Image + "@sha256:2 "}
	add("approval-carried", approving(t, carried, func(s *deployer.Start) {
		s.Earlier = []deployer.EarlierApproval{{Deployment: "tangerine-0", Step: "approve", By: bottest.Bob, At: bottest.TenPM.Add(-time.Hour), Images: images}}
	}))
	return out
}
