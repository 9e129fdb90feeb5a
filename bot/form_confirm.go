package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// readStart starts what the form said, once for each form, however often it is
// sent or delivered: the form's id is the origin, which the store knows for
// good. What was refused lies in the same view, which stays open.
func (b *Bot) readStart(c slack.InteractionCallback) (task, error) {
	var memo view.Confirmation
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &memo); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	by := b.people.PersonOf(c.User.ID, c.User.Name)
	t := task{key: "channel/" + memo.Channel, id: fingerprint("submission", c.View.ID, c.TriggerID), channel: memo.Channel, user: c.User.ID}
	t.do = func(ctx context.Context) answer {
		var start deployer.Start
		r, err := b.requestOf(ctx, memo.FormState)
		if err == nil {
			start, err = b.start(ctx, view.Scope{Channel: memo.Channel, Retailer: memo.Retailer}, r)
		}
		if err == nil {
			start.Origin = strings.Join([]string{"slack", c.Team.ID, "view", memo.Form}, "/")
			err = b.startOnce(ctx, start, by)
		}
		if err == nil {
			return answer{payload: slack.NewClearViewSubmissionResponse()}
		}
		a := b.refuse(err)
		view, drawn := b.guide.Confirm(memo, start, by, b.quickRuns(ctx, memo.FormState, start), "⚠ "+a.text)
		if drawn != nil {
			b.log.Error("a form could not be redrawn", "err", drawn)
			return a
		}
		return answer{payload: slack.NewUpdateViewSubmissionResponse(&view), failed: a.failed}
	}
	return t, nil
}

// quickRuns are what the services of a start run now, as far as their systems
// answer in the time that somebody waits for a form.
func (b *Bot) quickRuns(ctx context.Context, s view.FormState, start deployer.Start) map[string]*deployer.Serving {
	ctx, cancel := context.WithTimeout(ctx, b.quick())
	defer cancel()
	return b.runs(ctx, s, view.ServicesOf(start.Releases)...)
}

// startOnce gives the order. A form that has started something else before,
// whose answer was lost on the way, says so.
func (b *Bot) startOnce(ctx context.Context, start deployer.Start, by deployer.Person) error {
	d, err := b.order(ctx, deployer.Order{By: by, Command: start})
	if err != nil {
		return err
	}
	if d.Environment != start.Environment || !slices.Equal(d.Releases, start.Releases) {
		return deployer.Refuse("", "This form has started %s already.", d.ID).
			Hint("Look at it", deployer.VerbStatus, d.ID).Hint("for another one, open a new form.", "")
	}
	return nil
}
