package bot

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/bot/view/refusal"
	"github.com/stationmaster/stationmaster/deployer"
)

// redrawChanged redraws the form for what was chosen or typed, with what is to be
// said about it. It persists nothing.
func (f forms) redrawChanged(ctx context.Context, r *request) answer {
	if len(r.callback.ActionCallback.BlockActions) == 0 {
		return answer{}
	}
	notes, taken := f.fieldNotes(ctx, r.form, r.user) // which may ask for the tags
	r.form.Taken = taken
	modal, err := form.Draw(f.renderer, r.form, f.tags.Has(r.form.Service), notes, time.Now())
	if err == nil {
		err = f.redraw(ctx, r.callback, modal)
	}
	if err != nil {
		f.log.Warn("a form could not be redrawn", "err", err, "details", slackapi.ErrorDetails(err))
	}
	return answer{}
}

// redraw puts a view in the place of the one that somebody has open. A conflict
// means that it was redrawn since they chose: choices of one person come one
// after the other, so this one is the newer, and what was typed stays in any
// case. A form that was closed meanwhile is nobody's loss.
func (f forms) redraw(ctx context.Context, c slack.InteractionCallback, modal slack.ModalViewRequest) error {
	_, err := f.api.UpdateViewContext(ctx, modal, "", c.View.Hash, c.View.ID)
	if word, _ := slackapi.ErrorCode(err); word == "hash_conflict" {
		_, err = f.api.UpdateViewContext(ctx, modal, "", "", c.View.ID)
	}
	if word, _ := slackapi.ErrorCode(err); word == "not_found" {
		return nil
	}
	return err
}

// fieldNotes finds out what can be said about a form as it stands, in the time that
// somebody waits for a form. What does not answer by then is left out: whether
// it is so is found out again when the form is sent. Taken says that somebody is at one
// of the services already.
func (f forms) fieldNotes(ctx context.Context, s form.State, by string) (said form.Notes, taken bool) {
	said = form.Notes{}
	if s.Service == "" {
		return said, false
	}
	ctx, cancel := context.WithTimeout(ctx, f.quick())
	defer cancel()
	var tag, now string
	var run *deployer.Serving
	more, wrong := f.more(ctx, s)
	if r, ok := errors.AsType[*deployer.Refusal](wrong); ok {
		said[form.BlockMore] = "⚠ " + strings.ReplaceAll(refusal.Say(f.renderer, refusal.ForMessage, r), "\n", " ")
	}
	var asks sync.WaitGroup
	asks.Go(func() { tag = f.tagNote(ctx, s) })
	asks.Go(func() { run = f.runs(ctx, s, s.Service)[s.Service]; now = form.RunsNow(s, run) })
	if r := f.conflict(ctx, s.Site(), by, s.Service); r != nil {
		said[form.BlockService], taken = "⚠ "+refusal.Say(f.renderer, refusal.ForMessage, r), r.Taken != nil
	}
	if r := f.conflict(ctx, s.Site(), by, view.ServicesOf(more)...); r != nil {
		said[form.BlockMore], taken = "⚠ "+refusal.Say(f.renderer, refusal.ForMessage, r), taken || r.Taken != nil
	}
	asks.Wait()
	said[form.BlockEnv] = now
	if tag == "" && run != nil && s.Tag != "" && run.State.Version == s.Tag {
		tag = "⚠ " + mrkdwn.Code(s.Tag, mrkdwn.NameMax) + " runs in " + mrkdwn.Escape(s.Env, mrkdwn.NameMax) + " already."
	}
	said[form.BlockTag] = tag
	return said, taken
}

// tagNote is what is wrong with the tag, if that can be told.
func (f forms) tagNote(ctx context.Context, s form.State) string {
	switch {
	case s.Tag == "":
		return ""
	case !deployer.ValidTag(s.Tag):
		return "⚠ " + mrkdwn.Escape(command.RefuseTag(s.Tag).Error(), 500)
	}
	if r, ok := errors.AsType[*deployer.Refusal](f.launcher.CheckTag(ctx, s.Service, s.Tag)); ok {
		return "⚠ " + strings.ReplaceAll(refusal.Say(f.renderer, refusal.ForMessage, r), "\n", " ")
	}
	return ""
}

// runs are what the services run there now; those of which it is not known are
// left out.
func (f forms) runs(ctx context.Context, s form.State, services ...string) map[string]*deployer.Serving {
	return f.running(ctx, s.Site(), services...)
}

func (s *resolver) running(ctx context.Context, site deployer.Site, services ...string) map[string]*deployer.Serving {
	if site.Environment == "" || len(services) == 0 {
		return nil
	}
	list, err := s.Systems.Versions(ctx, site.Name, site.Environment, services)
	if err != nil {
		s.log.Info("what runs can't be asked", "services", services, "err", err)
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
func (s *resolver) conflict(ctx context.Context, site deployer.Site, by string, services ...string) *deployer.Refusal {
	if site.Environment == "" || len(services) == 0 {
		return nil
	}
	places := make([]string, len(services))
	for i, service := range services {
		places[i] = deployer.Place(site.Name, site.Environment, service)
	}
	facts := s.atPlaces(ctx, places)
	for i, place := range places {
		if d, ok := deployer.FirstAt(place, facts); ok {
			return deployer.PlaceTaken(services[i], d)
		}
	}
	locks, err := s.Locks.AllLocks(ctx)
	if err != nil {
		s.log.Warn("what is locked can't be read", "err", err)
	}
	for _, l := range locks {
		for _, service := range services {
			if r := l.Forbids(service, deployer.Actor{ID: by}, time.Now()); r != nil && l.Site == site {
				return r
			}
		}
	}
	return nil
}

// atPlaces are who holds places, and who waits for places, as far as that can be read.
func (s *resolver) atPlaces(ctx context.Context, places []string) (f deployer.Facts) {
	var err error
	if f.Queue, err = s.Orders.Queue(ctx); err != nil {
		s.log.Warn("what waits for its turn can't be read", "err", err)
	}
	holders, err := s.Deployments.Holders(ctx, places)
	if err != nil {
		s.log.Warn("what is under way can't be read", "err", err)
	}
	f.Holders = map[string]deployer.Deployment{}
	for place, id := range holders {
		d, err := s.Deployments.Load(ctx, id)
		if err != nil {
			s.log.Warn("who holds a place can't be read", "deployment", id, "err", err)
			continue
		}
		f.Holders[place] = d
	}
	return f
}

// suggestTags answers what somebody types into the menu of tags.
func (f forms) suggestTags(ctx context.Context, r *request) answer {
	var s form.State
	if err := readMemo(r, &s); err != nil {
		f.log.Error("a form's memo can't be read", "err", err)
	}
	// Not the form's state: Slack sends one that is behind (bolt-js 1146).
	return answer{payload: field.Suggestions(field.TagOptions(strings.TrimSpace(r.callback.Value), f.tags.Known(ctx, s.Service)))}
}

// suggestServices answers what somebody types into the menu of services.
func (f forms) suggestServices(_ context.Context, r *request) answer {
	var s form.State
	if err := readMemo(r, &s); err != nil {
		f.log.Error("a form's memo can't be read", "err", err)
	}
	names := field.Matching(form.Offered(f.renderer, s.Retailer), r.callback.Value)
	return answer{payload: field.Suggestions(field.Options(names))}
}
