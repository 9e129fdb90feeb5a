package view

import (
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// askKind is a kind that people answer, with what it asks for.
func askKind(name, roles string, params ...deployer.Param) deployer.Kind {
	return deployer.Kind{Name: name, Work: deployer.WorkPeople, Scope: deployer.ScopeOnce, Params: params,
		Asks: &deployer.Asks{Role: "role", Roles: roles, Choices: []deployer.Option{{Choice: deployer.ChoiceDone, Leads: deployer.LeadDone}}}}
}

// languageKinds are those of the steps below.
var languageKinds = []deployer.Kind{
	askKind("ask", "", deployer.Param{Name: "inputs", Type: deployer.TypeInputs}),
	askKind("call", "roles", deployer.Param{Name: "roles", Type: deployer.TypeRoles}),
	askKind("decide", "", deployer.Param{Name: "choices", Type: deployer.TypeChoices}),
	{Name: "jira.ticket", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Expect: "There is a ticket."},
	{Name: "prometheus.check", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads, Params: []deployer.Param{{Name: "checks", Type: deployer.TypeChecks}}},
	{Name: "run", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional},
}

// stepped is a deployment under way with these steps after its first one, which is done.
func stepped(t testing.TB, steps ...deployer.StepState) deployer.Deployment {
	d := bottest.RollingOut(t, bottest.Web).Deployment()
	d.Procedure.Kinds, d.Procedure.Steps = languageKinds, nil
	d.Procedure.Phases = []deployer.Phase{{ID: "ready", Title: "Ready"}, {ID: "go", Title: "Rollout"}}
	first := *d.Step("control")
	first.Phase = "Ready"
	d.Steps = []deployer.StepState{first}
	for _, s := range steps {
		d.Procedure.Steps = append(d.Procedure.Steps, s.Step)
	}
	d.Procedure.Bind()
	for i, s := range steps {
		s.Step = d.Procedure.Steps[i]
		if s.Status == deployer.Active {
			s.Attempt, s.Began = max(s.Attempt, 1), bottest.TenPM.Add(3*time.Minute)
		}
		d.Steps = append(d.Steps, s)
	}
	return d
}

func active(s deployer.Step) deployer.StepState {
	return deployer.StepState{Step: s, Status: deployer.Active}
}

// byHand is a step whose system is not there.
func byHand() deployer.StepState {
	s := active(deployer.Step{
		ID: "ticket", Phase: "Rollout", Title: "The ticket of {service} is there", Uses: "jira.ticket", Hand: true, Timeout: time.Hour,
		How: "Make it in `CC`, then run `jira link {service}`", Links: []deployer.Item{{Title: "How we do it", Link: "https://wiki.example/{service}?a=1&b=2"}},
		Fields: []deployer.Input{
			{ID: "key", Label: "Key", Required: true, Pattern: `^[A-Z]+-\d+$`, Help: "Such as CC-123"}, {ID: "url", Label: "Link", Kind: deployer.InputLink},
			{ID: "due", Label: "Due", Kind: deployer.InputTime}, {ID: "watchers", Label: "Watchers", Kind: deployer.InputPerson, Many: true},
		},
	})
	s.Seen.Texts = map[string]string{
		deployer.TextTitle: "The ticket of web <!here> is there", deployer.TextHow: "Make it in `CC`, then run `jira link web`", deployer.TextLink + "How we do it": "https://wiki.example/web?a=1&b=2",
	}
	return s
}

func asked() deployer.StepState {
	return active(deployer.Step{ID: "ask", Title: "How it is done is known", Uses: "ask", With: deployer.Values{"role": {Text: "tech-lead"}, "inputs": {Inputs: []deployer.Input{
		{ID: "way", Label: "Way", Kind: deployer.InputChoice, Options: []string{"pipeline", "hand"}, Required: true}, {ID: "pods", Label: "Pods", Kind: deployer.InputNumber, Default: "3"},
		{ID: "backup", Label: "With a backup", Kind: deployer.InputBoolean}, {ID: "soak", Label: "Soak", Kind: deployer.InputDuration, Default: "30m"},
		{ID: "who", Label: "Who watches", Kind: deployer.InputPerson}, {ID: "fixes", Label: "Fixes", Many: true, When: `inputs.way == "hand"`},
		{ID: "retailers", Label: "Retailers", Many: true, Options: []string{"lemon", "plum"}, Default: "plum"},
	}}}})
}

func decides() deployer.StepState {
	return active(deployer.Step{ID: "verdict", Title: "It is decided", Uses: "decide", Timeout: 10 * time.Minute, With: deployer.Values{
		"question": {Text: "Ride the train, or alone?"}, "default": {Text: "alone"},
		"choices": {Rows: []map[string]string{{"id": "ride", "label": "Ride the train"}, {"id": "alone", "label": "Alone, tonight", "reason": "true"}}},
	}})
}

func calls() deployer.StepState {
	s := active(deployer.Step{ID: "there", Title: "Whoever must be there is there", Uses: "call", OnFailure: deployer.FailureContinue, Timeout: 15 * time.Minute,
		With: deployer.Values{"roles": {List: []string{"tech-lead", "sre", "tam"}}}})
	s.Given = []deployer.Given{{Item: "sre", By: bottest.Rosa, At: bottest.TenPM.Add(4 * time.Minute)}}
	return s
}

// languageScenes are states that only the whole language has.
func languageScenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, d deployer.Deployment) {
		out = append(out, scene{name: name, d: d, now: bottest.TenPM.Add(5 * time.Minute), renderer: linkedRenderer})
	}
	add("by-hand", stepped(t, byHand()))
	add("people", stepped(t, asked(), decides(), calls()))
	add("members", stepped(t, inWaves(), retried(), checkedByHand()))
	add("noted", stepped(t, notNeeded(), failedButNoted(), active(deployer.Step{ID: "look", Title: "Somebody looks", Uses: deployer.KindConfirm, Phase: "Rollout"})))
	add("together", together(t))
	add("due", afterEnd(t))
	add("troubles", troubled(t))
	return out
}

