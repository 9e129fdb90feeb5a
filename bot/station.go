package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// A scope is a channel where deployments are started.
type scope struct{ channel, retailer, name string }

// stationOf finds out for whom a channel is. Slack hides the names of private
// channels behind "privategroup".
func (b *Bot) stationOf(ctx context.Context, id, typed string) (scope, error) {
	c, in := b.channels.known(id)
	if !in {
		c = channel{ID: id, Name: typed}
		if typed == "privategroup" || b.retailerOf(typed) != "" {
			var err error
			if c, in, err = b.channels.ask(ctx, id); err != nil {
				return scope{}, err
			}
		}
	}
	name := b.retailerOf(c.Name)
	if _, ok := b.cfg.Retailers[name]; name != "" && !ok {
		return scope{}, unknown("#"+c.Name+" is for a retailer that is not configured:", name, slices.Sorted(maps.Keys(b.cfg.Retailers)), "There are")
	}
	switch {
	case typed == "privategroup" && !in:
		return scope{}, b.refuseUninvited("this channel")
	case name == "":
		return scope{}, refuse(b.elsewhere(), "Deployments are not started from here.")
	case !in:
		return scope{}, b.refuseUninvited("#" + c.Name)
	}
	return scope{channel: c.ID, retailer: name, name: c.Name}, nil
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
	return refuse("Type there: /invite @"+b.whoAmI().Handle, "stationmaster is not in %s.", where)
}

// elsewhere says which channels take commands.
func (b *Bot) elsewhere() string {
	var out []string
	for _, n := range b.channels.names() {
		c, _ := b.channels.known(n)
		if _, ok := b.cfg.Retailers[b.retailerOf(n)]; ok && !c.Private { // whose names are not for everybody
			out = append(out, "#"+n)
		}
	}
	if len(out) == 0 {
		return "Invite stationmaster to a channel whose name fits " + b.cfg.Channels.String() + "."
	}
	return "Type it in " + join(out, "or", 6) + "."
}

// channelsFor resolves the channels that the procedure posts to.
func (b *Bot) channelsFor(ctx context.Context, st scope, p deployer.Procedure) (map[string]string, error) {
	out := map[string]string{"deploys": st.channel}
	for _, label := range posts(p) {
		if out[label] != "" {
			continue
		}
		configured, ok := b.cfg.Retailers[st.retailer].Channels[label]
		if !ok && label == deployer.ChannelClients {
			continue // its steps say that nobody was told
		}
		if !ok {
			return nil, refuse("Add it to the configuration, under retailers."+st.retailer+".channels.",
				"The procedure %s posts to the channel %q, and %s has none of that name.", p.ID, label, st.retailer)
		}
		c, ok := b.channels.find(ctx, configured)
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

// ask finds out about one channel that is not in the list: the bot may have
// been invited just now.
func (p *channelCache) ask(ctx context.Context, id string) (c channel, in bool, err error) {
	info, err := p.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if word, _ := errorCode(err); word == "channel_not_found" {
		return channel{ID: id}, false, nil // a private one that the bot is not in
	}
	if err != nil {
		return channel{}, false, fmt.Errorf("ask about the channel %s: %w", id, err)
	}
	c = channel{ID: info.ID, Name: info.Name, Private: info.IsPrivate}
	if info.IsMember && !info.IsArchived {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.news++
		p.byID[c.ID], p.byName[c.Name] = c, c
	}
	return c, info.IsMember, nil
}
