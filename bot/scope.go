package bot

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
)

// hiddenName is what Slack calls every private channel in a command.
const hiddenName = "privategroup"

// scopeOf finds out for whom the channel of a request is, as it is now.
func (s *resolver) scopeOf(ctx context.Context, r *request) error {
	c, in := directory.Channel{ID: r.channel, Name: r.typedIn}, false
	if s.mayBeOurs(r.channel, r.typedIn) {
		var err error
		if c, in, err = s.channels.Current(ctx, r.channel, strings.TrimSuffix(r.typedIn, hiddenName)); err != nil {
			return err
		}
	}
	if c.Name == "" || r.typedIn == hiddenName && !in {
		return s.refuseAbsent(c, "this channel")
	}
	retailer, err := s.retailerIn(ctx, c)
	if err != nil {
		return err
	}
	if !in {
		return s.refuseAbsent(c, "#"+c.Name)
	}
	r.scope = view.Scope{Channel: c.ID, Retailer: retailer, Name: c.Name}
	return nil
}

// mayBeOurs reports whether Slack is worth asking about a channel: its name is
// hidden, or fits, or once did.
func (s *resolver) mayBeOurs(id, typed string) bool {
	_, in := s.channels.Known(id)
	return in || typed == "" || typed == hiddenName || s.retailerOf(typed) != "" || s.pinnedTo(id) != ""
}

// retailerIn is the retailer that a channel is for, or a refusal that says why it
// is for none.
func (s *resolver) retailerIn(ctx context.Context, c directory.Channel) (string, error) {
	name := s.pinnedTo(c.ID)
	pinned := name != ""
	if !pinned {
		name = s.retailerOf(c.Name)
	}
	r, ok := s.cfg.Retailers[name]
	switch {
	case c.Direct:
		return "", deployer.Refuse(s.elsewhere(ctx), "Deployments are not started in direct messages.")
	case name == "":
		return "", deployer.Refuse(s.elsewhere(ctx), "Deployments are not started from here.")
	case !ok:
		return "", launch.Unknown("#"+c.Name+" is for a retailer that is not configured:", name, slices.Sorted(maps.Keys(s.cfg.Retailers)), "There are")
	}
	if err := s.bears(ctx, c, name, pinned); err != nil {
		return "", err
	}
	if c.Shared && !r.SharedChannel {
		return "", deployer.Refuse("Somebody who configures stationmaster can allow it: retailers."+name+".shared_channel: true.",
			"#%s is shared with another organization or workspace, so no deployments are started from it.", c.Name)
	}
	return name, nil
}

// bears refuses a channel that bears the name of a retailer's and is not the one
// that is meant: the configuration's, or else the one that bore it first.
func (s *resolver) bears(ctx context.Context, c directory.Channel, retailer string, pinned bool) error {
	if pinned {
		return s.channels.Trust(ctx, c)
	}
	if want := s.cfg.Retailers[retailer].Channels[deployer.ChannelDeploys]; want != "" && strings.TrimPrefix(want, "#") != c.Name {
		instead := "It is another one, as the configuration says under retailers." + retailer + ".channels."
		if k, in := s.channels.Known(want); in && !k.Private {
			instead = "Type it in #" + k.Name + "."
		}
		return deployer.Refuse(instead, "#%s is not the channel of %s’s deployments.", c.Name, retailer)
	}
	return s.hold(ctx, c, "retailers."+retailer+".channels."+deployer.ChannelDeploys)
}

// hold refuses a channel whose name was another one's. The key of the configuration
// is where its id can be named.
func (s *resolver) hold(ctx context.Context, c directory.Channel, key string) error {
	err := s.channels.Hold(ctx, c)
	moved, ok := errors.AsType[*directory.NameMoved](err)
	if !ok {
		return err
	}
	return deployer.Refuse("If this one is meant, somebody who configures stationmaster says so: "+key+": "+moved.Is+".",
		"#%s is not the channel that had this name before (%s).", moved.Name, moved.Was)
}

// pinnedTo is the retailer whose channel the configuration says is that, by its id;
// "" for none.
func (s *resolver) pinnedTo(id string) string {
	for name, r := range s.cfg.Retailers {
		if id != "" && r.Channels[deployer.ChannelDeploys] == id {
			return name
		}
	}
	return ""
}

// retailerOf is the retailer in a channel's name, or "".
func (s *resolver) retailerOf(name string) string {
	m := s.cfg.Channels.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	return m[s.cfg.Channels.SubexpIndex("retailer")]
}

// mustSee refuses somebody who can't see a channel: everybody sees the public ones,
// its members a private one.
func (s *resolver) mustSee(ctx context.Context, user, channel string) error {
	if c, in := s.channels.Known(channel); in && !c.Private {
		return nil
	}
	mine, err := s.privateOf(ctx, user)
	switch {
	case mine[channel]:
		return nil
	case err != nil:
		s.log.Warn("the channels of a person could not be listed", "err", err)
		return deployer.Refuse("Try again in a minute.", "Slack does not say now whether you are in its channel.")
	}
	return deployer.Refuse("", "Its channel is private, and you are not in it.")
}

// sightOf refuses a button that is not on a message: whoever presses one of those
// is where it stands, but a home tab, or a form, may be older than the right to see
// what it is about. What can't be read is its handler's to tell.
func (s *resolver) sightOf(ctx context.Context, r *request) error {
	if r.kind == kindClick && !r.home && r.callback.View.ID == "" {
		return nil
	}
	d, err := s.Deployments.Load(ctx, r.button.Deployment)
	if err == nil && !s.reader(r.user).MayRead(d) {
		return s.mustSee(ctx, r.user, d.Channels[deployer.ChannelDeploys])
	}
	return nil
}

// reader is somebody as what is under way is shown to them.
func (s *resolver) reader(user string) inflight.Reader {
	return inflight.Reader{ID: user, Roles: s.people.Held(user), Public: func(channel string) bool {
		c, in := s.channels.Known(channel)
		return in && !c.Private
	}}
}

// scopes are the channels that commands are typed in, by name.
func (s *resolver) scopes(ctx context.Context) (out []view.Scope, private map[string]bool) {
	private = map[string]bool{}
	for _, n := range s.channels.Names() {
		c, in := s.channels.Known(n)
		if !in || s.retailerOf(c.Name) == "" && s.pinnedTo(c.ID) == "" {
			continue
		}
		if retailer, err := s.retailerIn(ctx, c); err == nil {
			out = append(out, view.Scope{Channel: c.ID, Retailer: retailer, Name: c.Name})
			private[c.ID] = c.Private
		}
	}
	return out, private
}

// refuseAbsent refuses a channel that the bot is not in.
func (s *resolver) refuseAbsent(c directory.Channel, where string) error {
	if c.Archived {
		return deployer.Refuse("", "%s is archived.", where)
	}
	return s.refuseUninvited(where)
}

func (s *resolver) refuseUninvited(where string) error {
	return deployer.Refuse("Type there: /invite @"+s.whoAmI().Handle, "stationmaster is not in %s.", where)
}

// elsewhere says which channels take commands.
func (s *resolver) elsewhere(ctx context.Context) string {
	var out []string
	list, private := s.scopes(ctx)
	for _, at := range list {
		if !private[at.Channel] { // whose names are not for everybody
			out = append(out, "#"+at.Name)
		}
	}
	if len(out) == 0 {
		return "Invite stationmaster to a channel whose name fits " + s.cfg.Channels.String() + "."
	}
	return "Type it in " + mrkdwn.Join(out, "or", 6) + "."
}
