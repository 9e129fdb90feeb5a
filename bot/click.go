package bot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/deployer"
)

// cards are the buttons of cards, with the forms that they open.
type cards struct{ *resolver }

// choices are what the buttons say, by their action ids. Some want a reason.
var choices = map[string]deployer.Choice{
	view.ActionDone: deployer.ChoiceDone, view.ActionFill: deployer.ChoiceDone, view.ActionApprove: deployer.ChoiceApprove, view.ActionReject: deployer.ChoiceReject,
	view.ActionSkip: deployer.ChoiceSkip, view.ActionRetry: deployer.ChoiceRetry, view.ActionCheck: deployer.ChoiceCheck,
	view.ActionPatch: deployer.ChoicePatch, view.ActionRollBack: deployer.ChoiceRollBack, view.ActionStop: deployer.ChoiceStop, view.ActionGiveUp: deployer.ChoiceStop,
	view.ActionChanges: deployer.ChoiceChanges, view.ActionReply: deployer.ChoiceReply, view.ActionOverride: deployer.ChoiceOverride,
	view.ActionProceed: deployer.ChoiceProceed, view.ActionAbort: deployer.ChoiceAbort, view.ActionHold: deployer.ChoiceHold, view.ActionReviewed: deployer.ChoiceReviewed,
	view.ActionByHand: deployer.ChoiceByHand, view.ActionTakeOver: deployer.ChoiceTakeOver, view.ActionHandBack: deployer.ChoiceHandBack, view.ActionView: deployer.ChoiceView,
}

// answered is what pressing the button of a request on a card says.
func answered(r *request, action, reason string) deployer.Answer {
	a := answerOf(action, r.button, reason)
	if r.button.All {
		a.Services = r.deployment.Touched()
	}
	return a
}

// answerOf is what pressing a button says, with a reason where one was given.
func answerOf(action string, v view.ButtonValue, reason string) deployer.Answer {
	return deployer.Answer{Step: v.Step, Attempt: v.Attempt, Item: v.Item, Subject: v.Subject, Choice: choices[action], Comment: reason}
}

// cardOf finds the deployment that a button names, and refuses a click that does not
// count. Whoever made it gets to see the card as it is.
func (s *resolver) cardOf(ctx context.Context, r *request) error {
	d, err := s.Deployments.Load(ctx, r.button.Deployment)
	r.deployment = d
	if errors.Is(err, deployer.ErrNotFound) {
		return otherDatabase(r.button)
	}
	if err == nil {
		if err = s.counts(d, r); err != nil {
			s.out.Dirty(d.ID)
		}
	}
	return err
}

// counts refuses a click that is not for this very deployment: numbers begin again
// where a database is lost or put back, and the cards of before stay in their
// channels. Where everybody sees it, the button has to be on the card that the
// deployment knows, too; while it knows none, since Slack's answer is not written down
// yet, on one that we have signed.
func (s *shared) counts(d deployer.Deployment, r *request) error {
	at := deployer.Post{DedupKey: d.Card.DedupKey, Channel: r.channel, TS: r.message}
	switch signed := r.callback.Message; {
	case r.button.Print == "":
		return deployer.Refuse("It is drawn anew now: press it again in a moment.", "That card is of an earlier version of stationmaster, and nothing was done.")
	case r.button.Store != d.Store:
		return otherDatabase(r.button)
	case r.button.Print != deployer.Fingerprint(d):
		return deployer.Refuse("", "That card belongs to another deployment, which had the number %s before the database was put back. Nothing was done.", d.ID).
			Hint("See the one that is here", deployer.VerbStatus, d.ID)
	case r.private:
		return nil
	case d.Card.TS != "" && d.Card != at, signed.BotID != "" && !s.whoAmI().author().Wrote(signed):
		return deployer.Refuse("Use its newest card.", "That is not the card of %s any more, and nothing was done.", d.ID).Hint("Or see a copy", deployer.VerbStatus, d.ID)
	}
	return nil
}

// otherDatabase refuses a button of a deployment that is not here.
func otherDatabase(v view.ButtonValue) error {
	return deployer.Refuse("", "That card belongs to %s of a database that is not this one. Nothing was done.", v.Deployment).
		Hint("See what is under way here", deployer.VerbStatus)
}

// press gives the order of a button. Whoever answers in the place of those who did not
// come is asked why.
func (c cards) press(ctx context.Context, r *request) answer {
	o := deployer.Order{Deployment: r.button.Deployment, By: r.by, Nonce: r.nonce(), Command: answered(r, r.id, "")}
	_, err := c.order(ctx, o)
	var refusal *deployer.Refusal
	if errors.As(err, &refusal) && refusal.Reason {
		return c.openGlass(ctx, r, refusal)
	}
	return c.carriedOut(o, err)
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
	told := c.open(ctx, r.trigger, form.Notice("Not done", a.text))
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
