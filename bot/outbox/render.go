package outbox

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A form is how much of the form of a message is drawn. Where Slack refuses one, a
// simpler one is tried.
type form int

const (
	whole       form = iota // as it is meant
	withoutPlan             // the steps of a card are no list of Slack's own, which not every workspace takes
	bare                    // the words alone
)

// simpler is the form to try after Slack has refused blocks. Where it does not know a
// plan, no card has one from now on.
func (o *Outbox) simpler(blocks []slack.Block, cause error) form {
	if !slices.ContainsFunc(blocks, func(b slack.Block) bool { return b.BlockType() == slack.MBTPlan }) {
		return bare
	}
	if slackapi.RefusesBlock(cause, string(slack.MBTPlan), string(slack.MBTTaskCard)) && !o.withoutPlans.Swap(true) {
		o.log.Warn("Slack takes no list of steps in this workspace; until the next start they stand in the foot of the cards")
	}
	return withoutPlan
}

// render draws a message; a card, as its deployment is now.
func (q *queue) render(ctx context.Context, m deployer.OutboxMessage, d deployer.Deployment, f form) (string, []slack.Block) {
	if m.IsCard() {
		return q.renderCard(ctx, d, f)
	}
	r := q.renderer
	if !m.Thread && q.ports.Link != nil {
		r.CardLink = q.ports.Link(ctx, d.Card)
	}
	text, blocks := view.Message(m.Message, d, r)
	if f == bare {
		return plainly(text)
	}
	return text, blocks
}

func (q *queue) renderCard(ctx context.Context, d deployer.Deployment, f form) (string, []slack.Block) {
	r := q.renderer
	if q.ports.Link != nil {
		r.LinkTo = func(p deployer.Post) string { return q.ports.Link(ctx, p) }
	}
	r.PlainSteps = f != whole || q.withoutPlans.Load()
	text, blocks := view.Card(d, q.ports.Engine.Progress(d.ID), r, time.Now())
	if f == bare {
		return plainly(text)
	}
	return text, blocks
}

// plainMax is how much of a message is left when Slack did not accept its form,
// in units: few enough for every limit that is known.
const plainMax = 2000

// plainly is a message without its form: one block, which takes the place of
// those that a card had.
func plainly(text string) (string, []slack.Block) {
	text = mrkdwn.Cut(text, plainMax)
	return text, []slack.Block{slack.NewSectionBlock(mrkdwn.PlainText(text), nil, nil)}
}

// contentOf tells one content of a message from another.
func contentOf(text string, blocks []slack.Block) string {
	b, err := json.Marshal(blocks)
	if err != nil {
		return "" // blocks are plain data: that does not happen
	}
	return text + string(b)
}
