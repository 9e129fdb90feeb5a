package view

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestCardsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		t.Run(s.name, func(t *testing.T) {
			text, blocks := Card(s.d, s.progress, s.renderer, s.now)
			bottest.Golden(t, filepath.Join("card", s.name), text, blocks)
			text, blocks = Card(s.d, s.progress, inTheFoot(s.renderer), s.now)
			bottest.Golden(t, filepath.Join("card", "plain", s.name), text, blocks)
		})
	}
}

// The buttons are the contract's, and only those that make sense now.
func TestEveryStateHasItsButtons(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"drill-approve": "Approve Request changes Reject Take over, Stop",
		"resolving":     "Stop", "resolving-two": "Stop", "confirm": "Done Take over, Stop", "approve": "Approve Request changes Reject Take over, Stop", "announcing": "Take over, Stop",
		"rollout-begins": "Take over, Stop", "rollout": "Take over, Stop", "rollout-slow": "Take over, Stop", "soak": "Take over, Stop",
		"check-failed": "Check again Retry Done by hand Skip Patch forward Roll back to 24-02-01.602 Take over, Stop",
		"failed":       "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop", "unclear": "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop",
		"stopping": "", "stopped-untouched": "", "stopped": "", "rejected": "", "rolling-back": "Take over, Stop", "rolled-back": "", "complete": "",
		"services-confirm": "Done Take over, Stop", "services-rollout": "Take over, Stop", "services-failed": "Check again Retry Patch forward Roll back orders to 24-02-01.602 Roll back all Take over, Stop",
		"services-rolled-back": "", "planned": "Done Take over, Stop", "planned-waiting": "Take over, Stop", "linked": "Approve Request changes Reject Take over, Stop", "linked-input": "Done Take over, Stop", "linked-services": "Take over, Stop", "reminded": "Approve Request changes Reject Take over, Stop",
		"reminded-last": "Approve Request changes Reject Take over, Stop", "skipped": "",
		"gate": "Proceed Abort Take over, Stop", "gate-elsewhere": "Take over, Stop", "gate-reminded": "Proceed Abort Take over, Stop", "held": "Take over, Stop", "held-second": "Take over, Stop", "closed": "Override Take over, Stop", "closed-by-hand": "Override Take over, Stop", "overridden": "Take over, Stop",
		"untold": "Check again, Stop anyway", "untold-two": "Check again, Stop anyway", "gave-up": "",
		"not-needed": "Approve Request changes Reject Take over, Stop", "undetermined": "Retry Skip Patch forward Take over, Stop",
		"failed-on-nothing": "Check again Retry Patch forward Take over, Stop", "half-way": "Check again Retry Patch forward Roll back to 24-01-30.11 Take over, Stop", "stopped-half-way": "Roll back to 24-01-30.11;; which ran well for 3 days",
		"paperwork": "Done Take over, Stop Roll back to 24-01-30.11;; which ran well for 3 days", "complete-good": "Roll back to 24-01-30.11;; which ran well for 3 days", "stopped-goods": "Roll back orders to 24-02-01.602;; which ran when this began, Roll back all", "rolls-nothing-out": "Done Take over, Stop", "rolled-nothing-out": "",
		"meanwhile": "Done Take over, Stop", "meanwhile-soak": "Take over, Stop", "meanwhile-two": "Done Take over, Stop", "looks-again": "Take over, Stop",
		"disproved": "Done Check again Retry Done by hand Skip Patch forward Roll back to 24-02-01.602 Take over, Stop", "disproved-one": "Done Check again Retry Done by hand Skip Patch forward Roll back decanting-service to 24-02-01.602 Roll back all Take over, Stop", "unproven": "Done Check again Retry Done by hand Skip Patch forward Roll back to 24-02-01.602 Take over, Stop",
		"set-while-held": "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop", "let-go": "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop", "let-go-stopped": "",
		"nothing-to-pause": "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop", "pause-refused": "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop",
		"remarked": "Done Take over, Stop", "complete-remarked": "", "complete-remarked-two": "",
		"approve-remarks": "Approve Request changes Reject Take over, Stop", "approve-remarks-two": "Approve Request changes Reject Take over, Stop", "approve-rollback-lost": "Approve Request changes Reject Take over, Stop",
		"by-hand": "Done by hand Take over, Stop", "people": "Done Done I'm here: tech-lead I'm here: tam Take over, Stop", "members": "Done by hand Take over, Stop", "noted": "Done Take over, Stop", "together": "Confirm 5 Done Take over, Stop",
		"due": "Done Skip Retry Done by hand Skip Stop", "troubles": "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop",
		"patient": "Approve Request changes Reject Take over, Stop", "deputies": "Approve Request changes Reject Take over, Stop", "paged": "Approve Request changes Reject Take over, Stop", "glass": "Approve Request changes Reject Take over, Stop", "review-owed": "Reviewed",
		"counting-down": "Roll back to 24-02-01.602 Check again Retry Patch forward Hold Take over, Stop", "default-held": "Roll back to 24-02-01.602 Check again Retry Patch forward Take over, Stop",
		"side-by-side": "Done Approve Request changes Reject Take over, Stop", "approval-voided": "Approve Request changes Reject Take over, Stop",
		"changes-requested": "Reply Approve Reject Take over, Stop", "changes-replied": "Approve Request changes Reject Take over, Stop",
		"approve-roles": "Approve Request changes Reject Take over, Stop", "approve-roles-one": "Approve as sre Request changes Reject Take over, Stop",
		"approve-side-by-side": "Approve as tech-lead Request changes Reject Approve as sre Request changes Reject Take over, Stop",
		"approval-holds":       "Take over, Stop", "approval-lapsed": "Approve Request changes Reject Take over, Stop", "approval-carried": "Approve Request changes Reject Take over, Stop",
		"taken-over-asking":  "Approve Request changes Reject Hand back Stop",
		"taken-over-rolling": "Hand back Stop",
		"taken-over-failed":  "Check again Hand back Stop",
		"handed-back-failed": "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop",
		"build-failed":       "Check again Retry Done by hand Skip Patch forward Take over, Stop",
		"built-by-hand":      "Take over, Stop",
		"taken-over-held":    "Done by hand Hand back Stop",
		"taken-over-rollout": "Hand back Stop",
		"brought-by-hand":    "Take over, Stop",
		"patching":           "Take over, Stop",
		"patch-refused":      "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop",
		"patched":            "Approve Request changes Reject Take over, Stop",
		"drill-patched":      "Approve Request changes Reject Take over, Stop",
		"window-over":        "Override Roll back to 24-02-01.602 Take over, Stop",
		"experts-called":     "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop View",
		"expert-heard":       "Check again Retry Patch forward Roll back to 24-02-01.602 Take over, Stop View",
	}
	for _, s := range scenes(t) {
		_, blocks := Card(s.d, s.progress, s.renderer, s.now)
		var labels []string
		for _, b := range buttonsOf(blocks) {
			labels = append(labels, b.Text.Text)
			if v, err := ParseButtonValue(b.Value); err != nil || v.Deployment != s.d.ID {
				t.Errorf("%s: the button %s carries %q: %v", s.name, b.Text.Text, b.Value, err)
			}
		}
		if got, want := strings.Join(labels, " "), strings.NewReplacer(",", "", ";;", ",").Replace(want[s.name]); got != want {
			t.Errorf("%s has the buttons %q, want %q", s.name, got, want)
		}
	}
}

