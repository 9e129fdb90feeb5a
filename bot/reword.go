package bot

import (
	"maps"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// reworded is the procedure with the words that the config has for its
// messages: those of the retailer over those for all over its own. They are
// frozen into a deployment with it.
func (b *Bot) reworded(p deployer.Procedure, retailer string) deployer.Procedure {
	p.Messages = maps.Clone(p.Messages)
	for name := range p.Messages {
		for _, over := range []map[string]string{b.cfg.Messages, b.cfg.Retailers[retailer].Messages} {
			if words, ok := over[name]; ok {
				p.Messages[name] = words
			}
		}
	}
	return p
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
