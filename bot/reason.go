package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/bot/view/refusal"
	"github.com/stationmaster/stationmaster/deployer"
)

const peekWithin = 300 * time.Millisecond // before a form opens: its trigger lives for 3 s

// openReason asks for the reason. What the form says of the step is looked up if
// that is quick, and a button of an earlier state opens none; nothing is
// written down.
func (c cards) openReason(ctx context.Context, r *request) answer {
	peek, cancel := context.WithTimeout(ctx, peekWithin)
	d, err := c.Deployments.Load(peek, r.button.Deployment)
	cancel()
	about := "*" + mrkdwn.Escape(r.button.Deployment, mrkdwn.NameMax) + "*"
	var more []field.Field
	switch {
	case err == nil:
		s, err := c.askedHere(d, r)
		if err != nil {
			c.out.Dirty(d.ID)
			return c.refuse(err)
		}
		if err := c.mayOpen(ctx, d, r, answerOf(r.id, r.button, "")); err != nil {
			return c.refuse(err)
		}
		if about, more = c.renderer.ReasonAbout(r.id, d, s), viewFields(d, r.id); r.id == view.ActionPatch {
			more = view.TagsOf(d)
		}
	case errors.Is(err, deployer.ErrNotFound):
		return c.refuse(otherDatabase(r.button))
	case r.id == view.ActionPatch, r.id == view.ActionView: // which services it is about, and what could be decided, is not known
		return c.refuse(deployer.Refuse("Press it again in a moment.", "%s could not be read in time.", r.button.Deployment))
	}
	modal, err := view.ReasonForm(r.id, about, r.memo(), more...)
	if err != nil {
		return c.refuse(err)
	}
	return c.open(ctx, r.trigger, modal)
}

// viewFields are what is asked besides the reason: of an expert, what they would decide.
func viewFields(d deployer.Deployment, verb string) []field.Field {
	if verb != view.ActionView {
		return nil
	}
	return []field.Field{{Input: deployer.ViewField(d)}}
}

// openGlass asks for the reason whoever answers in the place of those who did not come, or
// decides before the experts have said anything. Whether they may, and that it is asked
// still, is checked again when it comes.
func (c cards) openGlass(ctx context.Context, r *request, why *deployer.Refusal) answer {
	about := "*" + mrkdwn.Escape(r.button.Deployment, mrkdwn.NameMax) + "*"
	if d, err := c.peek(ctx, r); err == nil {
		var s deployer.StepState
		if of := d.Step(r.button.Step); of != nil {
			s = *of
		}
		about = c.renderer.ReasonAbout(r.id, d, s)
	}
	modal, err := view.UnheardForm(r.id, why, about, r.memo())
	if err != nil {
		return c.refuse(err)
	}
	return c.open(ctx, r.trigger, modal)
}

// askedHere returns the step that a click is about, if the click counts.
func (c cards) askedHere(d deployer.Deployment, r *request) (deployer.StepState, error) {
	if err := c.counts(d, r); err != nil {
		return deployer.StepState{}, err
	}
	return asked(d, r.id, r.button)
}

// asked returns the step that a button is about, unless it belongs to an
// earlier state; no step, where it is about the whole deployment.
func asked(d deployer.Deployment, verb string, v view.ButtonValue) (deployer.StepState, error) {
	var s deployer.StepState
	if of := d.Step(v.Step); of != nil {
		s = *of
	}
	g, item, gated := s.GateOf()
	switch {
	case verb == view.ActionSkip && s.ID != "" && s.Attempt == v.Attempt && slices.Contains(deployer.StepOptions(d, s), deployer.ChoiceSkip):
		return s, nil
	case d.Status.Ended():
		return s, deployer.HasEnded(d)
	case verb == view.ActionOverride && s.Held.Rule != "" && s.Held.Rule == v.Subject && s.Attempt == v.Attempt && d.Status != deployer.Halting:
		return s, nil
	case verb == view.ActionGiveUp && d.Status == deployer.Halting && slices.Contains(d.Options(), deployer.ChoiceStop) && v.Subject == deployer.LeftBy(d).Hash():
		return s, nil
	case s.ID != "" && s.Over():
		return s, deployer.DoneAlready(s)
	case s.ID == "" || s.Attempt != v.Attempt:
	case verb == view.ActionReply && len(deployer.OpenRequests(s)) == 0:
	case (verb == view.ActionReject || verb == view.ActionChanges || verb == view.ActionReply) && s.Status == deployer.Active && d.Status != deployer.Halting:
		return s, nil
	case verb == view.ActionAbort && gated && item == v.Item && g.ID == v.Subject && d.Status != deployer.Halting:
		return s, nil
	case verb == view.ActionView && deployer.AsksExperts(d) && s.Broken():
		return s, nil
	case verb == view.ActionSkip && (s.Status == deployer.StepFailed || s.Status == deployer.StepInterrupted):
		return s, nil
	case verb == view.ActionPatch && slices.Contains(d.Options(), deployer.ChoicePatch):
		return s, nil
	}
	return s, deployer.Refuse("Use the buttons that the card has now.", "That button belongs to an earlier question.")
}

// giveReason gives the order with the reason. What is refused is said in the
// form, so that nobody types it again.
func (c cards) giveReason(ctx context.Context, r *request) answer {
	reason := strings.TrimSpace(field.In(r.callback, view.BlockReason).Value)
	switch n := utf8.RuneCountInString(reason); {
	case deployer.Blank(reason):
		return errorInForm(view.BlockReason, view.ReasonMissing(r.verb))
	case n > view.ReasonTextMax:
		return errorInForm(view.BlockReason, fmt.Sprintf("That has %d characters; %d are the most. Put the rest into the thread.", n, view.ReasonTextMax))
	}
	given := answered(r, r.verb, reason)
	if r.verb == view.ActionPatch {
		given.Values = view.TagsIn(r.callback)
	}
	if fields := viewFields(deployer.Deployment{}, r.verb); len(fields) > 0 {
		given.Values = field.ReadAll(fields, r.callback.View.State, nil)
	}
	_, err := c.order(ctx, deployer.Order{Deployment: r.button.Deployment, By: r.by, Nonce: r.nonce(), Amendable: true, Command: given})
	if err == nil {
		return answer{}
	}
	c.out.Dirty(r.button.Deployment)
	return c.refuseReason(ctx, r, err)
}

// refuseReason says in the form why it was not taken.
func (c cards) refuseReason(_ context.Context, _ *request, err error) answer {
	return c.refuseInForm(view.BlockReason, refusal.ForField(c.renderer, ""), err)
}
