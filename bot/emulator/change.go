package emulator

import (
	"slices"
	"strings"
	"time"
)

// What changes in a workspace besides messages. The app is told as Slack would tell it, where it subscribes.

// Archive archives a channel, or takes it out of the archive: channel_archive, channel_unarchive, or those of groups.
func (s *Server) Archive(channel string, archived bool) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch := s.ws.channel(channel)
	if ch == nil {
		return
	}
	ch.archived = archived
	kind := ch.kind() + "_unarchive"
	if archived {
		kind = ch.kind() + "_archive"
	}
	s.channelEvent(ch, kind, obj{"channel": ch.id, "user": slackbotID})
	s.ws.touch()
}

// SetBotMember puts the app's bot user into a channel, or takes it out: member_joined_channel, and channel_left or
// group_left, since Slack never tells a bot of its own member_left_channel.
func (s *Server) SetBotMember(channel string, member bool) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch := s.ws.channel(channel)
	if ch == nil {
		return
	}
	bot := s.cfg.App.BotUserID
	ch.members = slices.DeleteFunc(slices.Clone(ch.members), func(id string) bool { return id == bot })
	if member {
		ch.members = append(ch.members, bot)
		s.channelEvent(ch, "member_joined_channel", obj{"channel": ch.id, "user": bot, "team": s.cfg.Team.ID,
			"channel_type": strings.ToUpper(ch.kind()[:1])})
	} else {
		s.event(ch.kind()+"_left", obj{"type": ch.kind() + "_left", "channel": ch.id, "event_ts": s.ws.nextTS()})
	}
	s.ws.touch()
}

// RenameChannel gives a channel another name: channel_rename, group_rename.
func (s *Server) RenameChannel(channel, name string) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch := s.ws.channel(channel)
	if ch == nil {
		return
	}
	ch.name = name
	s.channelEvent(ch, ch.kind()+"_rename", obj{"channel": obj{"id": ch.id, "name": name, "name_normalized": name,
		"created": ch.created}})
	s.ws.touch()
}

// SetGroupMembers replaces the members of a user group: subteam_members_changed with who came and who went, and
// subteam_updated with who is there.
func (s *Server) SetGroupMembers(handle string, members ...string) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	i := slices.IndexFunc(s.ws.groups, func(g UserGroup) bool { return g.ID == handle || g.Handle == handle })
	if i < 0 {
		return
	}
	g := &s.ws.groups[i]
	before := g.Members
	g.Members = s.ws.userIDs(members)
	without := func(all, some []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(id string) bool { return slices.Contains(some, id) })
	}
	now := time.Now().Unix()
	s.event("subteam_members_changed", obj{"type": "subteam_members_changed", "subteam_id": g.ID, "team_id": s.cfg.Team.ID,
		"date_previous_update": now, "date_update": now, "added_users": without(g.Members, before),
		"removed_users": without(before, g.Members), "event_ts": s.ws.nextTS()})
	s.event("subteam_updated", obj{"type": "subteam_updated", "event_ts": s.ws.nextTS(), "subteam": obj{"id": g.ID,
		"team_id": s.cfg.Team.ID, "is_usergroup": true, "name": g.Handle, "handle": g.Handle, "date_update": now,
		"date_delete": 0, "users": g.Members, "user_count": len(g.Members)}})
	s.ws.touch()
}

// SetDisplayName changes what a person is called: user_change.
func (s *Server) SetDisplayName(user, name string) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	u := s.ws.user(user)
	if u == nil {
		return
	}
	u.DisplayName = name
	c := &call{Server: s}
	s.event("user_change", obj{"type": "user_change", "user": c.profile(u), "cache_ts": time.Now().Unix(),
		"event_ts": s.ws.nextTS()})
	s.ws.touch()
}

// kind is the word that the names of a channel's events begin with.
func (c *channel) kind() string {
	if c.private {
		return "group"
	}
	return "channel"
}

// channelEvent tells the app of a change of a channel that it is in. The caller holds the workspace's lock.
func (s *Server) channelEvent(ch *channel, kind string, e obj) {
	if !ch.has(s.cfg.App.BotUserID) {
		return
	}
	e["type"], e["event_ts"] = kind, s.ws.nextTS()
	s.event(kind, e)
}
