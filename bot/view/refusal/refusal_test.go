package refusal

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

var renderer = view.Renderer{Names: bottest.PhoneBook{}, Command: "/deploy", Retailers: map[string]view.Retailer{"tangerine": {Zone: newYork()}}}

func newYork() *time.Location {
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return z
}

func TestRefusalsSayWhyAndWhatToDoInstead(t *testing.T) {
	t.Parallel()
	locked := deployer.Locked{Service: "web", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Lock: deployer.Lock{
		By: bottest.Bob, Reason: "stock-taking <!channel>", Until: bottest.TenPM,
	}}
	everything := locked
	everything.Service = ""
	for name, c := range map[string]struct {
		refusal          *deployer.Refusal
		message, inField string
	}{
		"only why": {deployer.Refuse("", "No %s & no tag.", "<service>"), "No &lt;service&gt; &amp; no tag.", "No <service> & no tag."},
		"a sentence, a command, a flag": {
			deployer.Refuse("Take another one.", "It is gone.").Hint("See what there is", deployer.VerbStatus, "web"),
			"It is gone.\nTake another one. – See what there is: `/deploy status web`", "It is gone.\nTake another one. – See what there is: /deploy status web",
		},
		"how it is deployed": {
			deployer.Refuse("", "It has no tag.").Hint("Say for example", deployer.VerbDeploy, "web", "v1"),
			"It has no tag.\nSay for example: `/deploy web v1`", "It has no tag.\nSay for example: /deploy web v1",
		},
		"only a flag": {
			&deployer.Refusal{Why: "Which one?", Instead: []deployer.Hint{{Say: "Say it", Flag: deployer.Flag{Name: "env", Value: "prod"}}}},
			"Which one?\nSay it: --env prod", "Which one?\nSay it: --env prod",
		},
		"a command with a flag": {
			&deployer.Refusal{Why: "It is there.", Instead: []deployer.Hint{{Say: "Look", Verb: deployer.VerbLocks, Flag: deployer.Flag{Name: "env", Value: "prod"}}}},
			"It is there.\nLook: `/deploy locks --env prod`", "It is there.\nLook: /deploy locks --env prod",
		},
		"who may": {
			&deployer.Refusal{Why: "You may not.", May: &deployer.May{People: []deployer.Actor{bottest.Ana}, Roles: []string{"tech-lead"}, Not: bottest.Bob}},
			"You may not.\nAsk Ana or Rosa.", "You may not.\nAsk Ana or Rosa.",
		},
		"nobody is known who may": {
			&deployer.Refusal{Why: "You may not.", May: &deployer.May{Roles: []string{"nobody"}}, Instead: []deployer.Hint{{Say: "Ask nobody."}}},
			"You may not.\nAsk nobody.", "You may not.\nAsk nobody.",
		},
		"it is locked": {
			&deployer.Refusal{Why: "for logs", Locked: &locked},
			"web in tangerine prod is locked by Bob until " + mrkdwn.Date(bottest.TenPM) + ": stock-taking &lt;!channel&gt;.",
			"web in tangerine prod is locked by Bob until 5 Feb 17:00 EST: stock-taking <!channel>.",
		},
		"everything is locked": {
			&deployer.Refusal{Locked: &everything},
			"Everything in tangerine prod is locked by Bob until " + mrkdwn.Date(bottest.TenPM) + ": stock-taking &lt;!channel&gt;.",
			"Everything in tangerine prod is locked by Bob until 5 Feb 17:00 EST: stock-taking <!channel>.",
		},
	} {
		if got := Say(renderer, ForMessage, c.refusal); got != c.message {
			t.Errorf("%s, in a message:\n%s\nwant\n%s", name, got, c.message)
		}
		if got := Say(renderer, ForField(renderer, "tangerine"), c.refusal); got != c.inField {
			t.Errorf("%s, in a form:\n%s\nwant\n%s", name, got, c.inField)
		}
	}
}

// Whoever is refused because somebody else deploys reads whom that waits for.
func TestARefusalSaysWhatTheOtherDeploymentWaitsFor(t *testing.T) {
	t.Parallel()
	waiting := func(uses, role string) deployer.Deployment {
		return deployer.Deployment{Status: deployer.Running, Requester: bottest.Ana, Steps: []deployer.StepState{
			{Step: deployer.Step{ID: "s", Title: "The step", Uses: uses, With: deployer.Values{"role": {Text: role}, "review": {Text: role}}}, Status: deployer.Active, Attempt: 1},
		}}
	}
	planned := bottest.StartOf(bottest.Web)
	planned.Planned = bottest.TenPM.Add(2 * time.Hour)
	start := waiting(deployer.KindWait, "")
	start.Steps[0].With = deployer.Values{"until": {Text: deployer.UntilPlanned}}
	start.Planned, start.Site.Name = planned.Planned, "tangerine"
	for want, d := range map[string]deployer.Deployment{
		"waiting for Rosa to approve":                   bottest.Confirmed(t).Deployment(), // Bob asks below
		"waiting for somebody of nobody to approve":     waiting(deployer.KindApprove, "nobody"),
		"waiting for Ana to confirm “The step”":         waiting(deployer.KindConfirm, ""),
		"waiting for Olga to confirm “The step”":        waiting(deployer.KindConfirm, "sre"),
		"“The step” is under way":                       waiting(deployer.KindRollout, ""),
		"it starts by itself at 19:00 on 5 Feb, EST":    start,
		"Roll out did not go well, and Ana decides":     {Status: deployer.Deciding, Requester: bottest.Ana, Steps: []deployer.StepState{{Step: deployer.Step{ID: "r", Title: "Roll out", Uses: deployer.KindRollout}, Status: deployer.StepFailed}}},
		"it is being looked up":                         {Status: deployer.Resolving},
		"it is being stopped":                           {Status: deployer.Halting},
		"it goes on by itself":                          {Status: deployer.Running},
		"waiting for Ana to read what clients are told": bottest.ForClients(t).Deployment(),
	} {
		d.Created, d.ID = bottest.TenPM, "tangerine-7"
		if want == "waiting for Rosa to approve" {
			d.Requester = bottest.Bob
		}
		got := Say(renderer, ForMessage, &deployer.Refusal{Taken: &deployer.Taken{Service: "web", Holder: d}})
		bottest.Contains(t, got, "web in ", "is being deployed by ", mrkdwn.Date(bottest.TenPM), "(tangerine-7): "+want+".")
	}
}

func TestTimesOfTheSameDayHaveNoDay(t *testing.T) {
	t.Parallel()
	if now := time.Now(); nearTime(now) != mrkdwn.Clock(now) {
		t.Errorf("now is %s", nearTime(now))
	}
	if past := time.Now().Add(-13 * time.Hour); nearTime(past) != mrkdwn.Date(past) {
		t.Errorf("yesterday is %s", nearTime(past))
	}
}
