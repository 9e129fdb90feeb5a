package bot

import (
	"maps"

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
