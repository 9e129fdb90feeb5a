package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/deployer"
)

// A shortcut is in Slack's menus: of every message, or for everywhere.
type shortcut struct{ callback, name, description, kind string }

// shortcuts are what the manifest registers, and what routes knows.
var shortcuts = []shortcut{
	{shortcutDeploy, "Deploy a service", "Start a deployment with a form", "global"},
	{shortcutTrail, "Audit trail", "Who did what, and when, in this deployment", "message"},
}

// The shortcuts' callback ids.
const (
	shortcutDeploy = "deploy"
	shortcutTrail  = "trail"
)

const lookWithin = 1500 * time.Millisecond // for what is read before a form opens: a trigger lives for 3 s

// openAnywhere shows the form of a deployment where no channel says for whom:
// that is asked first, unless there is only one answer.
func (f forms) openAnywhere(ctx context.Context, r *request) answer {
	scopes, err := f.scopesOf(ctx, r.user)
	if err != nil {
		f.log.Warn("the channels of a person could not be listed", "err", err)
	}
	switch len(scopes) {
	case 0:
		return f.open(ctx, r.trigger, form.Notice("Deploy", "You are in no channel where deployments are started. "+f.elsewhere(ctx)))
	case 1:
		modal, err := f.empty(scopes[0])
		if err != nil {
			return f.open(ctx, r.trigger, form.Notice("Deploy", f.refuse(err).text))
		}
		return f.open(ctx, r.trigger, modal)
	}
	return f.open(ctx, r.trigger, form.Where(scopes))
}

// scopesOf are the channels where somebody can start deployments: the public
// ones, and of the private ones those that they are in. Where Slack does not
// say which these are, they are left out.
func (s *resolver) scopesOf(ctx context.Context, user string) ([]view.Scope, error) {
	all, private := s.scopes(ctx)
	var mine map[string]bool
	var failed error
	return slices.DeleteFunc(all, func(at view.Scope) bool {
		if private[at.Channel] && mine == nil {
			mine, failed = s.privateOf(ctx, user)
		}
		return private[at.Channel] && !mine[at.Channel]
	}), failed
}

// privateOf are the private channels that the bot shares with somebody.
func (s *resolver) privateOf(ctx context.Context, user string) (map[string]bool, error) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	mine := map[string]bool{}
	params := slack.GetConversationsForUserParameters{UserID: user, Types: []string{"private_channel"}, Limit: 500, ExcludeArchived: true}
	for {
		page, next, err := s.api.GetConversationsForUserContext(ctx, &params)
		if err != nil {
			return mine, fmt.Errorf("list the private channels of %s: %w", user, err)
		}
		for _, c := range page {
			mine[c.ID] = true
		}
		if params.Cursor = next; next == "" {
			return mine, nil
		}
	}
}

// chooseWhere goes on to the form as soon as it is known for whom.
func (f forms) chooseWhere(ctx context.Context, r *request) answer {
	channel := ""
	if actions := r.callback.ActionCallback.BlockActions; len(actions) > 0 {
		channel = actions[0].SelectedOption.Value
	}
	modal, err := f.formFor(ctx, r.user, channel)
	if err == nil {
		_, err = f.api.UpdateViewContext(ctx, modal, "", r.callback.View.Hash, r.callback.View.ID)
	}
	if word, _ := slackapi.ErrorCode(err); err != nil && word != "hash_conflict" {
		f.log.Warn("a form could not be opened for a retailer", "err", err)
	}
	return answer{}
}

// submitWhere does the same for the button Next.
func (f forms) submitWhere(ctx context.Context, r *request) answer {
	modal, err := f.formFor(ctx, r.user, field.In(r.callback, form.BlockWhere).SelectedOption.Value)
	if no, ok := errors.AsType[*deployer.Refusal](err); ok {
		return errorInForm(form.BlockWhere, no.Error())
	}
	if err != nil {
		return errorInForm(form.BlockWhere, "That did not work. Try again in a minute.")
	}
	return answer{payload: slack.NewUpdateViewSubmissionResponse(&modal)}
}

// formFor is the form of a deployment in a channel where somebody may start
// one. A menu's answer is checked: it comes from outside.
func (f forms) formFor(ctx context.Context, user, channel string) (slack.ModalViewRequest, error) {
	scopes, err := f.scopesOf(ctx, user)
	at := slices.IndexFunc(scopes, func(st view.Scope) bool { return st.Channel == channel })
	switch {
	case at >= 0:
		return f.empty(scopes[at])
	case err != nil:
		return slack.ModalViewRequest{}, err
	}
	return slack.ModalViewRequest{}, deployer.Refuse("Choose another one.", "Deployments can’t be started there any more.")
}
