package workspace

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits in characters: of a channel's name, and of a topic or purpose.
const (
	channelNameMax = 80
	NoteMax        = 250
)

var (
	channelName = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}_-]+$`)
	namePart    = regexp.MustCompile(`[\p{L}\p{N}]`)
)

// ChannelNameFault is the word that a channel's name is refused with; empty for a good one that is free.
func (w *Workspace) ChannelNameFault(name string) string {
	switch {
	case name == "":
		return "invalid_name_required"
	case utf8.RuneCountInString(name) > channelNameMax:
		return "invalid_name_maxlength"
	case !channelName.MatchString(name):
		return "invalid_name_specials"
	case !namePart.MatchString(name):
		return "invalid_name_punctuation"
	case slices.ContainsFunc(w.Channels, func(ch *Conversation) bool { return ch.Name == name }):
		return "name_taken"
	}
	return ""
}

// AddChannel adds a new channel to the workspace. The caller holds the workspace's lock.
func (w *Workspace) AddChannel(ch *Conversation, by string) {
	ch.Creator = by
	w.Channels = append(w.Channels, ch)
	w.DirectoryChanged()
	if ch.Private {
		return // nobody outside hears of a private channel
	}
	w.Events.Send("channel_created", obj{"type": "channel_created", "event_ts": w.NextTS(), "channel": obj{
		"id": ch.ID, "name": ch.Name, "name_normalized": ch.Name, "created": ch.Created, "creator": by,
		"is_channel": true, "is_group": false, "is_im": false, "is_mpim": false, "is_private": false,
		"is_archived": false, "is_general": false, "is_shared": false, "is_ext_shared": false, "is_org_shared": false,
		"is_pending_ext_shared": false, "is_frozen": false, "context_team_id": w.Config.Team.ID}})
}

// RenameChannel gives a channel a new name. The caller holds the workspace's lock.
func (w *Workspace) RenameChannel(ch *Conversation, by, name string) {
	old := ch.Name
	ch.Name, ch.PreviousNames = name, append(slices.Clone(ch.PreviousNames), old)
	m := w.PostNotice(ch, by, "name", "has renamed the channel from \""+old+"\" to \""+name+"\"")
	w.Events.TellPosted(ch, m)
	w.DirectoryChanged()
	w.Events.sendAbout(ch, "rename", obj{"channel": obj{"id": ch.ID, "name": name, "name_normalized": name, "created": ch.Created,
		"is_channel": !ch.Private, "is_mpim": false}, "event_ts": m.TS})
}

// SetArchived archives a channel, or takes it out of the archive. The caller holds the workspace's lock.
func (w *Workspace) SetArchived(ch *Conversation, by string, archived bool) {
	what, text := "unarchive", "un-archived the channel"
	if archived {
		what, text = "archive", "archived the channel"
	}
	m := w.PostNotice(ch, by, what, "<@"+by+"> "+text)
	ch.Archived = archived
	w.DirectoryChanged()
	w.Events.TellPosted(ch, m)
	w.Events.sendAbout(ch, what, obj{"channel": ch.ID, "user": by, "event_ts": m.TS})
}

// SetShared connects a channel with another organization, or ends that. The caller holds the workspace's lock.
func (w *Workspace) SetShared(ch *Conversation, shared bool) {
	ch.Shared = shared
	w.DirectoryChanged()
	what := "channel_unshared"
	if shared {
		what = "channel_shared"
	}
	w.Events.Send(what, obj{"type": what, "connected_team_id": "T0OTHER", "channel": ch.ID, "event_ts": w.NextTS()})
}

func emptyChannel(id string) *Conversation {
	return &Conversation{ID: id, Created: time.Now().Unix(), Threads: map[string][]string{}, Unread: map[string]int{},
		Read: map[string]string{}}
}

// AddMember puts somebody into a channel: everybody there reads it, and the app hears of it if it is there or comes in.
// The caller holds the workspace's lock.
func (w *Workspace) AddMember(ch *Conversation, userID, inviter string) {
	ch.Members = append(slices.Clone(ch.Members), userID)
	m := w.AddMessage(ch, &Message{User: userID, Subtype: ch.eventName("join"), Text: "<@" + userID + "> has joined the channel",
		Inviter: inviter}, false)
	e := obj{"type": "member_joined_channel", "user": userID, "channel": ch.ID, "channel_type": kindLetter(ch),
		"team": w.Config.Team.ID, "event_ts": m.TS}
	if inviter != "" {
		e["inviter"] = inviter
	}
	w.Events.TellPosted(ch, m)
	w.Events.sendIn(ch, "member_joined_channel", e)
	w.DirectoryChanged()
}

// RemoveMember takes somebody out of a channel. The caller holds the workspace's lock.
func (w *Workspace) RemoveMember(ch *Conversation, userID, by string) {
	m := w.PostNotice(ch, userID, "leave", "<@"+userID+"> has left the channel")
	if userID == w.Config.App.BotUserID { // which is never told of its own member_left_channel
		w.Events.sendAbout(ch, "left", obj{"channel": ch.ID, "actor_id": by, "event_ts": m.TS})
	} else {
		w.Events.TellPosted(ch, m)
		w.Events.sendIn(ch, "member_left_channel", obj{"type": "member_left_channel", "user": userID, "channel": ch.ID,
			"channel_type": kindLetter(ch), "team": w.Config.Team.ID, "event_ts": m.TS})
	}
	ch.Members = slices.DeleteFunc(slices.Clone(ch.Members), func(id string) bool { return id == userID })
	w.DirectoryChanged()
}

// PostNotice posts what Slack itself says in a channel, such as channel_join, and marks nothing unread by it. The caller
// holds the workspace's lock.
func (w *Workspace) PostNotice(ch *Conversation, userID, what, text string) *Message {
	return w.AddMessage(ch, &Message{User: userID, Subtype: ch.eventName(what), Text: text}, false)
}

// NewChannel makes a channel as c describes it. It is in the workspace after AddChannel.
func (w *Workspace) NewChannel(c Channel) *Conversation {
	ch := emptyChannel(c.ID)
	ch.Name, ch.Private, ch.Archived, ch.Shared, ch.Restricted = strings.TrimPrefix(c.Name, "#"), c.Private, c.Archived, c.Shared, c.Restricted
	if ch.ID == "" {
		ch.ID = idFor("C", ch.Name)
	}
	if c.Members == nil {
		for _, u := range w.Users {
			if !u.Bot {
				ch.Members = append(ch.Members, u.ID)
			}
		}
	} else {
		ch.Members = w.userIDs(c.Members)
	}
	for _, a := range w.Config.Apps() {
		if !c.WithoutBot && !slices.Contains(ch.Members, a.BotUserID) {
			ch.Members = append(ch.Members, a.BotUserID)
		}
	}
	return ch
}

// Channel finds a conversation by id or name, with or without the leading #; nil when there is none.
func (w *Workspace) Channel(key string) *Conversation {
	key = strings.TrimPrefix(key, "#")
	for _, c := range w.Channels {
		if c.ID == key || c.Name == key && c.Kind() != DirectIM {
			return c
		}
	}
	return nil
}
