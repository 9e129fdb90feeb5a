package view

import (
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// A scene is a state of a card.
type scene struct {
	name     string
	d        deployer.Deployment
	progress map[string]deployer.Progress
	now      time.Time
	renderer Renderer
}

// scenes are the states that a card can be in.
func scenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *bottest.Scenario, progress map[string]deployer.Progress) {
		out = append(out, scene{name: name, d: n.Deployment(), progress: progress, now: n.Time, renderer: plainRenderer})
	}
	up := func(updated, available, old int) map[string]deployer.Progress {
		return map[string]deployer.Progress{"rollout/" + bottest.Web: {Total: 6, Updated: updated, Ready: available, Available: available, Old: old}}
	}
	add("resolving", bottest.NewScenario(t, bottest.StartOf(bottest.Web)), nil)
	add("resolving-two", bottest.NewScenario(t, bottest.StartOf(bottest.Web, bottest.Orders)), nil)
	confirm := bottest.NewScenario(t, bottest.StartOf(bottest.Web)).Resolved(bottest.TargetsOf(bottest.Web)...)
	add("confirm", confirm, nil)
	add("approve", confirm.Does(bottest.Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: bottest.AllTicked}), nil)
	add("announcing", confirm.Does(bottest.Rosa, deployer.Answer{Step: "approve", Attempt: 1, Subject: confirm.Deployment().Subject().Hash(), Choice: deployer.ChoiceApprove}), nil)
	add("rollout-begins", bottest.RollingOut(t, bottest.Web), nil)
	add("rollout", bottest.RollingOut(t, bottest.Web), up(4, 3, 3))
	slow := bottest.RollingOut(t, bottest.Web)
	slow.Time = slow.Time.Add(10 * time.Minute)
	add("rollout-slow", slow, up(6, 6, 2))
	add("soak", bottest.RollingOut(t, bottest.Web).Ends("rollout/"+bottest.Web, deployer.OK, "", "").Begins("pods", bottest.Web).Ends("pods/"+bottest.Web, deployer.OK, "", ""), nil)
	add("failed", bottest.Failed(t), nil)
	add("check-failed", bottest.RollingOut(t, bottest.Web).Ends("rollout/"+bottest.Web, deployer.OK, "", "").Begins("pods", bottest.Web).
		Ends("pods/"+bottest.Web, deployer.Failed, "1 of 6 pods restarts.", ""), nil)
	add("unclear", bottest.RollingOut(t, bottest.Web).Ends("rollout/"+bottest.Web, deployer.Interrupted, "Somebody else has changed it to 24-02-06.1 meanwhile.", ""), nil)
	add("stopping", bottest.RollingOut(t, bottest.Web).Does(bottest.Ana, deployer.Answer{Comment: "wrong tag", Choice: deployer.ChoiceStop}), up(4, 3, 3))
	add("stopped-untouched", bottest.NewScenario(t, bottest.StartOf(bottest.Web)).Resolved(bottest.TargetsOf(bottest.Web)...).Does(bottest.Bob, deployer.Answer{Choice: deployer.ChoiceStop}), nil)
	add("stopped", bottest.Failed(t).Does(bottest.Bob, deployer.Answer{Comment: "the fix comes tomorrow", Choice: deployer.ChoiceStop}), nil)
	add("rejected", bottest.Confirmed(t).Does(bottest.Bob, deployer.Answer{Step: "approve", Attempt: 1, Comment: "not tonight", Choice: deployer.ChoiceReject}), nil)
	back := bottest.Failed(t).Does(bottest.Bob, deployer.Answer{Comment: "customers wait", Choice: deployer.ChoiceRollBack})
	add("rolling-back", back.Begins("back", bottest.Web), map[string]deployer.Progress{"back/" + bottest.Web: {Total: 6, Updated: 2, Available: 5, Old: 4}})
	add("rolled-back", back.Ends("back/"+bottest.Web, deployer.OK, "", "").Begins("back-pods", bottest.Web).Ends("back-pods/"+bottest.Web, deployer.OK, "", ""), nil)
	add("patching", bottest.Patching(t), nil)
	add("patch-refused", bottest.Patching(t).Engine(deployer.RejectStart{Refusal: *deployer.Refuse("Type it anew.", "The registry has no tag <24-02-06.1>.")}), nil)
	add("patched", bottest.Patched(t), nil)
	add("complete", bottest.Complete(t), nil)
	for _, s := range []scene{out[3], out[len(out)-2], out[len(out)-1]} {
		out = append(out, rehearsed(s))
	}
	out = append(out, soScenes(t)...)
	out = append(out, changedScenes(t)...)
	out = append(out, linkedScenes(t)...)
	out = append(out, waitingScenes(t)...)
	out = append(out, languageScenes(t)...)
	out = append(out, patienceScenes(t)...)
	out = append(out, approvalScenes(t)...)
	out = append(out, queueScenes(t)...)
	out = append(out, takeoverScenes(t)...)
	return append(out, several(t)...)
}

