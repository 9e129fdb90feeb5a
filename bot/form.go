package bot

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/deployer"
)

// forms are the form of a deployment: opened, filled in, sent, and confirmed.
type forms struct{ *resolver }

// openTyped shows the form to somebody who typed the command alone.
func (f forms) openTyped(ctx context.Context, r *request) answer {
	modal, err := f.empty(r.scope)
	if err != nil {
		return f.refuse(err)
	}
	return f.open(ctx, r.trigger, modal)
}

// empty is an empty form.
func (f forms) empty(at view.Scope) (slack.ModalViewRequest, error) {
	return form.Draw(f.renderer, form.State{Target: form.Target{Channel: at.Channel, Retailer: at.Retailer}}, false, nil, time.Now())
}

// wordsOfForm reads what the same would be as a command, and for whom.
func (s *resolver) wordsOfForm(ctx context.Context, r *request) error {
	if err := s.scopeOfForm(ctx, r); err != nil {
		return err
	}
	filled := r.form
	if filled.Procedure != "" {
		r.typed = command.Request{Verb: command.VerbDeploy, Procedure: filled.Procedure, Env: filled.Env, At: filled.At, Wait: filled.Wait, Reason: filled.Reason, Inputs: filled.Inputs}
		return nil
	}
	if !deployer.ValidTag(filled.Tag) {
		return fieldError{form.BlockTag, command.RefuseTag(filled.Tag)}
	}
	more, err := s.more(ctx, filled)
	if err != nil {
		return err
	}
	r.typed = command.Request{
		Verb: command.VerbDeploy, Env: filled.Env, At: filled.At, Wait: filled.Wait, Reason: filled.Reason, Inputs: filled.Inputs,
		Releases: append([]deployer.Release{{Service: filled.Service, Tag: filled.Tag}}, more...),
	}
	return nil
}

// scopeOfForm finds out for whom a form's channel is, by the gate of a command:
// while it was open, the channel may have gone, or be another one's by now.
func (s *resolver) scopeOfForm(ctx context.Context, r *request) error {
	if err := s.scopeOf(ctx, r); err != nil {
		return err
	}
	if r.scope.Retailer != r.form.Retailer {
		return deployer.Refuse("Open a new form.", "#%s is for %s now, and this form is for %s.", r.scope.Name, r.scope.Retailer, r.form.Retailer)
	}
	return s.mustSee(ctx, r.user, r.scope.Channel)
}

// more are the services that go with the first one, as somebody typed them. What
// is wrong with them belongs to their field.
func (s *resolver) more(ctx context.Context, filled form.State) ([]deployer.Release, error) {
	words := strings.FieldsFunc(filled.More, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(words) == 0 {
		return nil, nil
	}
	var r command.Request
	if err := r.ReadReleases(words); err != nil {
		return nil, fieldError{form.BlockMore, s.explain(err)}
	}
	named := map[string]bool{filled.Service: true}
	for i, w := range r.Releases {
		name, err := s.launcher.Service(w.Service)
		if err != nil {
			return nil, fieldError{form.BlockMore, err}
		}
		if named[name] {
			return nil, fieldError{form.BlockMore, deployer.Refuse("Name it once.", "%s is named twice.", name)}
		}
		if err := s.launcher.CheckTag(ctx, name, w.Tag); err != nil {
			return nil, fieldError{form.BlockMore, err}
		}
		named[name], r.Releases[i].Service = true, name
	}
	return r.Releases, nil
}
