package view

import (
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// HasPlannedStart reports whether a procedure waits for a planned start.
func HasPlannedStart(p deployer.Procedure) bool {
	return slices.ContainsFunc(p.Steps, func(s deployer.Step) bool { return s.Until == deployer.UntilPlanned })
}

// atField asks when it starts.
func atField() *slack.InputBlock {
	at := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("At once, or such as: tomorrow 22:00"), fieldText)
	at.MaxLength = 60
	block := slack.NewInputBlock(BlockAt, mrkdwn.PlainText("Start"), mrkdwn.PlainText("Retailer's time, unless UTC stands behind it. It can be approved ahead."), at)
	block.Optional = true
	return block
}

// Zone is where a retailer's people are.
func (r Renderer) Zone(retailer string) *time.Location {
	if z := r.Retailers[retailer].Zone; z != nil {
		return z
	}
	return time.UTC
}

// moment is a day and a time as the reader's clock shows it, and the retailer's.
func (r Renderer) moment(retailer string, t time.Time) string {
	if there := r.there(retailer, t); there != "" {
		return mrkdwn.Date(t) + " (" + there + ")"
	}
	return mrkdwn.Date(t)
}

// waits says how long a step waits.
func (r Renderer) waits(s deployer.Start, step deployer.Step) string {
	if step.Until == deployer.UntilPlanned {
		return "until " + r.moment(s.Retailer, s.Planned)
	}
	return mrkdwn.Span(step.For)
}

// late warns that it is announced later than its lead time asks.
func (c card) late() string {
	why := c.d.Notice()
	if why == "" || c.d.Status.Ended() {
		return ""
	}
	return "⚠ " + mrkdwn.Escape(why, c.text)
}
