package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A shortcut is in Slack's menus: of every message, or for everywhere.
type shortcut struct{ callback, name, description, kind string }

// shortcuts are what the manifest registers, and what readShortcut knows.
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

// readShortcut finds out what somebody chose from a menu. A shortcut says
// nothing by itself: what it opens does.
func (b *Bot) readShortcut(c slack.InteractionCallback) task {
	t := task{key: "person/" + c.User.ID, id: fingerprint("shortcut", c.TriggerID), user: c.User.ID}
	switch c.CallbackID {
	case shortcutDeploy:
		t.do = func(ctx context.Context) answer { return b.openAnywhere(ctx, c) }
	case shortcutTrail:
		t.do = func(ctx context.Context) answer { return b.openTrailOf(ctx, c) }
	}
	return t
}

// readTrail opens the trail that a button is about.
func (b *Bot) readTrail(c slack.InteractionCallback) (task, error) {
	v, err := view.DecodeValue(c.ActionCallback.BlockActions[0].Value)
	if err != nil {
		return task{}, err
	}
	return task{
		key: "person/" + c.User.ID, id: fingerprint("shortcut", c.TriggerID), channel: c.Container.ChannelID, user: c.User.ID,
		do: func(ctx context.Context) answer { return b.openTrail(ctx, c.TriggerID, v.Deployment) },
	}, nil
}

// openTrailOf shows the trail of the deployment that a message is about.
func (b *Bot) openTrailOf(ctx context.Context, c slack.InteractionCallback) answer {
	id, err := b.about(ctx, c)
	if err != nil {
		b.log.Warn("a message could not be read again", "err", err)
		return b.open(ctx, c.TriggerID, view.Notice("Audit trail", "Slack does not show that message to stationmaster now. Try again in a minute."))
	}
	if id == "" {
		return b.open(ctx, c.TriggerID, view.Notice("Audit trail", "This message is about no deployment of stationmaster’s. "+
			"Choose *Audit trail* from the menu of a deployment’s card, or of any message in its thread."))
	}
	return b.openTrail(ctx, c.TriggerID, id)
}