func buttonsOf(blocks []slack.Block) []*slack.ButtonBlockElement {
	var out []*slack.ButtonBlockElement
	for _, b := range blocks {
		if a, ok := b.(*slack.ActionBlock); ok {
			for _, e := range a.Elements.ElementSet {
				out = append(out, e.(*slack.ButtonBlockElement))
			}
		}
	}
	return out
}

// However much is known of a failure, Slack takes the card.
func TestManyTroublesFitTheCard(t *testing.T) {
	t.Parallel()
	d := troubled(t)
	long := strings.Repeat("look `at <it>` & ", 80)
	d.Step("rollout").How, d.Step("rollout").Troubleshooting = long, long
	for range 40 {
		d.Procedure.Troubles = append(d.Procedure.Troubles, deployer.Trouble{Symptom: long, Diagnosis: long, Causes: []string{long, long}, Fix: long})
	}
	if _, blocks := Card(d, nil, linkedRenderer, bottest.TenPM); bottest.BlockFaults(blocks) != "" {
		t.Error(bottest.BlockFaults(blocks))
	}
}

// What a button carries is accepted by the core: the step, the attempt, and
// the hash of what is approved.
func TestApproveButtonNamesItsSubject(t *testing.T) {
	t.Parallel()
	n := bottest.Confirmed(t)
	_, blocks := Card(n.Deployment(), nil, plainRenderer, n.Time)
	for _, b := range buttonsOf(blocks) {
		v, err := ParseButtonValue(b.Value)
		if err != nil {
			t.Fatal(err)
		}
		if b.ActionID == ActionApprove {
			n.Does(bottest.Bob, deployer.Answer{Step: v.Step, Attempt: v.Attempt, Subject: v.Subject, Choice: deployer.ChoiceApprove})
		}
	}
	d := n.Deployment()
	if s := d.Step("approve"); s.Status != deployer.Done {
		t.Errorf("the approval is %s", s.Status)
	}
}

