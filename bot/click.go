package bot

import (
	"context"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// cards are the buttons of cards, with the forms that they open.
type cards struct{ *resolver }

// choices are what the buttons say, by their action ids. Some want a reason.
var choices = map[string]deployer.Choice{
	view.ActionDone: deployer.ChoiceDone, view.ActionApprove: deployer.ChoiceApprove, view.ActionReject: deployer.ChoiceReject,
	view.ActionSkip: deployer.ChoiceSkip, view.ActionRetry: deployer.ChoiceRetry, view.ActionCheck: deployer.ChoiceCheck,
	view.ActionRollBack: deployer.ChoiceRollBack, view.ActionStop: deployer.ChoiceStop, view.ActionGiveUp: deployer.ChoiceStop,
	view.ActionProceed: deployer.ChoiceProceed, view.ActionAbort: deployer.ChoiceAbort,
}

// answerOf is what pressing a button says, with a reason where one was given.
func answerOf(action string, v view.ButtonValue, reason string) deployer.Answer {
	return deployer.Answer{Step: v.Step, Attempt: v.Attempt, Item: v.Item, Subject: v.Subject, Choice: choices[action], Comment: reason}
}

// press gives the order of a button.
func (c cards) press(ctx context.Context, r *request) answer {
	return c.carryOut(ctx, deployer.Order{Deployment: r.button.Deployment, By: r.by, Nonce: r.nonce(), Command: answerOf(r.id, r.button, "")})
}

// afterClick has the copy of a card go away on which the button was pressed, and
// shows the answer where it can be seen.
func (c cards) afterClick(ctx context.Context, r *request, a answer) answer {
	if r.isCopy() {
		a.after = func(ctx context.Context) { c.removeCopy(ctx, r.callback) }
	}
	return c.tellAtHome(ctx, r, a)
}

// tellAtHome opens a form for an answer to a button of a home tab: nobody sees
// there what only they are told in a channel.
func (c cards) tellAtHome(ctx context.Context, r *request, a answer) answer {
	if !r.home || a.text == "" {
		return a
	}
	told := c.open(ctx, r.trigger, view.Notice("Not done", a.text))
	told.failed = told.failed || a.failed
	return told
}

// removeCopy removes a copy of a card that only one person sees: nobody would
// ever redraw it.
func (c cards) removeCopy(ctx context.Context, call slack.InteractionCallback) {
	_, _, err := c.api.PostMessageContext(ctx, call.Container.ChannelID, slack.MsgOptionDeleteOriginal(call.ResponseURL))
	if err != nil {
		c.log.Info("a copy of a card stays", "err", err)
	}
}
