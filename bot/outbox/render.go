package outbox

import (
	"context"
	"encoding/json"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// render draws a message; a card, as its deployment is now.
func (q *queue) render(ctx context.Context, m deployer.OutboxMessage, d deployer.Deployment) (string, []slack.Block) {
	if m.IsCard() {
		return q.renderCard(d)
	}
	r := q.renderer
	if !m.Thread && q.ports.Link != nil {
		r.CardLink = q.ports.Link(ctx, d.Card)
	}
	return view.Message(m.Message, d, r)
}

func (q *queue) renderCard(d deployer.Deployment) (string, []slack.Block) {
	return view.Card(d, q.ports.Engine.Progress(d.ID), q.renderer, time.Now())
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
