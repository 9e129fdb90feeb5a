package launch

import (
	"context"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// channels resolves the channels that the procedure posts to.
func (l Launcher) channels(ctx context.Context, r Request, p deployer.Procedure) (map[string]string, error) {
	out := map[string]string{deployer.ChannelDeploys: r.Channel}
	for _, label := range posts(p) {
		if out[label] != "" {
			continue
		}
		configured, ok := l.cfg.Sites[r.Site].Channels[label]
		if !ok && label == deployer.ChannelClients {
			continue // its steps say that nobody was told
		}
		if !ok {
			return nil, deployer.Refuse("Add it to the configuration, under retailers."+r.Site+".channels.",
				"The procedure %s posts to the channel %q, and %s has none of that name.", p.ID, label, r.Site)
		}
		id, err := l.ports.Channel(ctx, configured)
		if err != nil {
			return nil, err
		}
		out[label] = id
	}
	return out, nil
}

// posts are the names of the channels that a procedure uses.
func posts(p deployer.Procedure) []string {
	out := slices.Clone(p.Failure.To)
	for _, s := range slices.Concat(p.Steps, p.Rollback) {
		if s.Announces() {
			out = append(out, s.To()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