// rehearsed is the same state of a drill, whose procedure has two phases.
func rehearsed(s scene) scene {
	s.name, s.d.Drill.On, s.d.Steps = "drill-"+s.name, true, slices.Clone(s.d.Steps)
	s.d.Procedure.Phases = []deployer.Phase{{ID: "before", Title: "Before"}, {ID: "go", Title: "Rollout"}}
	for i := range s.d.Steps {
		if s.d.Steps[i].Phase = "go"; i < 2 {
			s.d.Steps[i].Phase = "before"
		}
	}
	return s
}

// soScenes are states in which what seems to be so is not: what was there has never
// run well, nothing is known to have, nothing was rolled out or proven, and pods of
// two versions run.
func soScenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *bottest.Scenario) {
		out = append(out, scene{name: name, d: n.Deployment(), now: n.Time, renderer: plainRenderer})
	}
	good := deployer.Good{How: deployer.EvidenceProven, State: deployer.State{Version: "24-01-30.11", Image: "r/web:24-01-30.11"}, By: "tangerine-0", Since: bottest.TenPM.Add(-76 * time.Hour)}
	held := func(n *bottest.Scenario) *bottest.Scenario {
		n.Engine(deployer.Intend{Key: "rollout/" + bottest.Web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
		return n.Ends("rollout/"+bottest.Web+"/pause", deployer.OK, "24-02-05.619-hotfix.627 on 3 (0 ready), 24-02-01.602 on 5", "")
	}
	add("failed-on-nothing", held(failedWith(t, deployer.Good{How: deployer.EvidenceNone})))
	stopped := held(failedWith(t, good))
	add("half-way", stopped)
	add("stopped-half-way", stopped.Does(bottest.Ana, deployer.Answer{Choice: deployer.ChoiceStop}))
	add("complete-good", wentWell(t, good))
	add("paperwork", wentWell(t, good, deployer.Step{ID: "wrap", Title: "The ticket is closed", Uses: deployer.KindConfirm, Needs: []string{"complete"}}))
	add("stopped-goods", goodStopped(t, good))
	nothing := bottest.StartOf(bottest.Web)
	nothing.Procedure.Steps = []deployer.Step{{ID: "look", Title: "Somebody looks", Uses: deployer.KindConfirm}}
	looked := bottest.NewScenario(t, nothing).Resolved(bottest.TargetsOf(bottest.Web)...)
	add("rolls-nothing-out", looked)
	add("rolled-nothing-out", looked.Does(bottest.Ana, deployer.Answer{Step: "look", Attempt: 1, Choice: deployer.ChoiceDone}))
	return out
}

// The changes that somebody makes by hand meanwhile, as the system words them.
const (
	notReady  = "1 of 6 pods is not ready"
	putBack   = "deployment/decanting-service runs 24-02-01.602 now, not 24-02-05.619-hotfix.627: kubectl-rollout has changed it"
	letGo     = "Somebody has let it go on: it runs 24-02-01.602 on 6 pods now."
	setEnv    = "The environment of app was changed by kubectl-set at 02:10 UTC."
	keepsOld  = "Container worker runs decanting-service:24-02-01.602 too, and keeps it."
	stillEnds = "Everything is new; 2 old pods have been stopping for 5 min (node-3 does not answer)."
)

// changedScenes are states in which somebody, or what runs by itself, has changed what
// was proven or held; or in which all went well but for what people should know.
func changedScenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *bottest.Scenario, progress map[string]deployer.Progress) {
		out = append(out, scene{name: name, d: n.Deployment(), progress: progress, now: n.Time, renderer: plainRenderer})
	}
	verified, pods := deployer.Outcome{Result: deployer.OK, Why: "6 pods, healthy for 10s"}, "pods/"+bottest.Web
	asks := proven(t, deployer.KindConfirm, verified, bottest.Web)
	add("meanwhile", asks, map[string]deployer.Progress{pods: {Note: notReady}})
	add("meanwhile-soak", proven(t, deployer.KindWait, verified, bottest.Web), map[string]deployer.Progress{pods: {Note: notReady}})
	add("meanwhile-two", proven(t, deployer.KindConfirm, verified, bottest.Web, bottest.Orders), map[string]deployer.Progress{pods: {Note: notReady}, "pods/orders": {Note: notReady}})
	done := deployer.Order{By: bottest.Ana, Command: deployer.Answer{Step: "soak", Attempt: 1, Choice: deployer.ChoiceDone}}
	events, _, err := telling.Decide(asks.Deployment(), done, deployer.Facts{Now: asks.Time})
	if err != nil {
		t.Fatal(err)
	}
	out = append(out, scene{name: "looks-again", d: deployer.Fold(asks.Deployment(), events...), now: asks.Time, renderer: plainRenderer})
	add("disproved", asks.Engine(deployer.Recheck{Key: pods, Outcome: deployer.Outcome{Result: deployer.Failed, Why: putBack}}), nil)
	two := proven(t, deployer.KindConfirm, verified, bottest.Web, bottest.Orders)
	add("disproved-one", two.Engine(deployer.Recheck{Key: pods, Outcome: deployer.Outcome{Result: deployer.Failed, Why: putBack}}), nil)
	add("unproven", proven(t, deployer.KindConfirm, verified, bottest.Web).Engine(deployer.Recheck{Key: pods, Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "Whether it is so still can not be told: connection refused"}}), nil)

	held, pause := pausedWith(t, "", "24-02-05.619-hotfix.627 on 1 (0 ready), 24-02-01.602 on 5"), "rollout/"+bottest.Web+"/pause"
	add("set-while-held", held.Engine(deployer.Recheck{Key: pause, Outcome: deployer.Outcome{Result: deployer.OK, Why: "24-02-05.619-hotfix.627 on 1 (0 ready), 24-02-01.602 on 5", Detail: setEnv}}), nil)
	add("let-go", held.Engine(deployer.Recheck{Key: pause, Outcome: deployer.Outcome{Result: deployer.Absent, Why: letGo}}), nil)
	add("let-go-stopped", held.Does(bottest.Ana, deployer.Answer{Choice: deployer.ChoiceStop}), nil)
	add("nothing-to-pause", pausedWith(t, deployer.NothingToPause, "24-02-05.619-hotfix.627 on 6"), nil)
	add("pause-refused", bottest.RollingOut(t, bottest.Web).Ends("rollout/"+bottest.Web, deployer.Failed, bottest.Crash, "").
		Engine(deployer.Intend{Key: pause, Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		Ends(pause, deployer.Failed, "admission webhook “policy” denied the request", ""), nil)

	remarked := deployer.Outcome{Result: deployer.OK, Why: "6 pods, healthy for 10s", Remark: stillEnds}
	add("remarked", proven(t, deployer.KindConfirm, remarked, bottest.Web), nil)
	add("complete-remarked", wellEnded(proven(t, deployer.KindConfirm, remarked, bottest.Web)), nil)
	add("complete-remarked-two", wellEnded(proven(t, deployer.KindConfirm, remarked, bottest.Web, bottest.Orders)), nil)
	return append(out, remarkScenes(t)...)
}

// remarkScenes are approvals of services of which people should know something.
func remarkScenes(t testing.TB) []scene {
	var out []scene
	for name, services := range map[string][]string{"approve-remarks": {bottest.Web}, "approve-remarks-two": {bottest.Web, bottest.Orders}} {
		targets := bottest.TargetsOf(services...)
		for i := range targets {
			targets[i].Remarks = []string{keepsOld}
		}
		n := bottest.NewScenario(t, bottest.StartOf(services...)).Resolved(targets...).Does(bottest.Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: bottest.AllTicked})
		out = append(out, scene{name: name, d: n.Deployment(), now: n.Time, renderer: plainRenderer})
	}
	start := bottest.StartOf(bottest.Web)
	start.Procedure.Rollback[0].Needs = []string{"agree"}
	start.Procedure.Rollback = slices.Insert(start.Procedure.Rollback, 0, deployer.Step{ID: "agree", Title: "Tech lead agrees", Uses: deployer.KindApprove, With: start.Procedure.Steps[1].With})
	n := pausedBy(bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...).Approved().Announced("starting").Begins("rollout", bottest.Web), "", "")
	n.Engine(deployer.Recheck{Key: "rollout/" + bottest.Web + "/pause", Outcome: deployer.Outcome{Result: deployer.OK, Detail: setEnv}})
	n.Does(bottest.Ana, deployer.Answer{Choice: deployer.ChoiceRollBack})
	return append(out, scene{name: "approve-rollback-lost", d: n.Deployment(), now: n.Time, renderer: plainRenderer})
}

