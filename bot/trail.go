package bot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/bot/view/trail"
	"github.com/stationmaster/stationmaster/deployer"
)

// trailOf reads a deployment's trail.
func (c cards) trailOf(ctx context.Context, id string) (trail.Trail, error) {
	d, err := c.Deployments.Load(ctx, id)
	if errors.Is(err, deployer.ErrNotFound) {
		return trail.Trail{}, err
	}
	broken := err
	records, err := c.Trails.Trail(ctx, id)
	if err != nil {
		c.log.Error("a history is not whole", "deployment", id, "err", err)
		broken = err
	}
	if d.ID == "" { // what can still be read of it
		for _, r := range records {
			d = deployer.Fold(d, r.Events...)
		}
		d.ID = id
	}
	return trail.Trail{Deployment: d, Records: records, Broken: broken, Zone: c.cfg.Retailers[d.Site.Name].Zone, Names: c.people}, nil
}

// openTrail shows the trail that a button is about.
func (c cards) openTrail(ctx context.Context, r *request) answer {
	return c.showTrail(ctx, r.trigger, r.button)
}

// showTrail shows a deployment's trail from its beginning, if it is the one that a
// button means, or a message, which says less.
func (c cards) showTrail(ctx context.Context, trigger string, of view.ButtonValue) answer {
	t, err := c.trailOf(ctx, of.Deployment)
	if err != nil {
		return c.open(ctx, trigger, form.Notice("Audit trail", c.refuse(err).text))
	}
	d := t.Deployment
	if of.Store != "" && d.Store != "" && of.Store != d.Store || of.Print != "" && !d.Created.IsZero() && of.Print != deployer.Fingerprint(d) {
		return c.open(ctx, trigger, form.Notice("Audit trail", "This message is about a deployment of another database, in which the same numbers were given."))
	}
	return c.open(ctx, trigger, t.View(0))
}

// turnTrail turns a page of a trail that is open.
func (c cards) turnTrail(ctx context.Context, r *request) answer {
	page := r.page + 1
	if r.pressed(trail.Older) {
		page = r.page - 1
	}
	t, err := c.trailOf(ctx, r.button.Deployment)
	if err != nil {
		return c.refuse(err)
	}
	_, err = c.api.UpdateViewContext(ctx, t.View(page), "", r.callback.View.Hash, r.callback.View.ID)
	if word, _ := slackapi.ErrorCode(err); err != nil && word != "hash_conflict" { // pressed twice: the first has done it
		c.log.Warn("a page of an audit trail could not be turned", "err", err)
	}
	return answer{}
}

// openTrailOfMessage shows the trail of the deployment that a message is about.
func (c cards) openTrailOfMessage(ctx context.Context, r *request) answer {
	id, store, err := c.about(ctx, r.callback)
	if err != nil {
		c.log.Warn("a message could not be read again", "err", err)
		return c.open(ctx, r.trigger, form.Notice("Audit trail", "Slack does not show that message to stationmaster now. Try again in a minute."))
	}
	if id == "" {
		return c.open(ctx, r.trigger, form.Notice("Audit trail", "This message is about no deployment of stationmaster’s. "+
			"Choose *Audit trail* from the menu of a deployment’s card, or of any message in its thread."))
	}
	return c.showTrail(ctx, r.trigger, view.ButtonValue{Deployment: id, Store: store})
}

// about is the deployment that a message of ours is about, or "", and the store
// that it is in, where the message says so. Slack leaves
// the metadata out of the payload of apps that do not subscribe to it
// (python-slack-sdk 1501), so it is read where it is missing.
func (c cards) about(ctx context.Context, call slack.InteractionCallback) (id, store string, err error) {
	me := c.whoAmI()
	if call.Message.User != me.ID && (me.BotID == "" || call.Message.BotID != me.BotID) {
		return "", "", nil
	}
	if id, store = deploymentOf(call.Message); id != "" {
		return id, store, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	ts, thread := call.Message.Timestamp, call.Message.ThreadTimestamp
	if thread == "" {
		thread = ts
	}
	list, err := c.out.ReadReplies(ctx, slack.GetConversationRepliesParameters{
		ChannelID: call.Channel.ID, Timestamp: thread, Oldest: ts, Latest: ts, Inclusive: true, Limit: 2, IncludeAllMetadata: true,
	})
	if err != nil {
		return "", "", fmt.Errorf("read the message of a shortcut: %w", err)
	}
	for _, m := range list {
		if m.Timestamp == ts {
			id, store = deploymentOf(m)
			return id, store, nil
		}
	}
	return "", "", nil
}

// deploymentOf is what the metadata of a message of ours says.
func deploymentOf(m slack.Message) (id, store string) {
	if m.Metadata.EventType != outbox.EventType {
		return "", ""
	}
	id, _ = m.Metadata.EventPayload["deployment"].(string)
	store, _ = m.Metadata.EventPayload["store"].(string)
	return id, store
}
