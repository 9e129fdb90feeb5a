package bot

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/socketmode"
)

// events are what the manifest subscribes to, and what is done about each. A
// test holds the manifest against this table, and the scopes against both.
// https://docs.slack.dev/reference/events
//
// An event only ever corrects a cache or redraws a home tab. One that is lost
// therefore does no harm: every cache says how old it may get, and all of them
// are read again after a time without a socket.
var events = map[string]func(*Bot, context.Context, slackEvent){
	"app_home_opened": (*Bot).homeOpened,

	"user_change": (*Bot).userChanged,
	"subteam_members_changed": func(b *Bot, ctx context.Context, h slackEvent) {
		b.people.MembersChanged(ctx, h.Subteam, h.Removed)
		b.holdersChanged(b.people.RolesOfGroup(h.Subteam))
	},
	"subteam_updated": func(b *Bot, ctx context.Context, h slackEvent) {
		b.people.GroupUpdated(ctx, h.Group.ID, h.Group.Handle, h.Group.off())
		b.holdersChanged(b.people.RolesOfGroup(h.Group.ID))
	},

	"channel_rename":    func(b *Bot, _ context.Context, h slackEvent) { b.channels.Renamed(h.Channel.ID, h.Channel.Name) },
	"channel_archive":   (*Bot).channelLeft,
	"channel_deleted":   (*Bot).channelLeft,
	"channel_left":      (*Bot).channelLeft, // member_left_channel never comes for the bot itself (bolt-js 1847)
	"channel_unarchive": (*Bot).channelEntered,
	"channel_shared":    (*Bot).channelEntered, // with another organization, or no more
	"channel_unshared":  (*Bot).channelEntered,
	"group_rename":      func(b *Bot, _ context.Context, h slackEvent) { b.channels.Renamed(h.Channel.ID, h.Channel.Name) },
	"group_archive":     (*Bot).channelLeft,
	"group_deleted":     (*Bot).channelLeft,
	"group_left":        (*Bot).channelLeft,
	"group_unarchive":   (*Bot).channelEntered,

	"member_joined_channel": func(b *Bot, ctx context.Context, h slackEvent) {
		if h.User.ID == b.whoAmI().ID {
			b.channelEntered(ctx, h)
		}
	},
}

// A slackEvent is what all the events have in their "event", each its own part.
type slackEvent struct {
	Type    string     `json:"type"`
	User    userRef    `json:"user"`
	Channel channelRef `json:"channel"`
	Tab     string     `json:"tab"`
	Subteam string     `json:"subteam_id"`
	Removed []string   `json:"removed_users"`
	Group   groupRef   `json:"subteam"`
}

// A groupRef is a user group as far as an event's part of it matters: its list
// of users is cut off at 500.
type groupRef struct {
	ID         string      `json:"id"`
	Handle     string      `json:"handle"`
	DateDelete json.Number `json:"date_delete"`
}

func (g groupRef) off() bool {
	at, err := g.DateDelete.Int64()
	return err == nil && at != 0
}

// A userRef is a user where some events have an id and some the whole profile.
type userRef struct {
	ID      string
	profile slack.User
}

// UnmarshalJSON reads either.
func (u *userRef) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &u.ID) == nil {
		return nil
	}
	err := json.Unmarshal(b, &u.profile)
	u.ID = u.profile.ID
	return err
}

// A channelRef is a channel where some events have an id and some more.
type channelRef struct{ ID, Name string }

// UnmarshalJSON reads either.
func (c *channelRef) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &c.ID) == nil {
		return nil
	}
	type plain channelRef
	return json.Unmarshal(b, (*plain)(c))
}

// receiveEvent acknowledges an event at once, and then does what it asks for: Slack
// switches off the events of an app that answers slowly. One that comes again,
// by its event_id, is acknowledged again and nothing else.
func (b *Bot) receiveEvent(e socketmode.Envelope) {
	var wrap struct {
		ID    string     `json:"event_id"`
		Event slackEvent `json:"event"`
	}
	if err := json.Unmarshal(e.Payload, &wrap); err != nil {
		b.log.Error("an event can't be read; it is passed over", "err", err)
	}
	h := wrap.Event
	taken := b.queues.Put("events", func() {
		ctx, cancel := context.WithTimeout(b.life, workWithin)
		defer cancel()
		b.acknowledge(ctx, e, nil)
		do := events[h.Type]
		if _, again := b.eventsSeen.recall(wrap.ID); do == nil || again {
			return
		}
		b.eventsSeen.keep(wrap.ID, answer{})
		about := h.User.ID + h.Channel.ID + h.Subteam + h.Group.ID
		b.background("event/"+about, func(ctx context.Context) { do(b, ctx, h) })
	})
	if !taken {
		b.log.Warn("too much at once; an event stays unacknowledged, and comes again", "type", h.Type)
	}
}

// userChanged takes in what is told of somebody.
func (b *Bot) userChanged(_ context.Context, h slackEvent) {
	before := b.people.Held(h.User.ID)
	b.people.UserChanged(h.User.profile)
	if after := b.people.Held(h.User.ID); !slices.Equal(before, after) {
		b.holdersChanged(append(before, after...))
	}
}

// holdersChanged has all drawn anew that shows who may answer for these roles.
func (b *Bot) holdersChanged(roles []string) {
	b.homes.Redraw()
	for _, id := range b.inFlight.Naming(noPerson, roles, introducedMax) {
		b.out.Dirty(id)
	}
}

// noPerson is nobody's id.
const noPerson = "-"

func (b *Bot) channelLeft(_ context.Context, h slackEvent) { b.channels.Left(h.Channel.ID) }

func (b *Bot) channelEntered(ctx context.Context, h slackEvent) {
	b.out.TryAgain(h.Channel.ID)
	if _, _, err := b.channels.LookUp(ctx, h.Channel.ID); err != nil {
		b.log.Warn("a channel that has changed could not be asked about", "channel", h.Channel.ID, "err", err)
	}
}

// reread reads again what events would have told during a gap.
func (b *Bot) reread(ctx context.Context, g socketmode.Outage) {
	b.log.Info("a socket is open again; what may have been missed is read", "without", g.To.Sub(g.From).Round(time.Millisecond))
	if g.To.Sub(g.From) > directory.MemberFreshWithin { // else what a click rests on is as young anyway
		b.people.DoubtAll()
	}
	if err := b.channels.RefreshWithin(ctx, 0); err != nil && ctx.Err() == nil {
		b.log.Warn("channels could not be listed", "err", err)
	}
}

// homeOpened draws the home tab of somebody who looks at it.
func (b *Bot) homeOpened(ctx context.Context, h slackEvent) {
	if h.Tab != "messages" {
		b.homes.Opened(ctx, h.User.ID)
	}
}