// proven is rolled out and verified, and waits: for somebody, or for a time.
func proven(t testing.TB, waits string, verified deployer.Outcome, services ...string) *bottest.Scenario {
	start := bottest.StartOf(services...)
	if waits == deployer.KindConfirm {
		start.Procedure.Steps[5] = deployer.Step{ID: "soak", Title: "It is healthy", Uses: waits, Needs: []string{"pods"}}
	}
	n := bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(services...)...).Approved().Announced("starting")
	for _, s := range services {
		n.Begins("rollout", s).Ends("rollout/"+s, deployer.OK, "", "")
	}
	for _, s := range services {
		n.Begins("pods", s).Engine(deployer.Settle{Key: "pods/" + s, Outcome: verified})
	}
	return n
}

// wellEnded goes from the confirmation to the end.
func wellEnded(n *bottest.Scenario) *bottest.Scenario {
	return n.Does(bottest.Ana, deployer.Answer{Step: "soak", Attempt: 1, Choice: deployer.ChoiceDone}).Announced("complete")
}

// pausedWith is a failed rollout that was held, or in which there was nothing to hold.
func pausedWith(t testing.TB, ref, spread string) *bottest.Scenario {
	return pausedBy(bottest.RollingOut(t, bottest.Web), ref, spread)
}

