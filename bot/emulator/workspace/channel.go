package workspace

import (
	"regexp"
	"slices"
	"unicode/utf8"
)

const channelNameMax = 80 // characters of a channel's name

const NoteMax = 250 // characters of a topic or purpose

var channelName = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}_-]+$`)

var namePart = regexp.MustCompile(`[\p{L}\p{N}]`)

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