// together are questions for the requester that one form answers, of which one is ticked in part, and one for others.
func together(t testing.TB) deployer.Deployment {
	begun := evident()
	begun.Ticks = []deployer.Tick{{N: 1, By: bottest.Bob, At: bottest.TenPM}, {N: 3, By: bottest.Bob, At: bottest.TenPM, Evidence: "https://report.example"}}
	told := active(deployer.Step{ID: "told", Title: "Somebody has told <!here>", Uses: deployer.KindConfirm, How: "Say it in `#support`", MaySkip: "tech-lead"})
	clients := active(deployer.Step{ID: "clients", Title: "Clients know", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "before"}, "to": {List: []string{deployer.ChannelClients}}}})
	how := active(deployer.Step{ID: "how", Title: "It is known how", Uses: "ask", With: deployer.Values{"inputs": {Inputs: []deployer.Input{
		{ID: "way", Label: "Way", Options: []string{"pipeline", "hand"}, Required: true}, {ID: "why", Label: "Why", When: `inputs.way == "hand"`},
	}}}})
	d := stepped(t, byHand(), begun, asked(), told, clients, how)
	d.Channels[deployer.ChannelClients] = "C3"
	d.Procedure.Messages = map[string]string{"before": "It takes ten minutes."}
	return d
}

// inWaves is a step that is done for members, a few at a time.
func inWaves() deployer.StepState {
	s := active(deployer.Step{ID: "others", Title: "The others follow", Uses: "run", EachOf: "retailers", Order: deployer.Waves{1, 2, deployer.WaveRest}, Estimate: 20 * time.Minute})
	s.Seen.Members = []string{"lemon", "plum", "fig", "pear", "kiwi", "date", "lime"}
	for i, member := range s.Seen.Members[:3] {
		e := deployer.Effect{Key: "others/" + member, Item: member, Stage: deployer.Settled, Outcome: deployer.Outcome{Result: deployer.OK}}
		if i > 0 {
			e.Stage, e.Outcome = deployer.Acted, deployer.Outcome{}
		}
		s.Effects = append(s.Effects, e)
	}
	return s
}

// retried is a look that is tried again by itself.
func retried() deployer.StepState {
	s := active(deployer.Step{ID: "metrics", Title: "Metrics are as before", Uses: "prometheus.check", Retries: deployer.Retries{Times: 2, Every: time.Minute}})
	s.Tries, s.RetryAt, s.Why, s.Attempt = 1, bottest.TenPM.Add(6*time.Minute), "error rate is 2.1 %, usual 0.3 %", 2
	return s
}