// An old client that kept the buttons of an earlier state would act on it.
// The row's id changes with the state, and not with progress.
func TestButtonRowsChangeWithTheState(t *testing.T) {
	t.Parallel()
	row := func(d deployer.Deployment, p map[string]deployer.Progress) string {
		_, blocks := Card(d, p, plainRenderer, bottest.TenPM)
		for _, b := range blocks {
			if a, ok := b.(*slack.ActionBlock); ok {
				return a.BlockID
			}
		}
		return ""
	}
	n := bottest.RollingOut(t, bottest.Web)
	one, two := row(n.Deployment(), nil), row(n.Deployment(), map[string]deployer.Progress{"rollout/" + bottest.Web: {Total: 6, Updated: 1}})
	if one != two {
		t.Errorf("progress changed the row from %s to %s", one, two)
	}
	n.Ends("rollout/"+bottest.Web, deployer.Failed, bottest.Crash, "")
	if three := row(n.Deployment(), nil); three == one {
		t.Errorf("the row is %s before and after the failure", three)
	}
}

// The passing of time alone must not edit a card.
func TestTimeAloneChangesNothing(t *testing.T) {
	t.Parallel()
	n := bottest.Confirmed(t)
	_, before := Card(n.Deployment(), nil, plainRenderer, n.Time)
	_, after := Card(n.Deployment(), nil, plainRenderer, n.Time.Add(7*time.Hour))
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

func TestButtonValuesThatAreNotOursAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "x", "{}", "[]", `{"d":1}`} {
		if v, err := ParseButtonValue(s); err == nil {
			t.Errorf("ParseButtonValue(%q) = %+v", s, v)
		}
	}
	want := ButtonValue{Deployment: "tangerine-1", Step: "a", Attempt: 2, Subject: "h"}
	if got, err := ParseButtonValue(want.Encode()); err != nil || got != want {
		t.Errorf("ParseButtonValue(Encode) = %+v, %v", got, err)
	}
}

