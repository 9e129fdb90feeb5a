package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/bot/view/refusal"
	"github.com/stationmaster/stationmaster/deployer"
)

// submit looks at what the form says. What would happen lies over it, to be
// started or gone back from. Nothing is written down yet.
func (f forms) submit(ctx context.Context, r *request) answer {
	start, err := f.startOf(ctx, r)
	if err != nil {
		return f.refuseForm(ctx, r, err)
	}
	style := refusal.ForField(f.renderer, r.form.Retailer)
	if no := f.disallows(start, r.by); no != nil {
		return f.refuseInForm(form.BlockService, style, no)
	}
	if no := f.conflict(ctx, r.form.Site(), r.user, view.ServicesOf(start.Releases)...); no != nil && (no.Taken == nil || !start.Wait) {
		return f.refuseInForm(form.BlockService, style, no)
	}
	modal, err := form.Confirm(f.renderer, form.Confirmation{State: r.form, Form: r.formID}, f.preview(start, r.by), r.by, f.askRuns(ctx, r.form, start), "")
	switch {
	case errors.Is(err, form.ErrMemoTooLong):
		return errorInForm(view.BlockReason, "All answers together are too long for Slack. Shorten the reason, or one of the others.")
	case err != nil:
		return f.refuseInForm(form.BlockService, style, err)
	}
	return answer{payload: slack.NewPushViewSubmissionResponse(&modal)}
}

// refuseForm says what is wrong in the form, at the field that it is about, so
// that nothing has to be typed again.
func (f forms) refuseForm(_ context.Context, r *request, err error) answer {
	return f.refuseInForm(blockOf(r.callback, err), refusal.ForField(f.renderer, r.form.Retailer), err)
}

// confirm starts what the form said, once for each form, however often it is
// sent or delivered: the form's id is the origin, which the store knows for
// good.
func (f forms) confirm(ctx context.Context, r *request) answer {
	start, err := f.startOf(ctx, r)
	if err == nil {
		start.Origin = strings.Join([]string{"slack", r.team, "view", r.formID}, "/")
		err = f.startOnce(ctx, start, r.by)
	}
	if err != nil {
		return f.redrawConfirmation(ctx, r, start, err)
	}
	return answer{payload: slack.NewClearViewSubmissionResponse()}
}

// refuseStart says what can't be started in the view that stays open.
func (f forms) refuseStart(ctx context.Context, r *request, err error) answer {
	return f.redrawConfirmation(ctx, r, deployer.Start{}, err)
}

// redrawConfirmation shows the same view with what went wrong.
func (f forms) redrawConfirmation(ctx context.Context, r *request, start deployer.Start, err error) answer {
	a := f.refuse(err)
	modal, drawn := form.Confirm(f.renderer, form.Confirmation{State: r.form, Form: r.formID}, f.preview(start, r.by), r.by, f.askRuns(ctx, r.form, start), "⚠ "+a.text)
	if drawn != nil {
		f.log.Error("a form could not be redrawn", "err", drawn)
		return a
	}
	return answer{payload: slack.NewUpdateViewSubmissionResponse(&modal), failed: a.failed}
}

// askRuns asks what the services of a start run now, as far as their systems
// answer in the time that somebody waits for a form.
func (f forms) askRuns(ctx context.Context, s form.State, start deployer.Start) func() map[string]*deployer.Serving {
	return func() map[string]*deployer.Serving {
		ctx, cancel := context.WithTimeout(ctx, f.quick())
		defer cancel()
		return f.runs(ctx, s, view.ServicesOf(start.Releases)...)
	}
}

// startOnce gives the order. A form that has started something else before,
// whose answer was lost on the way, says so.
func (f forms) startOnce(ctx context.Context, start deployer.Start, by deployer.Actor) error {
	d, err := f.order(ctx, deployer.Order{By: by, Command: start})
	if err != nil {
		return err
	}
	if d.Site.Environment != start.Site.Environment || !slices.Equal(d.Releases, start.Releases) {
		return deployer.Refuse("", "This form has started %s already.", d.ID).
			Hint("Look at it", deployer.VerbStatus, d.ID).Hint("for another one, open a new form.", "")
	}
	return nil
}

// blockOf is the field that an error is shown at: its own, if the form has it.
func blockOf(c slack.InteractionCallback, err error) string {
	field := fieldOf(err)
	for _, block := range c.View.Blocks.BlockSet {
		if in, ok := block.(*slack.InputBlock); ok && in.BlockID == field {
			return field
		}
	}
	return form.BlockService
}
