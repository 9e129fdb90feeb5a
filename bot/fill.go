package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/bot/view/refusal"
	"github.com/stationmaster/stationmaster/deployer"
)

// A step that is done or answered with more than one tap is filled in: words that
// are read before they go out, or a form of the step's own.

// openReview shows the words to read and edit. It writes nothing down.
func (c cards) openReview(ctx context.Context, r *request) answer {
	d, err := c.peek(ctx, r)
	if err != nil {
		return c.refuse(err)
	}
	s := d.Step(r.button.Step)
	if d.Status.Ended() || s == nil || s.Attempt != r.button.Attempt || s.Status != deployer.Active || !s.Reviewed() || !d.AwaitsPerson(*s) {
		c.out.Dirty(d.ID)
		return c.refuse(deployer.Refuse("Look at the card again.", "That button belongs to an earlier question."))
	}
	given := answerOf(view.ActionReview, r.button, "")
	given.Choice = deployer.ChoiceSend
	if err := c.mayOpen(ctx, d, r, given); err != nil {
		return c.refuse(err)
	}
	memo, err := json.Marshal(r.memo())
	if err != nil {
		return c.refuse(fmt.Errorf("write a form's memo: %w", err))
	}
	return c.open(ctx, r.trigger, view.ReviewForm(d, *s, view.Proposal(d, *s, c.renderer.Zone(d.Site.Name)), string(memo)))
}

// giveReview gives the words. What is refused is said in the form, so that
// nothing has to be typed again.
func (c cards) giveReview(ctx context.Context, r *request) answer {
	a := c.carryOut(ctx, deployer.Order{
		Deployment: r.button.Deployment, By: r.by, Nonce: r.nonce(), Amendable: true,
		Command: deployer.Answer{Step: r.button.Step, Attempt: r.button.Attempt, Values: deployer.ClientWords(field.In(r.callback, view.BlockReview).Value), Choice: deployer.ChoiceSend, Comment: field.In(r.callback, view.BlockReason).Value},
	})
	if a.text != "" {
		return answer{payload: errorInForm(view.BlockReview, mrkdwn.Unescape(a.text)).payload, failed: a.failed}
	}
	return a
}

// refuseReview says in the form why it was not taken.
func (c cards) refuseReview(_ context.Context, _ *request, err error) answer {
	return c.refuseInForm(view.BlockReview, refusal.ForField(c.renderer, ""), err)
}

// peek loads the deployment of a button that opens a form, and refuses a click that
// does not count. The trigger of the form lives for three seconds.
func (c cards) peek(ctx context.Context, r *request) (deployer.Deployment, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	d, err := c.Deployments.Load(ctx, r.button.Deployment)
	if errors.Is(err, deployer.ErrNotFound) {
		err = otherDatabase(r.button)
	}
	if err == nil {
		err = c.counts(d, r)
	}
	return d, err
}

// openStep shows the form of a step. It writes nothing down.
func (c cards) openStep(ctx context.Context, r *request) answer {
	form, err := c.stepForm(ctx, r)
	if err == nil {
		err = c.mayOpen(ctx, form.Deployment, r, answerOf(form.Action(), r.button, ""))
	}
	if err != nil {
		c.out.Dirty(r.button.Deployment)
		return c.refuse(err)
	}
	form.Memo.Ticked = view.ShownTicks(form.Step, form.Item)
	modal, err := c.renderer.StepForm(form)
	if err != nil {
		return c.refuse(err)
	}
	return c.open(ctx, r.trigger, modal)
}

// stepForm is the form that a button opens, if its step still waits for that.
func (c cards) stepForm(ctx context.Context, r *request) (view.StepForm, error) {
	d, err := c.peek(ctx, r)
	if err != nil {
		return view.StepForm{}, err
	}
	s := d.Step(r.button.Step)
	hand := r.id == view.FormByHand
	switch {
	case s != nil && s.Status == deployer.Done:
		return view.StepForm{}, deployer.DoneAlready(*s)
	case hand && s != nil && s.Attempt == r.button.Attempt && slices.Contains(deployer.StepOptions(d, *s), deployer.ChoiceByHand):
		return view.StepForm{Deployment: d, Step: deployer.ByHand(*s), Memo: r.memo(), Now: time.Now()}, nil
	case hand || s == nil || s.Attempt != r.button.Attempt || s.Status != deployer.Active || !view.HasForm(*s) || !d.AwaitsPerson(*s):
		return view.StepForm{}, deployer.Refuse("Look at the card again.", "That button belongs to an earlier question.")
	}
	return view.StepForm{Deployment: d, Step: *s, Item: r.button.Item, Memo: r.memo(), Now: time.Now()}, nil
}

// redrawStep redraws the form for what was filled in so far. It writes nothing down.
func (c cards) redrawStep(ctx context.Context, r *request) answer {
	form, err := c.stepForm(ctx, r)
	if err != nil {
		return answer{} // it is said when the form is sent
	}
	form.Given, _ = c.renderer.Filled(form, r.callback.View.State)
	modal, err := c.renderer.StepForm(form)
	if err == nil {
		err = forms(c).redraw(ctx, r.callback, modal)
	}
	if err != nil {
		c.log.Warn("the form of a step could not be redrawn", "err", err, "details", slackapi.ErrorDetails(err))
	}
	return answer{}
}

// giveStep gives the order with what was filled in. What is wrong is said at its field,
// so that nothing has to be typed again.
func (c cards) giveStep(ctx context.Context, r *request) answer {
	form, err := c.stepForm(ctx, r)
	if err != nil {
		return c.refuseStep(ctx, r, err)
	}
	given, wrong := c.renderer.Read(form, r.callback.View.State)
	if len(wrong) > 0 {
		for block, why := range wrong {
			wrong[block] = mrkdwn.Clip(why, 300)
		}
		return answer{payload: slack.NewErrorsViewSubmissionResponse(wrong)}
	}
	given.Comment, given.Choice = field.In(r.callback, view.BlockReason).Value, cmp.Or(form.Says(), given.Choice)
	_, err = c.order(ctx, deployer.Order{Deployment: r.button.Deployment, By: r.by, Nonce: r.nonce(), Amendable: true, Command: given})
	if err != nil {
		c.out.Dirty(r.button.Deployment)
		return c.refuseStep(ctx, r, err)
	}
	return answer{}
}

// refuseStep says in the form why it was not taken, at its first field.
func (c cards) refuseStep(_ context.Context, r *request, err error) answer {
	block := view.BlockCheck + "0"
	for _, b := range r.callback.View.Blocks.BlockSet {
		if in, ok := b.(*slack.InputBlock); ok {
			block = in.BlockID
			break
		}
	}
	return c.refuseInForm(block, refusal.ForField(c.renderer, ""), err)
}