// checkedByHand is what a machine would have looked at.
func checkedByHand() deployer.StepState {
	return active(deployer.Step{ID: "graphs", Title: "The graphs are well", Uses: "prometheus.check", Hand: true,
		With: deployer.Values{"checks": {Rows: []map[string]string{{"name": "error rate"}, {"name": "p95"}}}}})
}

func notNeeded() deployer.StepState {
	return deployer.StepState{
		Step:   deployer.Step{ID: "window", Title: "There is a window", Uses: deployer.KindConfirm, When: "values.window", Else: "{inputs.risk} risk", Phase: "Ready"},
		Status: deployer.StepNotNeeded, Why: "low <risk>",
	}
}

func failedButNoted() deployer.StepState {
	return deployer.StepState{Step: deployer.Step{ID: "told", Title: "The newsletter is out", Uses: "jira.ticket", OnFailure: deployer.FailureContinue, Phase: "Rollout"},
		Status: deployer.StepFailed, Failed: true, Attempt: 1, Why: "the address is unknown"}
}

// afterEnd is complete, with duties that go on.
func afterEnd(t testing.TB) deployer.Deployment {
	d := bottest.Complete(t).Deployment()
	background := deployer.Step{ID: "public", Title: "The announcement is public", Uses: deployer.KindConfirm, Background: true, Timeout: 24 * time.Hour}
	d.Steps = append(d.Steps, failedButNoted(), active(background))
	d.Steps[len(d.Steps)-1].Attempt, d.Steps[len(d.Steps)-1].Began = 1, d.Ended.Add(-time.Minute)
	later := []deployer.Step{
		{ID: "watch", Title: "No alert fires", Uses: "prometheus.check", Every: 15 * time.Minute, Lasts: 2 * time.Hour},
		{ID: "post-mortem", Title: "The post-mortem is written", Uses: deployer.KindConfirm, In: 72 * time.Hour},
		{ID: "graph", Title: "The graph is saved", Uses: "prometheus.check", In: time.Minute},
	}
	for _, s := range later {
		d.Steps = append(d.Steps, deployer.StepState{Step: s, Part: deployer.PartAfter, Status: deployer.Pending})
	}
	d.Steps[len(d.Steps)-1].Status, d.Steps[len(d.Steps)-1].Attempt, d.Steps[len(d.Steps)-1].Why = deployer.StepFailed, 1, "grafana does not answer"
	d.Procedure.Kinds = languageKinds
	return bound(d)
}

// bound ties the steps of a deployment to their kinds.
func bound(d deployer.Deployment) deployer.Deployment {
	d.Steps = slices.Clone(d.Steps)
	for i := range d.Steps {
		p := deployer.Procedure{Kinds: d.Procedure.Kinds, Steps: []deployer.Step{d.Steps[i].Step}}
		p.Bind()
		d.Steps[i].Step = p.Steps[0]
	}
	return d
}

// troubled is a failure that is known, with what is done at once.
func troubled(t testing.TB) deployer.Deployment {
	d := bottest.Failed(t).Deployment()
	s := d.Step("rollout")
	s.Fault, s.How = "crash-loop", "`kubectl set image`, then look"
	s.Troubles = []deployer.Trouble{{Failure: "quota", Symptom: "There is no room"}, {Failure: "crash-loop", Symptom: "A pod crashes", Diagnosis: "`kubectl logs`", Causes: []string{"Its configuration", "a migration"}, Fix: "Patch forward, or roll back"}}
	d.Procedure.Troubles = []deployer.Trouble{{Symptom: "Anything else", Fix: "Ask in #help"}}
	d.Failures = []deployer.FailedStep{{Step: "rollout", Why: s.Why, Kind: s.Fault}}
	for i, status := range []deployer.StepStatus{deployer.Done, deployer.Active, deployer.StepFailed, deployer.Pending} {
		d.Steps = append(d.Steps, deployer.StepState{Step: deployer.Step{ID: "f" + string(status), Title: []string{"On-call is paged", "The bridge is open", "Support knows", "Nobody knows yet"}[i], Uses: "jira.ticket"},
			Part: deployer.PartFailure, Status: status, Began: bottest.TenPM, Attempt: 1 - i/3, Why: []string{"", "", "mail was refused", ""}[i]})
	}
	d.Procedure.Kinds = languageKinds
	return bound(d)
}
