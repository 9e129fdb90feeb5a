package bot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// readForm looks at what the form says. What is wrong is said in the form, at
// the field that it is about, so that nothing has to be typed again; else what
// would happen lies over it, to be started or gone back from. Nothing is
// written down yet.
func (b *Bot) readForm(c slack.InteractionCallback) (task, error) {
	s, err := b.guide.SheetOf(c)
	if err != nil {
		return task{}, err
	}
	t := task{key: "person/" + c.User.ID, channel: s.Channel, user: c.User.ID}
	t.do = func(ctx context.Context) answer {
		v := b.guide.InField(s.Retailer)
		if !deployer.ValidTag(s.Tag) {
			return b.refuseInForm(view.BlockTag, v, command.NotATag(s.Tag))
		}
		var start deployer.Start
		r, err := b.requestOf(ctx, s)
		if err == nil {
			start, err = b.start(ctx, view.Scope{Channel: s.Channel, Retailer: s.Retailer}, r)
		}
		if err != nil {
			return b.refuseInForm(blockOf(c, err), v, err)
		}
		if r := b.conflict(ctx, s, c.User.ID, view.ServicesOf(start.Releases)...); r != nil {
			return b.refuseInForm(view.BlockService, v, r)
		}
		by := b.people.PersonOf(c.User.ID, c.User.Name)
		modal, err := b.guide.Confirm(view.Confirmation{FormState: s, Form: c.View.ID}, start, by, b.quickRuns(ctx, s, start), "")
		switch {
		case errors.Is(err, view.ErrMemo):
			return errorInForm(view.BlockReason, "All answers together are too long for Slack. Shorten the reason, or one of the others.")
		case err != nil:
			return b.refuseInForm(view.BlockService, v, err)
		}
		return answer{payload: slack.NewPushViewSubmissionResponse(&modal)}
	}
	return t, nil
}

// blockOf is the field that an error is shown at: its own, if the form has it.
func blockOf(c slack.InteractionCallback, err error) string {
	if m, ok := errors.AsType[fieldError](err); ok {
		for _, block := range c.View.Blocks.BlockSet {
			if in, ok := block.(*slack.InputBlock); ok && in.BlockID == m.block {
				return m.block
			}
		}
	}
	return view.BlockService
}

// errorInForm says something under a field of a form that was sent.
func errorInForm(block, text string) answer {
	return answer{payload: slack.NewErrorsViewSubmissionResponse(map[string]string{block: mrkdwn.Clip(text, 300)})}
}
