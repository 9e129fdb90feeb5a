package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// openReview shows the words to read and edit. It writes nothing down.
func (b *Bot) openReview(ctx context.Context, c slack.InteractionCallback, v view.ButtonValue) answer {
	peek, cancel := context.WithTimeout(ctx, time.Second) // the trigger lives for three
	d, err := b.records.Load(peek, v.Deployment)
	cancel()
	if err != nil {
		return b.refuse(err)
	}
	s := d.Step(v.Step)
	if d.Status.Ended() || s == nil || s.Attempt != v.Attempt || s.Status != deployer.Active || !s.ForClients() || !d.AwaitsPerson(*s) {
		b.Dirty(d.ID)
		return b.refuse(deployer.Refuse("Look at the card again.", "That button belongs to an earlier question."))
	}
	memo, err := json.Marshal(view.ReviewMemo{Value: v.Encode(), Channel: c.Container.ChannelID})
	if err != nil {
		return b.refuse(fmt.Errorf("write a form's memo: %w", err))
	}
	return b.open(ctx, c.TriggerID, view.ReviewView(d, *s, view.Proposal(d, *s, b.guide.Zone(d.Retailer)), string(memo)))
}

// readReviewing opens the form for a click on the step's button.
func (b *Bot) readReviewing(c slack.InteractionCallback, action *slack.BlockAction) (task, error) {
	v, err := view.DecodeValue(action.Value)
	if err != nil {
		return task{}, err
	}
	id := fingerprint("click", c.User.ID, c.Container.ChannelID, c.Container.MessageTs, action.ActionID, action.ActionTs)
	return task{key: "person/" + c.User.ID, id: id, channel: c.Container.ChannelID, user: c.User.ID, do: func(ctx context.Context) answer {
		return b.openReview(ctx, c, v)
	}}, nil
}

// readReview takes the words. The view's id makes the nonce: the form counts
// once, however often it is delivered. What is refused is said in the form, so
// that nothing has to be typed again.
func (b *Bot) readReview(c slack.InteractionCallback) (task, error) {
	var memo view.ReviewMemo
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &memo); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	v, err := view.DecodeValue(memo.Value)
	if err != nil {
		return task{}, err
	}
	by := b.people.PersonOf(c.User.ID, c.User.Name)
	o := deployer.Order{
		Deployment: v.Deployment, By: by, Nonce: fingerprint("view", c.Team.ID, c.View.ID),
		Command: deployer.Review{Step: v.Step, Attempt: v.Attempt, Words: view.FieldOf(c, view.BlockReview).Value},
	}
	t := task{key: "deployment/" + v.Deployment, id: fingerprint("submission", c.View.ID, c.TriggerID), channel: memo.Channel, user: c.User.ID}
	t.do = func(ctx context.Context) answer {
		a := b.carryOut(ctx, o)
		if a.text != "" {
			return answer{payload: errorInForm(view.BlockReview, mrkdwn.Unescape(a.text)).payload, failed: a.failed}
		}
		return a
	}
	return t, nil
}
