package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// trailOf reads a deployment's trail.
func (b *Bot) trailOf(ctx context.Context, id string) (view.Trail, error) {
	d, err := b.records.Load(ctx, id)
	if errors.Is(err, deployer.ErrNotFound) {
		return view.Trail{}, err
	}
	broken := err
	records, err := b.records.Trail(ctx, id)
	if err != nil {
		b.log.Error("a history is not whole", "deployment", id, "err", err)
		broken = err
	}
	if d.ID == "" { // what can still be read of it
		for _, r := range records {
			d = deployer.Fold(d, r.Events...)
		}
		d.ID = id
	}
	return view.Trail{Deployment: d, Records: records, Broken: broken, Zone: b.cfg.Retailers[d.Retailer].Zone, Names: b.people}, nil
}

// openTrail shows a deployment's trail from its beginning.
func (b *Bot) openTrail(ctx context.Context, trigger, id string) answer {
	t, err := b.trailOf(ctx, id)
	if err != nil {
		return b.open(ctx, trigger, view.Notice("Audit trail", b.refuse(err).text))
	}
	return b.open(ctx, trigger, t.View(0))
}

// readTurn turns a page of a trail that is open.
func (b *Bot) readTurn(c slack.InteractionCallback) (task, error) {
	var memo view.TrailMemo
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &memo); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	page := memo.Page + 1
	if isPressed(c, view.TrailOlder) {
		page = memo.Page - 1
	}
	return task{key: "person/" + c.User.ID, user: c.User.ID, do: func(ctx context.Context) answer {
		t, err := b.trailOf(ctx, memo.Deployment)
		if err != nil {
			return b.refuse(err)
		}
		_, err = b.api.UpdateViewContext(ctx, t.View(page), "", c.View.Hash, c.View.ID)
		if word, _ := slackapi.ErrorCode(err); err != nil && word != "hash_conflict" { // pressed twice: the first has done it
			b.log.Warn("a page of an audit trail could not be turned", "err", err)
		}
		return answer{}
	}}, nil
}
