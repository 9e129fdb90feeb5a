package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// openReview shows the words to read and edit. It writes nothing down.
func (c cards) openReview(ctx context.Context, r *request) answer {
	peek, cancel := context.WithTimeout(ctx, time.Second) // the trigger lives for three
	d, err := c.Deployments.Load(peek, r.button.Deployment)
	cancel()
	if errors.Is(err, deployer.ErrNotFound) {
		err = otherDatabase(r.button)
	}
	if err == nil {
		err = c.counts(d, r)
	}
	if err != nil {
		return c.refuse(err)
	}
	s := d.Step(r.button.Step)
	if d.Status.Ended() || s == nil || s.Attempt != r.button.Attempt || s.Status != deployer.Active || !s.ForClients() || !d.AwaitsPerson(*s) {
		c.out.Dirty(d.ID)
		return c.refuse(deployer.Refuse("Look at the card again.", "That button belongs to an earlier question."))
	}
	memo, err := json.Marshal(r.memo())
	if err != nil {
		return c.refuse(fmt.Errorf("write a form's memo: %w", err))
	}
	return c.open(ctx, r.trigger, view.ReviewForm(d, *s, view.Proposal(d, *s, c.renderer.Zone(d.Site.Name)), string(memo)))
}

// giveReview gives the words. What is refused is said in the form, so that
// nothing has to be typed again.
func (c cards) giveReview(ctx context.Context, r *request) answer {
	a := c.carryOut(ctx, deployer.Order{
		Deployment: r.button.Deployment, By: r.by, Nonce: r.nonce(), Amendable: true,
		Command: deployer.Answer{Step: r.button.Step, Attempt: r.button.Attempt, Values: deployer.ClientWords(view.FieldOf(r.callback, view.BlockReview).Value), Choice: deployer.ChoiceSend},
	})
	if a.text != "" {
		return answer{payload: errorInForm(view.BlockReview, mrkdwn.Unescape(a.text)).payload, failed: a.failed}
	}
	return a
}

// refuseReview says in the form why it was not taken.
func (c cards) refuseReview(_ context.Context, _ *request, err error) answer {
	return c.refuseInForm(view.BlockReview, c.renderer.ForField(""), err)
}
