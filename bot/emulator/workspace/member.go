package workspace

import "slices"

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
