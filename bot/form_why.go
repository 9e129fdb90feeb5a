package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

const peekWithin = 300 * time.Millisecond // before a form opens: its trigger lives for 3 s

// openReason asks for the reason. What the form says of the step is looked up if
// that is quick, and a button of an earlier state opens none; nothing is
// written down.
func (b *Bot) openReason(ctx context.Context, c slack.InteractionCallback, verb string, v view.ButtonValue) answer {
	peek, cancel := context.WithTimeout(ctx, peekWithin)
	d, err := b.records.Load(peek, v.Deployment)
	cancel()
	about := "*" + mrkdwn.Escape(v.Deployment, mrkdwn.NameMax) + "*"
	switch {
	case err == nil:
		s, err := asked(d, verb, v)
		if err != nil {
			b.Dirty(d.ID)
			return b.refuse(err)
		}
		about = b.guide.ReasonAbout(verb, d, *s)
	case errors.Is(err, deployer.ErrNotFound):
		return b.refuse(err)
	}
	view, err := view.ReasonView(verb, about, view.ReasonMemo{Value: v.Encode(), Channel: c.Container.ChannelID})
	if err != nil {
		return b.refuse(err)
	}
	return b.open(ctx, c.TriggerID, view)
}

// asked returns the step that a button is about, unless it belongs to an
// earlier state. Who may press it is checked when the reason comes.
func asked(d deployer.Deployment, verb string, v view.ButtonValue) (*deployer.StepState, error) {
	s := d.Step(v.Step)
	switch {
	case d.Status.Ended():
		return nil, deployer.HasEnded(d)
	case s != nil && s.Status == deployer.Done:
		return nil, deployer.DoneAlready(*s)
	case s == nil || s.Attempt != v.Attempt:
	case verb == view.VerbReject && s.Status == deployer.Active && d.Status != deployer.Halting:
		return s, nil
	case verb == view.VerbSkip && (s.Status == deployer.StepFailed || s.Status == deployer.StepInterrupted):
		return s, nil
	}
	return nil, deployer.Refuse("Use the buttons that the card has now.", "That button belongs to an earlier question.")
}

// readReason takes the reason. The view's id makes the order's nonce: Slack gives
// a new one to each form that it opens. What is refused is said in the form,
// so that nobody types it again.
func (b *Bot) readReason(c slack.InteractionCallback) (task, error) {
	var memo view.ReasonMemo
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &memo); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	v, err := view.DecodeValue(memo.Value)
	if err != nil {
		return task{}, err
	}
	verb := strings.TrimPrefix(c.View.CallbackID, view.ReasonFormPrefix)
	command := commandOf(verb)
	needed, ok := view.ReasonNeeded(verb)
	if command == nil || !ok {
		return task{}, nil
	}
	by := b.people.PersonOf(c.User.ID, c.User.Name)
	reason := strings.TrimSpace(view.FieldOf(c, view.ReasonBlock).Value)
	t := task{key: "deployment/" + v.Deployment, id: fingerprint("submission", c.View.ID, c.TriggerID), channel: memo.Channel, user: c.User.ID}
	t.do = func(ctx context.Context) answer {
		switch n := utf8.RuneCountInString(reason); {
		case n == 0:
			return errorInForm(view.ReasonBlock, needed)
		case n > view.ReasonTextMax:
			return errorInForm(view.ReasonBlock, fmt.Sprintf("That has %d characters; %d are the most. Put the rest into the thread.", n, view.ReasonTextMax))
		}
		_, err := b.order(ctx, deployer.Order{
			Deployment: v.Deployment, By: by, Nonce: fingerprint("view", c.Team.ID, c.View.ID), Command: command(v, reason),
		})
		if err == nil {
			return answer{}
		}
		b.Dirty(v.Deployment)
		return b.refuseInForm(view.ReasonBlock, b.guide.InField(""), err)
	}
	return t, nil
}
