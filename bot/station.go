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

// A station is a channel where deployments are started.
type station struct{ channel, retailer, name string }

// stationOf finds out for whom a channel is. Slack hides the names of private
// channels behind "privategroup".
func (b *Bot) stationOf(ctx context.Context, id, typed string) (station, error) {
	c, in := b.places.known(id)
	if !in {
		c = channel{ID: id, Name: typed}
		if typed == "privategroup" || b.retailerOf(typed) != "" {
			var err error
			if c, in, err = b.places.ask(ctx, id); err != nil {
				return station{}, err
			}
		}
	}
	name := b.retailerOf(c.Name)
	if _, ok := b.cfg.Retailers[name]; name != "" && !ok {
		return station{}, unknown("#"+c.Name+" is for a retailer that is not configured:", name, slices.Sorted(maps.Keys(b.cfg.Retailers)), "There are")
	}
	switch {
	case typed == "privategroup" && !in:
		return station{}, b.uninvited("this channel")
	case name == "":
		return station{}, refuse(b.elsewhere(), "Deployments are not started from here.")
	case !in:
		return station{}, b.uninvited("#" + c.Name)
	}
	return station{channel: c.ID, retailer: name, name: c.Name}, nil
}

// retailerOf is the retailer in a channel's name, or "".
func (b *Bot) retailerOf(name string) string {
	m := b.cfg.Channels.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	return m[b.cfg.Channels.SubexpIndex("retailer")]
}

func (b *Bot) uninvited(where string) error {
	return refuse("Type there: /invite @"+b.self().Handle, "stationmaster is not in %s.", where)
}

// elsewhere says which channels take commands.
func (b *Bot) elsewhere() string {
	var out []string
	for _, n := range b.places.names() {
		c, _ := b.places.known(n)
		if _, ok := b.cfg.Retailers[b.retailerOf(n)]; ok && !c.Private { // whose names are not for everybody
			out = append(out, "#"+n)
		}
	}
	if len(out) == 0 {
		return "Invite stationmaster to a channel whose name fits " + b.cfg.Channels.String() + "."
	}
	return "Type it in " + join(out, "or", 6) + "."
}

// channels resolves the channels that the procedure posts to.
func (b *Bot) channels(ctx context.Context, st station, p deployer.Procedure) (map[string]string, error) {
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
		c, ok := b.places.find(ctx, configured)
		if !ok {
			return nil, b.uninvited("#" + strings.TrimPrefix(configured, "#") + ", where this procedure posts")
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
func (p *places) ask(ctx context.Context, id string) (c channel, in bool, err error) {
	info, err := p.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if word, _ := slackWord(err); word == "channel_not_found" {
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
