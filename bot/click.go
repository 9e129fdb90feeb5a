package bot

import (
	"context"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// readClick finds out which button of a card was pressed. The order's nonce is
// made of what tells one click from another, so that it is the same however
// often Slack delivers it.
func (b *Bot) readClick(c slack.InteractionCallback) (task, error) {
	if len(c.ActionCallback.BlockActions) == 0 {
		return task{}, nil
	}
	action := c.ActionCallback.BlockActions[0]
	if action.ActionID == view.VerbReview {
		return b.readReviewing(c, action)
	}
	command := commandOf(action.ActionID)
	if command == nil {
		return task{}, nil // a link, or a button of an older version
	}
	v, err := view.DecodeValue(action.Value)
	if err != nil {
		return task{}, err
	}
	nonce := fingerprint("click", c.User.ID, c.Container.ChannelID, c.Container.MessageTs, action.ActionID, action.ActionTs)
	t := task{key: "deployment/" + v.Deployment, id: nonce, channel: c.Container.ChannelID, user: c.User.ID}
	by := b.people.PersonOf(c.User.ID, c.User.Name)
	if _, ok := view.ReasonNeeded(action.ActionID); ok {
		t.key = "person/" + c.User.ID // the order comes with the form
		t.do = func(ctx context.Context) answer { return b.openReason(ctx, c, action.ActionID, v) }
	} else {
		t.do = func(ctx context.Context) answer {
			return b.carryOut(ctx, deployer.Order{Deployment: v.Deployment, By: by, Nonce: nonce, Command: command(v, "")})
		}
	}
	if do := t.do; c.Container.IsEphemeral {
		t.do = func(ctx context.Context) answer {
			a := do(ctx)
			a.after = func(ctx context.Context) { b.removeCopy(ctx, c) }
			return a
		}
	}
	return t, nil
}

// commandOf is what a button asks for; nil for one that is not known.
func commandOf(action string) func(v view.ButtonValue, reason string) deployer.Command {
	switch action {
	case view.VerbDone:
		return func(v view.ButtonValue, _ string) deployer.Command {
			return deployer.Confirm{Step: v.Step, Attempt: v.Attempt}
		}
	case view.VerbApprove:
		return func(v view.ButtonValue, _ string) deployer.Command {
			return deployer.Approve{Step: v.Step, Attempt: v.Attempt, Subject: v.Subject}
		}
	case view.VerbReject:
		return func(v view.ButtonValue, reason string) deployer.Command {
			return deployer.Reject{Step: v.Step, Attempt: v.Attempt, Reason: reason}
		}
	case view.VerbSkip:
		return func(v view.ButtonValue, reason string) deployer.Command {
			return deployer.Skip{Step: v.Step, Attempt: v.Attempt, Reason: reason}
		}
	case view.VerbRetry:
		return func(v view.ButtonValue, _ string) deployer.Command {
			return deployer.Retry{Step: v.Step, Attempt: v.Attempt}
		}
	case view.VerbCheck:
		return func(v view.ButtonValue, _ string) deployer.Command {
			return deployer.CheckAgain{Step: v.Step, Attempt: v.Attempt}
		}
	case view.VerbRollBack:
		return func(view.ButtonValue, string) deployer.Command { return deployer.RollBack{} }
	case view.VerbStop:
		return func(view.ButtonValue, string) deployer.Command { return deployer.Stop{} }
	}
	return nil
}

// removeCopy removes a copy of a card that only one person sees: nobody would
// ever redraw it.
func (b *Bot) removeCopy(ctx context.Context, c slack.InteractionCallback) {
	_, _, err := b.api.PostMessageContext(ctx, c.Container.ChannelID, slack.MsgOptionDeleteOriginal(c.ResponseURL))
	if err != nil {
		b.log.Info("a copy of a card stays", "err", err)
	}
}

// open shows a form. A trigger that came too late is a person's to repeat.
func (b *Bot) open(ctx context.Context, trigger string, view slack.ModalViewRequest) answer {
	if _, err := b.api.OpenViewContext(ctx, trigger, view); err != nil {
		b.log.Warn("a form could not be opened", "form", view.CallbackID, "err", err, "details", slackapi.ErrorDetails(err))
		return answer{text: "Slack did not open the form. Try it again.", failed: true}
	}
	return answer{}
}
