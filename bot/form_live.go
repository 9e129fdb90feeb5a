package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// readChoice redraws the form for what was chosen or typed, with what is to be
// said about it. It persists nothing.
func (b *Bot) readChoice(c slack.InteractionCallback) (task, error) {
	if c.View.CallbackID != view.FormDeploy || len(c.ActionCallback.BlockActions) == 0 {
		return task{}, nil
	}
	s, err := b.guide.SheetOf(c)
	if err != nil {
		return task{}, err
	}
	return task{key: "person/" + c.User.ID, user: c.User.ID, do: func(ctx context.Context) answer {
		view, err := b.guide.Draw(s, b.tags.has(s.Service), b.look(ctx, s, c.User.ID))
		if err == nil {
			err = b.redraw(ctx, c, view)
		}
		if err != nil {
			b.log.Warn("a form could not be redrawn", "err", err, "details", slackapi.ErrorDetails(err))
		}
		return answer{}
	}}, nil
}

// redraw puts a view in the place of the one that somebody has open. A conflict
// means that it was redrawn since they chose: choices of one person come one
// after the other, so this one is the newer, and what was typed stays in any
// case. A form that was closed meanwhile is nobody's loss.
func (b *Bot) redraw(ctx context.Context, c slack.InteractionCallback, view slack.ModalViewRequest) error {
	_, err := b.api.UpdateViewContext(ctx, view, "", c.View.Hash, c.View.ID)
	if word, _ := slackapi.ErrorCode(err); word == "hash_conflict" {
		_, err = b.api.UpdateViewContext(ctx, view, "", "", c.View.ID)
	}
	if word, _ := slackapi.ErrorCode(err); word == "not_found" {
		return nil
	}
	return err
}

// look finds out what can be said about a form as it stands, in the time that
// somebody waits for a form. What does not answer by then is left out: whether
// it is so is found out again when the form is sent.
func (b *Bot) look(ctx context.Context, s view.FormState, by string) view.FieldNotes {
	said := view.FieldNotes{}
	if s.Service == "" {
		return said
	}
	ctx, cancel := context.WithTimeout(ctx, b.quick())
	defer cancel()
	var tag, now string
	var run *deployer.Serving
	more, wrong := b.more(ctx, s)
	if r, ok := errors.AsType[*deployer.Refusal](wrong); ok {
		said[view.BlockMore] = "⚠ " + strings.ReplaceAll(b.guide.Refusal(view.ForMessage, r), "\n", " ")
	}
	var asks sync.WaitGroup
	asks.Go(func() { tag = b.tagNote(ctx, s) })
	asks.Go(func() { run = b.runs(ctx, s, s.Service)[s.Service]; now = view.RunsNow(s, run) })
	if r := b.conflict(ctx, s, by, s.Service); r != nil {
		said[view.BlockService] = "⚠ " + b.guide.Refusal(view.ForMessage, r)
	}
	if r := b.conflict(ctx, s, by, view.ServicesOf(more)...); r != nil {
		said[view.BlockMore] = "⚠ " + b.guide.Refusal(view.ForMessage, r)
	}
	asks.Wait()
	said[view.BlockEnv] = now
	if tag == "" && run != nil && s.Tag != "" && run.State.Version == s.Tag {
		tag = "⚠ " + mrkdwn.Code(s.Tag, mrkdwn.NameMax) + " runs in " + mrkdwn.Escape(s.Env, mrkdwn.NameMax) + " already."
	}
	said[view.BlockTag] = tag
	return said
}

// tagNote is what is wrong with the tag, if that can be told.
func (b *Bot) tagNote(ctx context.Context, s view.FormState) string {
	switch {
	case s.Tag == "":
		return ""
	case !deployer.ValidTag(s.Tag):
		return "⚠ " + mrkdwn.Escape(command.NotATag(s.Tag).Error(), 500)
	}
	if tags := b.tags.lacks(ctx, s.Service, s.Tag); len(tags) > 0 {
		if r, ok := errors.AsType[*deployer.Refusal](noTag(s.Service, s.Tag, tags)); ok {
			return "⚠ " + strings.ReplaceAll(b.guide.Refusal(view.ForMessage, r), "\n", " ")
		}
	}
	return ""
}

// runs are what the services run there now; those of which it is not known are
// left out.
func (b *Bot) runs(ctx context.Context, s view.FormState, services ...string) map[string]*deployer.Serving {
	if s.Env == "" || len(services) == 0 {
		return nil
	}
	list, err := b.systems.Versions(ctx, s.Retailer, s.Env, services)
	if err != nil {
		b.log.Info("what runs can't be asked for a form", "service", s.Service, "err", err)
	}
	out := map[string]*deployer.Serving{}
	for i, v := range list {
		out[v.Service] = &list[i]
	}
	return out
}

// conflict is the refusal that the core would give, if somebody else deploys
// one of the services there or has locked it. The core has the last word when the
// deployment starts.
func (b *Bot) conflict(ctx context.Context, s view.FormState, by string, services ...string) *deployer.Refusal {
	if s.Env == "" || len(services) == 0 {
		return nil
	}
	live, err := b.live(ctx, view.Scope{Channel: s.Channel, Retailer: s.Retailer}, s.Env)
	if err != nil {
		b.log.Warn("what is under way can't be read for a form", "err", err)
	}
	for _, d := range live {
		for _, w := range d.Releases {
			if slices.Contains(services, w.Service) {
				return deployer.PlaceTaken(w.Service, d)
			}
		}
	}
	locks, err := b.records.AllLocks(ctx)
	if err != nil {
		b.log.Warn("what is locked can't be read for a form", "err", err)
	}
	for _, l := range locks {
		for _, service := range services {
			if r := l.Forbids(service, deployer.Person{ID: by}, time.Now()); r != nil && l.Retailer == s.Retailer && l.Environment == s.Env {
				return r
			}
		}
	}
	return nil
}
