package bot

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// stationOf finds out for whom a channel is. Slack hides the names of private
// channels behind "privategroup".
func (b *Bot) stationOf(ctx context.Context, id, typed string) (view.Scope, error) {
	c, in := b.channels.Known(id)
	if !in {
		c = directory.Channel{ID: id, Name: typed}
		if typed == "privategroup" || b.retailerOf(typed) != "" {
			var err error
			if c, in, err = b.channels.Ask(ctx, id); err != nil {
				return view.Scope{}, err
			}
		}
	}
	name := b.retailerOf(c.Name)
	if _, ok := b.cfg.Retailers[name]; name != "" && !ok {
		return view.Scope{}, unknown("#"+c.Name+" is for a retailer that is not configured:", name, slices.Sorted(maps.Keys(b.cfg.Retailers)), "There are")
	}
	switch {
	case typed == "privategroup" && !in:
		return view.Scope{}, b.refuseUninvited("this channel")
	case name == "":
		return view.Scope{}, deployer.Refuse(b.elsewhere(), "Deployments are not started from here.")
	case !in:
		return view.Scope{}, b.refuseUninvited("#" + c.Name)
	}
	return view.Scope{Channel: c.ID, Retailer: name, Name: c.Name}, nil
}

// retailerOf is the retailer in a channel's name, or "".
func (b *Bot) retailerOf(name string) string {
	m := b.cfg.Channels.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	return m[b.cfg.Channels.SubexpIndex("retailer")]
}

func (b *Bot) refuseUninvited(where string) error {
	return deployer.Refuse("Type there: /invite @"+b.whoAmI().Handle, "stationmaster is not in %s.", where)
}

// elsewhere says which channels take commands.
func (b *Bot) elsewhere() string {
	var out []string
	for _, n := range b.channels.Names() {
		c, _ := b.channels.Known(n)
		if _, ok := b.cfg.Retailers[b.retailerOf(n)]; ok && !c.Private { // whose names are not for everybody
			out = append(out, "#"+n)
		}
	}
	if len(out) == 0 {
		return "Invite stationmaster to a channel whose name fits " + b.cfg.Channels.String() + "."
	}
	return "Type it in " + mrkdwn.Join(out, "or", 6) + "."
}

// channelsFor resolves the channels that the procedure posts to.
func (b *Bot) channelsFor(ctx context.Context, st view.Scope, p deployer.Procedure) (map[string]string, error) {
	out := map[string]string{"deploys": st.Channel}
	for _, label := range posts(p) {
		if out[label] != "" {
			continue
		}
		configured, ok := b.cfg.Retailers[st.Retailer].Channels[label]
		if !ok && label == deployer.ChannelClients {
			continue // its steps say that nobody was told
		}
		if !ok {
			return nil, deployer.Refuse("Add it to the configuration, under retailers."+st.Retailer+".channels.",
				"The procedure %s posts to the channel %q, and %s has none of that name.", p.ID, label, st.Retailer)
		}
		c, ok := b.channels.Find(ctx, configured)
		if !ok {
			return nil, b.refuseUninvited("#" + strings.TrimPrefix(configured, "#") + ", where this procedure posts")
		}
		out[label] = c.ID
	}
	return out, nil
}

// posts are the names of the channels that a procedure uses.
func posts(p deployer.Procedure) []string {
	out := slices.Clone(p.Failure.To)
	for _, s := range slices.Concat(p.Steps, p.Rollback) {
		if s.Uses == deployer.KindAnnounce {
			out = append(out, s.To...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
