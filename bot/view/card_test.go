package view

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
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
	add("approve", confirm.Does(bottest.Ana, deployer.Confirm{Step: "control", Attempt: 1}), nil)
	add("announcing", confirm.Does(bottest.Rosa, deployer.Approve{Step: "approve", Attempt: 1, Subject: confirm.Deployment().Subject().Hash()}), nil)
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
	add("stopping", bottest.RollingOut(t, bottest.Web).Does(bottest.Ana, deployer.Stop{Reason: "wrong tag"}), up(4, 3, 3))
	add("stopped-untouched", bottest.NewScenario(t, bottest.StartOf(bottest.Web)).Resolved(bottest.TargetsOf(bottest.Web)...).Does(bottest.Bob, deployer.Stop{}), nil)
	add("stopped", bottest.Failed(t).Does(bottest.Bob, deployer.Stop{Reason: "the fix comes tomorrow"}), nil)
	add("rejected", bottest.Confirmed(t).Does(bottest.Bob, deployer.Reject{Step: "approve", Attempt: 1, Reason: "not tonight"}), nil)
	back := bottest.Failed(t).Does(bottest.Bob, deployer.RollBack{Reason: "customers wait"})
	add("rolling-back", back.Begins("back", bottest.Web), map[string]deployer.Progress{"back/" + bottest.Web: {Total: 6, Updated: 2, Available: 5, Old: 4}})
	add("rolled-back", back.Ends("back/"+bottest.Web, deployer.OK, "", "").Begins("back-pods", bottest.Web).Ends("back-pods/"+bottest.Web, deployer.OK, "", ""), nil)
	add("complete", bottest.Complete(t), nil)
	out = append(out, linkedScenes(t)...)
	return append(out, several(t)...)
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
	add("linked", bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...).Does(bottest.Ana, deployer.Confirm{Step: "control", Attempt: 1}))
	start = bottest.StartOf(bottest.Web)
	start.Inputs["ticket"] = "https://tickets.example/CHG/1234?view=all&x=1"
	add("linked-input", bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...))
	add("linked-services", bottest.RollingOut(t, bottest.Web, bottest.Orders))

	start = bottest.StartOf(bottest.Web)
	start.Planned = bottest.TenPM.Add(26 * time.Hour)
	start.Procedure.Steps = slices.Insert(start.Procedure.Steps, 2, deployer.Step{
		ID: "planned-start", Title: "The planned start", Uses: deployer.KindWait, Until: deployer.UntilPlanned, Needs: []string{"approve"},
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
	return append(out, scene{name: "waived", d: bottest.Waived(t).Deployment(), now: bottest.TenPM, renderer: plainRenderer})
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
	services.Does(bottest.Bob, deployer.RollBack{}).Begins("back", bottest.Orders).Ends("back/orders", deployer.OK, "", "")
	for _, s := range []string{bottest.Web, bottest.Orders} {
		services.Begins("back-pods", s).Ends("back-pods/"+s, deployer.OK, "", "")
	}
	add("services-rolled-back", services, nil)

	start := bottest.StartOf(bottest.Web)
	start.Procedure.Steps[1].Count = 2
	start.Procedure.Steps[1].Needs = nil
	sideways := bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...)
	sideways.Does(bottest.Bob, deployer.Approve{Step: "approve", Attempt: 1, Subject: sideways.Deployment().Subject().Hash()})
	add("side-by-side", sideways, nil)

	voided := bottest.NewScenario(t, bottest.StartOf(bottest.Web)).Resolved(bottest.TargetsOf(bottest.Web)...).Approved().Announced("starting").
		Engine(deployer.Intend{Key: "rollout/" + bottest.Web, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: "24-02-06.1", Image: "other"}}})
	add("approval-voided", voided, nil)
	return out
}

func TestCardsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		t.Run(s.name, func(t *testing.T) {
			text, blocks := Card(s.d, s.progress, s.renderer, s.now)
			bottest.Golden(t, filepath.Join("card", s.name), text, blocks)
		})
	}
}

