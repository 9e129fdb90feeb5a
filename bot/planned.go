package bot

import (
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

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
	return "⚠ " + esc(why, c.text)
}
