package bot

import (
	"time"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// planned reads when a deployment starts. A procedure that would not wait for
// it is no procedure for a plan.
func (b *Bot) planned(p deployer.Procedure, at, retailer string) (time.Time, error) {
	if !view.CanWait(p) {
		return time.Time{}, deployer.Refuse("Leave the time out, or put a step into it: {id: planned-start, uses: wait, with: {until: planned}}",
			"The procedure %s does not wait for a planned start.", p.ID)
	}
	t, err := command.ParseAt(at, time.Now(), b.guide.Zone(retailer))
	return t.UTC(), err
}