func pausedBy(n *bottest.Scenario, ref, spread string) *bottest.Scenario {
	pause := "rollout/" + bottest.Web + "/pause"
	n.Ends("rollout/"+bottest.Web, deployer.Failed, bottest.Crash, "").Engine(deployer.Intend{Key: pause, Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	return n.Engine(deployer.Act{Key: pause, Ref: ref}).Ends(pause, deployer.OK, spread, "")
}

// failedWith is a rollout that has failed where that is known to have run well.
func failedWith(t testing.TB, good deployer.Good) *bottest.Scenario {
	targets := bottest.TargetsOf(bottest.Web)
	targets[0].Good = good
	n := bottest.NewScenario(t, bottest.StartOf(bottest.Web)).Resolved(targets...).Approved().Announced("starting")
	return n.Begins("rollout", bottest.Web).Ends("rollout/"+bottest.Web, deployer.Failed, "1 of 6 pods crashes: app, exit 1.", "")
}

// wentWell is one that is complete, and whose service is known to have run well before.
// Steps may come after that.
func wentWell(t testing.TB, good deployer.Good, then ...deployer.Step) *bottest.Scenario {
	targets, start := bottest.TargetsOf(bottest.Web), bottest.StartOf(bottest.Web)
	targets[0].Good = good
	start.Procedure.Steps = append(start.Procedure.Steps, then...)
	n := bottest.NewScenario(t, start).Resolved(targets...).Approved().Announced("starting").Begins("rollout", bottest.Web)
	n.Ends("rollout/"+bottest.Web, deployer.OK, "", "").Begins("pods", bottest.Web).Ends("pods/"+bottest.Web, deployer.OK, "6 pods, healthy for 5 min", "")
	n.Time = n.Time.Add(5 * time.Minute)
	return n.Engine(deployer.Elapse{Step: "soak", Attempt: 1}).Announced("complete")
}

// goodStopped is one of two services that was stopped when the second had failed.
func goodStopped(t testing.TB, good deployer.Good) *bottest.Scenario {
	targets := bottest.TargetsOf(bottest.Web, bottest.Orders)
	targets[0].Good = good
	targets[1].Good = deployer.Good{How: deployer.EvidenceSeen, State: targets[1].Before}
	n := bottest.NewScenario(t, bottest.StartOf(bottest.Web, bottest.Orders)).Resolved(targets...).Approved().Announced("starting")
	n.Begins("rollout", bottest.Web).Begins("rollout", bottest.Orders).Ends("rollout/"+bottest.Web, deployer.OK, "", "").Ends("rollout/"+bottest.Orders, deployer.Failed, bottest.Crash, "")
	n.Engine(deployer.Intend{Key: "rollout/orders/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).Ends("rollout/orders/pause", deployer.OK, "", "")
	return n.Does(bottest.Bob, deployer.Answer{Comment: "orders waits", Choice: deployer.ChoiceStop})
}

// waitingScenes are states that wait for a system's own question, a lock or a
// condition, or for what nobody can tell.
func waitingScenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *bottest.Scenario) {
		out = append(out, scene{name: name, d: n.Deployment(), now: n.Time, renderer: linkedRenderer})
	}
	add("gate", bottest.AtGate(t, "tech-lead"))
	add("gate-elsewhere", bottest.AtGate(t, ""))
	reminded := bottest.AtGate(t, "tech-lead")
	reminded.Time = reminded.Time.Add(10 * time.Minute)
	add("gate-reminded", reminded.Engine(deployer.Remind{Step: "build", Attempt: 1}))
	add("held", bottest.HeldUp(t, bottest.Web))
	add("held-second", bottest.HeldUp(t, bottest.Web, bottest.Orders))
	add("closed", bottest.Closed(t))
	byHand := bottest.Closed(t).Deployment()
	byHand.Steps = slices.Clone(byHand.Steps)
	for i := range byHand.Steps {
		if s := &byHand.Steps[i]; s.ID == "rollout" {
			s.Status, s.Attempt, s.Hand = deployer.Pending, 0, true
		}
	}
	out = append(out, scene{name: "closed-by-hand", d: byHand, now: bottest.TenPM, renderer: linkedRenderer})
	over := bottest.RollingOut(t, bottest.Web).Ends("rollout/"+bottest.Web, deployer.OK, "", "").Deployment()
	over.Steps = slices.Clone(over.Steps)
	for i := range over.Steps {
		if s := &over.Steps[i]; s.ID == "pods" { // as if it changed something
			s.Status, s.Attempt = deployer.Active, 1
			s.Held = deployer.Held{Why: "It is Friday.", Rule: "window 1", Role: "tech-lead", Asks: true, Until: bottest.TenPM.Add(48 * time.Hour)}
		}
	}
	out = append(out, scene{name: "window-over", d: over, now: bottest.TenPM, renderer: linkedRenderer})
	add("overridden", bottest.Closed(t).Does(bottest.Bob, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceOverride, Comment: "nobody can <pay> until then"}))
	add("untold", bottest.Untold(t, bottest.Web))
	add("untold-two", bottest.Untold(t, bottest.Web, bottest.Orders))
	add("gave-up", bottest.Untold(t, bottest.Web).Does(bottest.Bob, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "the cluster is gone for good"}))
	add("not-needed", bottest.Conditional(t, deployertest.Language{Names: map[string]string{`inputs.risk == "high"`: "false"}}))
	add("undetermined", bottest.Conditional(t, deployertest.Language{Names: map[string]string{`inputs.risk == "high"`: "fail there is no input risk"}}))
	return out
}