// What is half way when it is stopped says so, and how to go back; a rollback
// that is proven is not called half way; and nobody reads a digest whole.
func TestStopTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	n := bottest.RollingOut(t, bottest.Web).Ends("rollout/"+bottest.Web, deployer.Failed, "can't get its image: r/web@"+digest+": not found.", "").
		Engine(deployer.Intend{Key: "rollout/" + bottest.Web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		Ends("rollout/"+bottest.Web+"/pause", deployer.OK, "", "").Does(bottest.Ana, deployer.Answer{Choice: deployer.ChoiceStop})
	text, _ := Card(n.Deployment(), nil, plainRenderer, n.Time)
	state := card{Renderer: plainRenderer, d: n.Deployment(), now: n.Time, cardBudget: cardBudgets[0]}.state()
	bottest.Contains(t, state, "*Stopped by Ana.*", "r/web@sha256:0123456789ab…: not found", "To go back to `24-02-01.602`: `/deploy rollback "+bottest.Web+" --env prod` · others: `/deploy history "+bottest.Web+" --env prod`")
	if strings.Contains(text+state, digest) {
		t.Errorf("the digest is there whole: %s", state)
	}
}

// Stopping a rollback that is half way says so; one that is done is called done.
func TestStoppingARollbackSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	step := func(uses string, s deployer.StepStatus) deployer.StepState {
		return deployer.StepState{Step: deployer.Step{Uses: uses}, Part: deployer.PartRollback, Status: s}
	}
	for want, steps := range map[string][]deployer.StepState{
		"It may be half way: web.":       {step(deployer.KindRollout, deployer.Done), step("kubernetes.verify", deployer.Active)},
		"The rollback is done and stays": {step(deployer.KindRollout, deployer.Done), step("kubernetes.verify", deployer.Done), step(deployer.KindConfirm, deployer.Active)},
	} {
		c := card{Renderer: plainRenderer, d: deployer.Deployment{Status: deployer.Running, Part: deployer.PartRollback, RollbackServices: []string{"web"}, Steps: steps}}
		bottest.Contains(t, c.stopEffect(), want)
	}
}

// The version that was there ran well, but not as somebody has made it by hand
// since: the way back is to what ran well, and the card says what that takes away.
func TestTheCardSaysThatAChangeByHandDoesNotComeBack(t *testing.T) {
	t.Parallel()
	for _, s := range soScenes(t) {
		if s.name != "half-way" {
			continue
		}
		target := &s.d.Targets[0]
		target.Good.State = target.Before
		target.Good.State.Template = "proven"
		for _, step := range s.d.Steps {
			for i := range step.Effects {
				step.Effects[i].Before = target.Before
				step.Effects[i].Before.Template = "by hand"
			}
		}
		_, blocks := Card(s.d, s.progress, s.renderer, s.now)
		want := "Back means `" + target.Before.Version + "`, which ran well for 3 days: what was changed of it by hand since does not come back."
		if said := bottest.JSON(t, blocks); !strings.Contains(said, want) {
			t.Errorf("%q is missing in %s", want, said)
		}
	}
}

