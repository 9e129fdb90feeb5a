package view

import (
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
)

// The forms that ask for a reason, as they read.
func TestReasonFormsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	n := bottest.Confirmed(t)
	d := n.Deployment()
	view, err := ReasonForm(ActionReject, reasonForms[ActionReject].about(card{d: d, Renderer: Renderer{Names: bottest.PhoneBook{}}, cardBudget: cardBudgets[0]}, *d.Step("approve")), ButtonMemo{Value: "{}"})
	bottest.GoldenView(t, "reject", view, err)
	view, err = ReasonForm(ActionChanges, plainRenderer.ReasonAbout(ActionChanges, d, *d.Step("approve")), ButtonMemo{Value: "{}"})
	bottest.GoldenView(t, ActionChanges, view, err)
	d = n.Does(bottest.Bob, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceChanges, Comment: "The ticket is *missing*"}).Deployment()
	view, err = ReasonForm(ActionReply, plainRenderer.ReasonAbout(ActionReply, d, *d.Step("approve")), ButtonMemo{Value: "{}"})
	bottest.GoldenView(t, ActionReply, view, err)
	n = bottest.RollingOut(t, bottest.Web).Ends("rollout/"+bottest.Web, deployer.OK, "", "").Begins("pods", bottest.Web).Ends("pods/"+bottest.Web, deployer.Failed, "1 of 6 pods restarts.", "")
	d = n.Deployment()
	view, err = ReasonForm(ActionSkip, reasonForms[ActionSkip].about(card{d: d, Renderer: Renderer{Names: bottest.PhoneBook{}}, cardBudget: cardBudgets[0]}, *d.Step("pods")), ButtonMemo{Value: "{}"})
	bottest.GoldenView(t, "skip", view, err)
	d = bottest.Failed(t).Deployment()
	view, err = ReasonForm(ActionPatch, plainRenderer.ReasonAbout(ActionPatch, d, *d.Step("rollout")), ButtonMemo{Value: "{}"}, TagsOf(d)...)
	bottest.GoldenView(t, ActionPatch, view, err)
	for verb, d := range map[string]deployer.Deployment{ActionOverride: bottest.Closed(t).Deployment(), ActionAbort: bottest.AtGate(t, "tech-lead").Deployment(), ActionGiveUp: bottest.Untold(t, bottest.Web, bottest.Orders).Deployment()} {
		s := deployer.StepState{}
		if build := d.Step("build"); build != nil {
			s = *build
		} else if held := d.HeldByRule(); held != nil {
			s = *held
		}
		view, err = ReasonForm(verb, plainRenderer.ReasonAbout(verb, d, s), ButtonMemo{Value: "{}"})
		bottest.GoldenView(t, verb, view, err)
	}
	for _, s := range patienceScenes(t) {
		if s.name == "experts-called" {
			about := plainRenderer.ReasonAbout(ActionView, s.d, *s.d.Broken())
			view, err = ReasonForm(ActionView, about, ButtonMemo{Value: "{}"}, field.Field{Input: deployer.ViewField(s.d)})
			bottest.GoldenView(t, ActionView, view, err)
			refused := &deployer.Refusal{Why: "sre has not said anything about it yet, so deciding needs a reason.", Unheard: []string{"sre"}}
			view, err = UnheardForm(ActionRetry, refused, plainRenderer.ReasonAbout(ActionRetry, s.d, *s.d.Broken()), ButtonMemo{Value: "{}"})
			bottest.GoldenView(t, "unheard", view, err)
		}
	}
}

func TestButtonsThatNeedAReasonSaySo(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]string{ActionReject: "Say in a few words what is wrong.", ActionSkip: "Say in a few words why it can be done without.", ActionStop: ""} {
		if got, needed := ReasonNeeded(verb); got != want || needed != (want != "") {
			t.Errorf("%s needs one: %t, %q", verb, needed, got)
		}
	}
	d := bottest.Confirmed(t).Deployment()
	bottest.Contains(t, plainRenderer.ReasonAbout(ActionReject, d, *d.Step("approve")), "*Ana* asks to deploy", "Rejecting ends it. Nothing was rolled out yet")
	d.Part = deployer.PartRollback
	bottest.Contains(t, plainRenderer.ReasonAbout(ActionReject, d, *d.Step("approve")), "Rejecting ends the rollback where it is now.")
}
