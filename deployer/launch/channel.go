package launch

import (
	"context"
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// channels resolves the channels that the procedure posts to. Those that the site does
// not have are left out, and said: nobody is to be kept from a deployment at night by a
// channel that is missing.
func (l Launcher) channels(ctx context.Context, r Request, p deployer.Procedure) (ids map[string]string, lacks []string, err error) {
	ids = map[string]string{deployer.ChannelDeploys: r.Channel}
	for _, label := range posts(p) {
		if ids[label] != "" {
			continue
		}
		configured, ok := l.cfg.Sites[r.Site].Channels[label]
		switch {
		case ok:
		case label == deployer.ChannelClients, made(p, label):
			continue // its steps say that nobody was told; a step makes it
		default:
			lacks = append(lacks, label)
			continue
		}
		if ids[label], err = l.ports.Channel(ctx, configured); err != nil {
			return nil, nil, err
		}
	}
	return ids, lacks, nil
}

// lackingChannels says which channels a site does not have.
func lackingChannels(site string, lacks []string) []string {
	if len(lacks) == 0 {
		return nil
	}
	what := "channel"
	if len(lacks) > 1 {
		what = "channels"
	}
	return []string{fmt.Sprintf("%s has no %s %s: what the procedure tells there is not told.", Capital(site), what, enumerate(lacks))}
}

// Told are the names of the channels that a procedure tells something, besides those that
// its own steps make: a site has to have them.
func Told(p deployer.Procedure) []string {
	return slices.DeleteFunc(posts(p), func(label string) bool { return made(p, label) })
}

// made reports whether a step makes the channel.
func made(p deployer.Procedure, label string) bool {
	return slices.ContainsFunc(p.Steps, func(s deployer.Step) bool { return s.With["as"].Text == label && !s.Announces() })
}

// posts are the names of the channels that a procedure uses.
func posts(p deployer.Procedure) []string {
	out := slices.Clone(p.Failure.To)
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		if s.Announces() {
			out = append(out, s.To()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