// A rollback that was stopped on the way says how far it came, not that nothing was put back.
func TestStoppedRollbackSaysWhatRuns(t *testing.T) {
	t.Parallel()
	step := func(id string, part deployer.Part, effects ...deployer.Effect) deployer.StepState {
		return deployer.StepState{Step: deployer.Step{ID: id, Uses: deployer.KindRollout}, Part: part, Status: deployer.Active, Effects: effects}
	}
	effect := func(key string, result deployer.Result, why string) deployer.Effect {
		parsed := deployer.ParseEffectKey(key)
		return deployer.Effect{Key: key, Item: parsed.Item, Verb: parsed.Verb, Stage: deployer.Settled, Outcome: deployer.Outcome{Result: result, Why: why}}
	}
	c := cardEnded{card{Renderer: plainRenderer, cardBudget: cardBudgets[0], d: deployer.Deployment{
		Status: deployer.Stopped, Part: deployer.PartRollback, RollbackServices: []string{"web"}, Targets: bottest.TargetsOf("web"),
		Steps: []deployer.StepState{
			step("rollout", deployer.PartMain, effect("rollout/web", deployer.Failed, "1 of 6 pods crashes")),
			step("back", deployer.PartRollback, effect("back/web", deployer.Failed, "It was stopped on the way."), effect("back/web/pause", deployer.OK, "v1 on 8 (5 ready)")),
		},
	}}}
	if got, want := c.leftBehind(), "\nLeft as it is · *rollback not finished*: It was stopped on the way.\nIt runs v1 on 8 (5 ready)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// One of several services that is rolled back is one service.
func TestProgressCountsServicesInWords(t *testing.T) {
	t.Parallel()
	s := deployer.StepState{Step: deployer.Step{ID: "back", Uses: deployer.KindRollout}, Part: deployer.PartRollback}
	for want, services := range map[string][]string{"0 of 1 service done": {"web"}, "0 of 2 services done": {"web", "api"}} {
		c := cardWork{card: card{d: deployer.Deployment{Part: deployer.PartRollback, RollbackServices: services, Targets: bottest.TargetsOf("web", "api")}}}
		if got := c.stepProgress(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Whoever approves reads where a rollback would go, where that is not what is there:
// what was left by a stopped deployment is not gone back to.
func TestAnApprovalSaysWhereARollbackWouldGo(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		if s.name != "approve" {
			continue
		}
		seen, other := s.d.Targets[0].Before, deployer.State{Version: "v2", Image: "registry.example/web:v2"}
		for want, good := range map[string]deployer.Good{
			"": {How: deployer.EvidenceSeen, State: seen},
			"Back means `v2`, which ran well: `" + seen.Version + "`, which was there, is not known to have run well.": {How: deployer.EvidenceProven, State: other},
			"is known to have run well: this can't be rolled back.":                                                    {How: deployer.EvidenceNone},
		} {
			s.d.Targets[0].Good = good
			_, blocks := Card(s.d, s.progress, s.renderer, s.now)
			said := bottest.JSON(t, blocks)
			if want == "" && strings.Contains(said, "known to have run well") || !strings.Contains(said, want) {
				t.Errorf("%q is missing in %s", want, said)
			}
		}
		return
	}
	t.Fatal("there is no scene of an approval")
}

// A proof that nobody could tell any more was called interrupted, once it was rolled back.
func TestTheCauseOfARollbackIsNoInterruptionWhereItWasDone(t *testing.T) {
	t.Parallel()
	lost := proven(t, deployer.KindConfirm, deployer.Outcome{Result: deployer.OK}, bottest.Web).
		Engine(deployer.Recheck{Key: "pods/" + bottest.Web, Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "connection refused"}}).
		Does(bottest.Ana, deployer.Answer{Choice: deployer.ChoiceRollBack})
	_, blocks := Card(lost.Deployment(), nil, plainRenderer, lost.Time)
	data, err := json.Marshal(blocks)
	if text := string(data); err != nil || !strings.Contains(text, "may not hold any more: connection refused.") || strings.Contains(text, "interrupted") {
		t.Errorf("it reads %s, %v", text, err)
	}
}

// Slack takes labels of 75 characters: a long version is cut, and where next to nothing
// of it would be left, how it ran stands in the dialog alone.
func TestBackLabelsFit(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v1", "24-02-05.619-hotfix.627", strings.Repeat("9", 128)} {
		for _, service := range []string{bottest.Web, strings.Repeat("s", 60)} {
			d := wentWell(t, deployer.Good{How: deployer.EvidenceProven, State: deployer.State{Version: version, Image: "r/web:1"}, Since: bottest.TenPM.Add(-99 * 24 * time.Hour)}).Deployment()
			if service != bottest.Web {
				d.Targets = append(d.Targets, deployer.Target{Service: service})
			}
			_, blocks := Card(d, nil, plainRenderer, bottest.TenPM)
			buttons := buttonsOf(blocks)
			if len(buttons) != 1 || mrkdwn.Units(buttons[0].Text.Text) > 75 || !strings.HasPrefix(buttons[0].Text.Text, "Roll back ") || !strings.Contains(buttons[0].Text.Text, version[:2]) {
				t.Errorf("of %s and %s the buttons are %+v", service, version, buttons)
			}
			if bottest.BlockFaults(blocks) != "" {
				t.Error(bottest.BlockFaults(blocks))
			}
		}
	}
}

// How long the way back took stands beside what its steps had planned.
func TestTheWayBackIsHeldAgainstItsPlan(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		if s.name != "rolled-back" {
			continue
		}
		s.d.Step("back").Estimate, s.d.Step("back-pods").Estimate = 2*time.Minute, time.Minute
		text, _ := Card(s.d, nil, s.renderer, s.now)
		if want := "Took 17 min. Back after 6 min, planned 3 min; the rollout took 5 min."; !strings.Contains(text, want) {
			t.Errorf("%q, want %q", text, want)
		}
	}
}
