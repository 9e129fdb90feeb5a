package bot

import (
	"context"
	"strings"
	"unicode"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// openForm shows the form of a deployment.
func (b *Bot) openForm(ctx context.Context, c slack.SlashCommand) answer {
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	view, err := b.form(view.FormTarget{Channel: st.Channel, Retailer: st.Retailer})
	if err != nil {
		return b.refuse(err)
	}
	return b.open(ctx, c.TriggerID, view)
}

// form is an empty form.
func (b *Bot) form(o view.FormTarget) (slack.ModalViewRequest, error) {
	return b.guide.Draw(view.FormState{FormTarget: o}, false, nil)
}

// request is what the same would be as a command.
func (b *Bot) requestOf(ctx context.Context, s view.FormState) (command.Request, error) {
	more, err := b.more(ctx, s)
	return command.Request{
		Verb: command.VerbDeploy, Env: s.Env, At: s.At, Reason: s.Reason, Inputs: s.Inputs,
		Wants: append([]deployer.Release{{Service: s.Service, Tag: s.Tag}}, more...),
	}, err
}

// more are the services that go with the first one, as somebody typed them. What
// is wrong with them belongs to their field.
func (b *Bot) more(ctx context.Context, s view.FormState) ([]deployer.Release, error) {
	words := strings.FieldsFunc(s.More, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(words) == 0 {
		return nil, nil
	}
	var r command.Request
	if err := r.Pairs(words); err != nil {
		return nil, fieldError{view.BlockMore, b.explain(err)}
	}
	named := map[string]bool{s.Service: true}
	for i, w := range r.Wants {
		name, err := b.service(w.Service)
		if err != nil {
			return nil, fieldError{view.BlockMore, err}
		}
		if named[name] {
			return nil, fieldError{view.BlockMore, deployer.Refuse("Name it once.", "%s is named twice.", name)}
		}
		if tags := b.tags.lacks(ctx, name, w.Tag); len(tags) > 0 {
			return nil, fieldError{view.BlockMore, noTag(name, w.Tag, tags)}
		}
		named[name], r.Wants[i].Service = true, name
	}
	return r.Wants, nil
}

// readSubmission finds out which form was sent.
func (b *Bot) readSubmission(c slack.InteractionCallback) (task, error) {
	switch id := c.View.CallbackID; {
	case strings.HasPrefix(id, view.ReasonFormPrefix):
		return b.readReason(c)
	case id == view.FormReview:
		return b.readReview(c)
	case id == view.FormDeploy:
		return b.readForm(c)
	case id == view.FormConfirm:
		return b.readStart(c)
	}
	return task{}, nil
}
