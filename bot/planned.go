package bot

import (
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// canWait reports whether a procedure waits for a planned start.
func canWait(p deployer.Procedure) bool {
	return slices.ContainsFunc(p.Steps, func(s deployer.Step) bool { return s.Until == deployer.UntilPlanned })
}

// planned reads when a deployment starts. A procedure that would not wait for
// it is no procedure for a plan.
func (b *Bot) planned(p deployer.Procedure, at, retailer string) (time.Time, error) {
	if !canWait(p) {
		return time.Time{}, refuse("Leave the time out, or put a step into it: {id: planned-start, uses: wait, with: {until: planned}}",
			"The procedure %s does not wait for a planned start.", p.ID)
	}
	t, err := parseAt(at, time.Now(), b.guide.zone(retailer))
	return t.UTC(), err
}

// atField asks when it starts.
func atField() *slack.InputBlock {
	at := slack.NewPlainTextInputBlockElement(plainText("At once, or such as: tomorrow 22:00"), fieldText)
	at.MaxLength = 60
	block := slack.NewInputBlock(blockAt, plainText("Start"), plainText("Retailer's time, unless UTC stands behind it. It can be approved ahead."), at)
	block.Optional = true
	return block
}

// zone is where a retailer's people are.
func (g guide) zone(retailer string) *time.Location {
	if z := g.retailers[retailer].Zone; z != nil {
		return z
	}
	return time.UTC
}

// moment is a day and a time as the reader's clock shows it, and the retailer's.
func (g guide) moment(retailer string, t time.Time) string {
	if there := g.there(retailer, t); there != "" {
		return date(t) + " (" + there + ")"
	}
	return date(t)
}

// waits says how long a step waits.
func (g guide) waits(s deployer.Start, step deployer.Step) string {
	if step.Until == deployer.UntilPlanned {
		return "until " + g.moment(s.Retailer, s.Planned)
	}
	return span(step.For)
}

// late warns that it is announced later than its lead time asks.
func (c card) late() string {
	why := c.d.Notice()
	if why == "" || c.d.Status.Ended() {
		return ""
	}
	return "⚠ " + escape(why, c.text)
}
