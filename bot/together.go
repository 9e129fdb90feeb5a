package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/deployer"
)

// What waits for the same people at the same time is answered by one form.

// openTogether shows the form. It writes nothing down.
func (c cards) openTogether(ctx context.Context, r *request) answer {
	d, err := c.peek(ctx, r)
	all := askedWith(d, r.button.Step)
	switch {
	case err != nil:
	case len(all) == 0:
		err = deployer.Refuse("Look at the card again.", "Nothing of that is asked any more.")
	default:
		err = c.mayOpen(ctx, d, r, firstAnswer(all[0]))
	}
	if err != nil {
		c.out.Dirty(r.button.Deployment)
		return c.refuse(err)
	}
	modal, err := c.renderer.TogetherForm(c.renderer.NewTogether(d, all, r.memo(), time.Now()))
	if err != nil {
		return c.refuse(err)
	}
	return c.open(ctx, r.trigger, modal)
}

// askedWith are the questions that wait for the same people as a step does, or did.
func askedWith(d deployer.Deployment, step string) []deployer.Question {
	s := d.Step(step)
	if s == nil {
		return nil
	}
	return deployer.WaitingFor(d, s.Role())
}

// firstAnswer is an answer to a question as far as who may give it is asked.
func firstAnswer(q deployer.Question) deployer.Answer {
	a := deployer.Answer{Step: q.Step.ID, Attempt: q.Step.Attempt, Item: q.Item, Choice: deployer.ChoiceDone}
	if q.Step.Reviewed() {
		a.Choice = deployer.ChoiceSend
	}
	return a
}

// mayOpen refuses whoever may not give the answer that a form is for, before it opens. Who
// holds what is looked up as for the order; where Slack does not say that in time, the
// form opens, and it is found out when it is sent.
func (c cards) mayOpen(ctx context.Context, d deployer.Deployment, r *request, a deployer.Answer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	who, err := c.people.Who(ctx, r.user)
	if err != nil {
		c.log.Info("a form opens for somebody whose roles are not known now", "person", r.user, "err", err)
		return nil
	}
	facts := deployer.Facts{Now: time.Now(), Person: who}
	if c.cfg.Policy != nil {
		p := c.cfg.Policy(d.Site)
		facts.Policy = &p
	}
	return deployer.MayAnswer(d, r.by, a, facts)
}

// together is the form that somebody has open, as the deployment stands now, and what of
// it was answered meanwhile.
func (c cards) together(ctx context.Context, r *request) (f view.TogetherForm, gone []string, err error) {
	d, err := c.peek(ctx, r)
	if err != nil {
		return f, nil, err
	}
	f = view.TogetherForm{Deployment: d, Memo: view.TogetherMemo{ButtonMemo: r.memo(), Asked: r.asked}, Open: map[int]deployer.StepState{}, Now: time.Now()}
	all := askedWith(d, r.button.Step)
	for i, q := range r.asked {
		at := slices.IndexFunc(all, func(is deployer.Question) bool {
			return is.Step.ID == q.Step && is.Step.Attempt == q.Attempt && is.Item == q.Item
		})
		if at >= 0 {
			f.Open[i] = all[at].Step
			continue
		}
		gone = append(gone, answeredMeanwhile(d, q))
	}
	return f, gone, nil
}

// answeredMeanwhile says what has become of a question that is not open any more.
func answeredMeanwhile(d deployer.Deployment, q view.AskedAt) string {
	s := d.Step(q.Step)
	switch {
	case s == nil:
		return "A step of it is not there any more."
	case s.Status == deployer.Done:
		return deployer.DoneAlready(*s).Why
	}
	return deployer.Refuse("", "“%s” does not wait for an answer now.", s.Title).Why
}

// redrawTogether redraws the form for what was filled in so far. It writes nothing down.
func (c cards) redrawTogether(ctx context.Context, r *request) answer {
	f, _, err := c.together(ctx, r)
	if err != nil {
		return answer{} // it is said when the form is sent
	}
	modal, err := c.renderer.TogetherForm(c.renderer.FillTogether(f, r.callback.View.State))
	if err == nil {
		err = forms(c).redraw(ctx, r.callback, modal)
	}
	if err != nil {
		c.log.Warn("the form of several steps could not be redrawn", "err", err, "details", slackapi.ErrorDetails(err))
	}
	return answer{}
}

// giveTogether gives all answers of the form in one order. What somebody else has answered
// meanwhile is left out and said; what is wrong is said at its field.
func (c cards) giveTogether(ctx context.Context, r *request) answer {
	for {
		f, gone, err := c.together(ctx, r)
		if err != nil {
			return c.refuseStep(ctx, r, err)
		}
		if slices.Contains(f.Deployment.OrdersSeen, r.nonce()) { // it was sent before, and the answer got lost
			return answer{}
		}
		if len(f.Open) == 0 {
			return c.tellMeanwhile(r, gone)
		}
		all, wrong := c.renderer.ReadTogether(f, r.callback.View.State)
		if len(all) == 0 && len(gone) > 0 {
			return c.tellMeanwhile(r, gone)
		}
		if len(wrong) > 0 {
			for block, why := range wrong {
				wrong[block] = mrkdwn.Clip(why, 300)
			}
			return answer{payload: slack.NewErrorsViewSubmissionResponse(wrong)}
		}
		_, err = c.order(ctx, deployer.Order{
			Deployment: r.button.Deployment, By: r.by, Nonce: r.nonce(), Amendable: true, Command: deployer.AnswerAll{Answers: all},
		})
		if err == nil {
			return c.tellMeanwhile(r, gone)
		}
		c.out.Dirty(r.button.Deployment)
		now, _, loaded := c.together(ctx, r)
		if _, refused := errors.AsType[*deployer.Refusal](err); !refused || loaded != nil || len(now.Open) >= len(f.Open) {
			return c.refuseStep(ctx, r, err)
		} // else somebody else was quicker at one of them: the others are given again
	}
}

// tellMeanwhile says which questions of a form that was sent others had answered; it
// closes where there are none.
func (c cards) tellMeanwhile(r *request, gone []string) answer {
	if len(gone) == 0 {
		return answer{}
	}
	c.out.Dirty(r.button.Deployment)
	for i := range gone {
		gone[i] = mrkdwn.Escape(gone[i], 300)
	}
	modal := form.Notice("Answered meanwhile", strings.Join(gone, "\n"))
	return answer{payload: slack.NewUpdateViewSubmissionResponse(&modal)}
}