// linkedScenes are states where the config knows more than names, and where
// time has passed.
func linkedScenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *bottest.Scenario) {
		out = append(out, scene{name: name, d: n.Deployment(), now: n.Time, renderer: linkedRenderer})
	}
	start := bottest.StartOf(bottest.Web)
	start.Inputs["ticket"] = "CHG-1234"
	add("linked", bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...).Does(bottest.Ana, deployer.Answer{Step: "control", Attempt: 1, Choice: deployer.ChoiceDone, Values: bottest.AllTicked}))
	start = bottest.StartOf(bottest.Web)
	start.Inputs["ticket"] = "https://tickets.example/CHG/1234?view=all&x=1"
	add("linked-input", bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...))
	add("linked-services", bottest.RollingOut(t, bottest.Web, bottest.Orders))

	start = bottest.StartOf(bottest.Web)
	start.Planned = bottest.TenPM.Add(26 * time.Hour)
	start.Procedure.Steps = slices.Insert(start.Procedure.Steps, 2, deployer.Step{
		ID: "planned-start", Title: "The planned start", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}, Needs: []string{"approve"},
	})
	start.Procedure.Steps[3].Needs = []string{"planned-start"}
	planned := bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...)
	add("planned", planned)
	add("planned-waiting", planned.Approved())

	late := bottest.Confirmed(t)
	late.Time = late.Time.Add(9 * time.Minute)
	add("reminded", late.Engine(deployer.Remind{Step: "approve", Attempt: 1}))
	late.Time = late.Time.Add(20 * time.Minute)
	add("reminded-last", late.Engine(deployer.Remind{Step: "approve", Attempt: 1}))
	return append(out, scene{name: "skipped", d: bottest.Skipped(t).Deployment(), now: bottest.TenPM, renderer: plainRenderer})
}

