package bot

import (
	"context"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
)

// scopeOf finds out for whom the channel of a command is. Slack hides the names
// of private channels behind "privategroup".
func (s *resolver) scopeOf(ctx context.Context, r *request) error {
	typed := r.typedIn
	c, in := s.channels.Known(r.channel)
	if !in {
		c = directory.Channel{ID: r.channel, Name: typed}
		if typed == "privategroup" || s.retailerOf(typed) != "" {
			var err error
			if c, in, err = s.channels.LookUp(ctx, r.channel); err != nil {
				return err
			}
		}
	}
	name := s.retailerOf(c.Name)
	if _, ok := s.cfg.Retailers[name]; name != "" && !ok {
		return launch.Unknown("#"+c.Name+" is for a retailer that is not configured:", name, slices.Sorted(maps.Keys(s.cfg.Retailers)), "There are")
	}
	switch {
	case typed == "privategroup" && !in:
		return s.refuseUninvited("this channel")
	case name == "":
		return deployer.Refuse(s.elsewhere(), "Deployments are not started from here.")
	case !in:
		return s.refuseUninvited("#" + c.Name)
	}
	r.scope = view.Scope{Channel: c.ID, Retailer: name, Name: c.Name}
	return nil
}

// retailerOf is the retailer in a channel's name, or "".
func (s *resolver) retailerOf(name string) string {
	m := s.cfg.Channels.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	return m[s.cfg.Channels.SubexpIndex("retailer")]
}

func (s *resolver) refuseUninvited(where string) error {
	return deployer.Refuse("Type there: /invite @"+s.whoAmI().Handle, "stationmaster is not in %s.", where)
}

// elsewhere says which channels take commands.
func (s *resolver) elsewhere() string {
	var out []string
	for _, n := range s.channels.Names() {
		c, _ := s.channels.Known(n)
		if _, ok := s.cfg.Retailers[s.retailerOf(n)]; ok && !c.Private { // whose names are not for everybody
			out = append(out, "#"+n)
		}
	}
	if len(out) == 0 {
		return "Invite stationmaster to a channel whose name fits " + s.cfg.Channels.String() + "."
	}
	return "Type it in " + mrkdwn.Join(out, "or", 6) + "."
}