// The buttons are the contract's, and only those that make sense now.
func TestEveryStateHasItsButtons(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"resolving": "Stop", "resolving-two": "Stop", "confirm": "Done Stop", "approve": "Approve Reject Stop", "announcing": "Stop",
		"rollout-begins": "Stop", "rollout": "Stop", "rollout-slow": "Stop", "soak": "Stop",
		"check-failed": "Check again, Retry, Skip, Roll back, Stop",
		"failed":       "Check again, Retry, Roll back, Stop", "unclear": "Check again, Retry, Roll back, Stop",
		"stopping": "", "stopped-untouched": "", "stopped": "", "rejected": "", "rolling-back": "Stop", "rolled-back": "", "complete": "",
		"services-confirm": "Done Stop", "services-rollout": "Stop", "services-failed": "Check again, Retry, Roll back, Stop",
		"services-rolled-back": "", "planned": "Done Stop", "planned-waiting": "Stop", "linked": "Approve Reject Stop", "linked-input": "Done Stop", "linked-services": "Stop", "reminded": "Approve Reject Stop",
		"reminded-last": "Approve Reject Stop", "waived": "",
		"side-by-side": "Done Approve Reject Stop", "approval-voided": "Approve Reject Stop",
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
		if got, want := strings.Join(labels, " "), strings.ReplaceAll(want[s.name], ",", ""); got != want {
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
		if b.ActionID == VerbApprove {
			n.Does(bottest.Bob, deployer.Approve{Step: v.Step, Attempt: v.Attempt, Subject: v.Subject})
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
			t.Errorf("decodeValue(%q) = %+v", s, v)
		}
	}
	want := ButtonValue{Deployment: "tangerine-1", Step: "a", Attempt: 2, Subject: "h"}
	if got, err := ParseButtonValue(want.Encode()); err != nil || got != want {
		t.Errorf("decodeValue(encode) = %+v, %v", got, err)
	}
}

func Example_span() {
	for _, d := range []time.Duration{0, 40 * time.Second, time.Minute, 99 * time.Minute, 112 * time.Minute, 2 * time.Hour} {
		fmt.Print(mrkdwn.Span(d), "; ")
	}
	// Output: 0 s; 40 s; 1 min; 99 min; 1 h 52 min; 2 h;
}

// What is half way when it is stopped says so, and how to go back; a rollback
// that is proven is not called half way; and nobody reads a digest whole.
func TestStopTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	n := bottest.RollingOut(t, bottest.Web).Ends("rollout/"+bottest.Web, deployer.Failed, "can't get its image: r/web@"+digest+": not found.", "").
		Engine(deployer.Intend{Key: "rollout/" + bottest.Web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		Ends("rollout/"+bottest.Web+"/pause", deployer.OK, "", "").Does(bottest.Ana, deployer.Stop{})
	text, _ := Card(n.Deployment(), nil, plainRenderer, n.Time)
	state := card{Renderer: plainRenderer, d: n.Deployment(), now: n.Time, cardBudget: cardBudgets[0]}.state()
	bottest.Contains(t, state, "*Stopped by Ana.*", "r/web@sha256:0123456789ab…: not found", "To go back: `/deploy rollback "+bottest.Web+" --env prod`")
	if strings.Contains(text+state, digest) {
		t.Errorf("the digest is there whole: %s", state)
	}
}

// Stopping a rollback that is half way says so; one that is done is called done.
func TestStoppingARollbackSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	step := func(uses string, s deployer.StepStatus) deployer.StepState {
		return deployer.StepState{Step: deployer.Step{Uses: uses}, Back: true, Status: s}
	}
	for want, steps := range map[string][]deployer.StepState{
		"It may be half way: web.":       {step(deployer.KindRollout, deployer.Done), step("kubernetes.verify", deployer.Active)},
		"The rollback is done and stays": {step(deployer.KindRollout, deployer.Done), step("kubernetes.verify", deployer.Done), step(deployer.KindConfirm, deployer.Active)},
	} {
		c := card{Renderer: plainRenderer, d: deployer.Deployment{Status: deployer.Running, Back: true, RollbackServices: []string{"web"}, Steps: steps}}
		bottest.Contains(t, c.stopEffect(), want)
	}
}