// about is the deployment that a message of ours is about, or "". Slack leaves
// the metadata out of the payload of apps that do not subscribe to it
// (python-slack-sdk 1501), so it is read where it is missing.
func (b *Bot) about(ctx context.Context, c slack.InteractionCallback) (string, error) {
	me := b.whoAmI()
	if c.Message.User != me.ID && (me.BotID == "" || c.Message.BotID != me.BotID) {
		return "", nil
	}
	if id := deploymentOf(c.Message); id != "" {
		return id, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	ts, thread := c.Message.Timestamp, c.Message.ThreadTimestamp
	if thread == "" {
		thread = ts
	}
	list, err := b.out.ReadReplies(ctx, slack.GetConversationRepliesParameters{
		ChannelID: c.Channel.ID, Timestamp: thread, Oldest: ts, Latest: ts, Inclusive: true, Limit: 2, IncludeAllMetadata: true,
	})
	if err != nil {
		return "", fmt.Errorf("read the message of a shortcut: %w", err)
	}
	for _, m := range list {
		if m.Timestamp == ts {
			return deploymentOf(m), nil
		}
	}
	return "", nil
}

func deploymentOf(m slack.Message) string {
	if m.Metadata.EventType != outbox.EventType {
		return ""
	}
	id, _ := m.Metadata.EventPayload["deployment"].(string)
	return id
}

// openAnywhere shows the form of a deployment where no channel says for whom:
// that is asked first, unless there is only one answer.
func (b *Bot) openAnywhere(ctx context.Context, c slack.InteractionCallback) answer {
	stations, err := b.stationsOf(ctx, c.User.ID)
	if err != nil {
		b.log.Warn("the channels of a person could not be listed", "err", err)
	}
	switch len(stations) {
	case 0:
		return b.open(ctx, c.TriggerID, view.Notice("Deploy", "You are in no channel where deployments are started. "+b.elsewhere()))
	case 1:
		modal, err := b.form(view.FormTarget{Channel: stations[0].Channel, Retailer: stations[0].Retailer})
		if err != nil {
			return b.open(ctx, c.TriggerID, view.Notice("Deploy", b.refuse(err).text))
		}
		return b.open(ctx, c.TriggerID, modal)
	}
	return b.open(ctx, c.TriggerID, b.guide.WhereForm(stations))
}

// stationsOf are the channels where somebody can start deployments: the public
// ones, and of the private ones those that they are in. Where Slack does not
// say which these are, they are left out.
func (b *Bot) stationsOf(ctx context.Context, user string) ([]view.Scope, error) {
	var out []view.Scope
	var mine map[string]bool
	var failed error
	for _, name := range b.channels.Names() {
		c, in := b.channels.Known(name)
		retailer := b.retailerOf(name)
		if _, ok := b.cfg.Retailers[retailer]; !ok || !in {
			continue
		}
		if c.Private && mine == nil {
			mine, failed = b.privateOf(ctx, user)
		}
		if !c.Private || mine[c.ID] {
			out = append(out, view.Scope{Channel: c.ID, Retailer: retailer, Name: c.Name})
		}
	}
	return out, failed
}

// privateOf are the private channels that the bot shares with somebody.
func (b *Bot) privateOf(ctx context.Context, user string) (map[string]bool, error) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	mine := map[string]bool{}
	params := slack.GetConversationsForUserParameters{UserID: user, Types: []string{"private_channel"}, Limit: 500, ExcludeArchived: true}
	for {
		page, next, err := b.api.GetConversationsForUserContext(ctx, &params)
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

// readWhere goes on to the form as soon as it is known for whom.
func (b *Bot) readWhere(c slack.InteractionCallback) task {
	channel := ""
	if actions := c.ActionCallback.BlockActions; len(actions) > 0 {
		channel = actions[0].SelectedOption.Value
	}
	return task{key: "person/" + c.User.ID, user: c.User.ID, do: func(ctx context.Context) answer {
		view, err := b.formFor(ctx, c.User.ID, channel)
		if err == nil {
			_, err = b.api.UpdateViewContext(ctx, view, "", c.View.Hash, c.View.ID)
		}
		if word, _ := slackapi.ErrorCode(err); err != nil && word != "hash_conflict" {
			b.log.Warn("a form could not be opened for a retailer", "err", err)
		}
		return answer{}
	}}
}

// readNext does the same for the button Next.
func (b *Bot) readNext(c slack.InteractionCallback) task {
	channel := view.FieldOf(c, view.BlockWhere).SelectedOption.Value
	return task{key: "person/" + c.User.ID, user: c.User.ID, do: func(ctx context.Context) answer {
		modal, err := b.formFor(ctx, c.User.ID, channel)
		if r, ok := errors.AsType[*deployer.Refusal](err); ok {
			return errorInForm(view.BlockWhere, r.Error())
		}
		if err != nil {
			return errorInForm(view.BlockWhere, "That did not work. Try again in a minute.")
		}
		return answer{payload: slack.NewUpdateViewSubmissionResponse(&modal)}
	}}
}

// formFor is the form of a deployment in a channel where somebody may start
// one. A menu's answer is checked: it comes from outside.
func (b *Bot) formFor(ctx context.Context, user, channel string) (slack.ModalViewRequest, error) {
	stations, err := b.stationsOf(ctx, user)
	at := slices.IndexFunc(stations, func(st view.Scope) bool { return st.Channel == channel })
	switch {
	case at >= 0:
		return b.form(view.FormTarget{Channel: stations[at].Channel, Retailer: stations[at].Retailer})
	case err != nil:
		return slack.ModalViewRequest{}, err
	}
	return slack.ModalViewRequest{}, deployer.Refuse("Choose another one.", "Deployments can’t be started there any more.")
}