// several are states with more services, steps, and approvals than one.
func several(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *bottest.Scenario, progress map[string]deployer.Progress) {
		out = append(out, scene{name: name, d: n.Deployment(), progress: progress, now: n.Time, renderer: plainRenderer})
	}
	tagged := bottest.TargetsOf(bottest.Web, bottest.Orders, bottest.Stock)
	tagged[1].After.Image = "registry.example/orders:24-02-05.619-hotfix.627"
	tagged[2].After, tagged[2].Live = tagged[2].Before, true
	services := bottest.NewScenario(t, bottest.StartOf(bottest.Web, bottest.Orders, bottest.Stock)).Resolved(tagged...)
	add("services-confirm", services, nil)
	services.Approved().Announced("starting").Begins("rollout", bottest.Web).Begins("rollout", bottest.Orders)
	add("services-rollout", services, map[string]deployer.Progress{
		"rollout/" + bottest.Web: {Total: 6, Updated: 4, Available: 3}, "rollout/" + bottest.Orders: {Total: 2, Updated: 2, Available: 2, Old: 1},
	})
	services.Ends("rollout/"+bottest.Web, deployer.OK, "", "").Ends("rollout/"+bottest.Orders, deployer.Failed, bottest.Crash, "").
		Engine(deployer.Intend{Key: "rollout/orders/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		Ends("rollout/orders/pause", deployer.OK, "", "")
	add("services-failed", services, nil)
	services.Does(bottest.Bob, deployer.Answer{Choice: deployer.ChoiceRollBack}).Begins("back", bottest.Orders).Ends("back/orders", deployer.OK, "", "")
	for _, s := range []string{bottest.Web, bottest.Orders} {
		services.Begins("back-pods", s).Ends("back-pods/"+s, deployer.OK, "", "")
	}
	add("services-rolled-back", services, nil)

	start := bottest.StartOf(bottest.Web)
	start.Procedure.Steps[1].With = start.Procedure.Steps[1].With.Set("count", deployer.Value{Number: 2})
	start.Procedure.Steps[1].Needs = nil
	sideways := bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...)
	sideways.Does(bottest.Bob, deployer.Answer{Step: "approve", Attempt: 1, Subject: sideways.Deployment().Subject().Hash(), Choice: deployer.ChoiceApprove})
	add("side-by-side", sideways, nil)

	voided := bottest.NewScenario(t, bottest.StartOf(bottest.Web)).Resolved(bottest.TargetsOf(bottest.Web)...).Approved().Announced("starting").
		Engine(deployer.Intend{Key: "rollout/" + bottest.Web, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: "24-02-06.1", Image: "other"}}})
	add("approval-voided", voided, nil)
	return out
}
