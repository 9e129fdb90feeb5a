package workspace

import "slices"

// Enter puts somebody into a channel: everybody there reads it, and the app hears of it if it is there or comes in.
// The caller holds the workspace's lock.
func (w *Workspace) Enter(ch *Conversation, userID, inviter string) {
	ch.Members = append(slices.Clone(ch.Members), userID)
	m := w.Add(ch, &Message{User: userID, Subtype: ch.word("join"), Text: "<@" + userID + "> has joined the channel",
		Inviter: inviter}, false)
	e := obj{"type": "member_joined_channel", "user": userID, "channel": ch.ID, "channel_type": letter(ch),
		"team": w.Cfg.Team.ID, "event_ts": m.TS}
	if inviter != "" {
		e["inviter"] = inviter
	}
	w.Events.TellApp(ch, m)
	w.Events.eventIn(ch, "member_joined_channel", e)
	w.PeopleChanged()
}

// Exit takes somebody out of a channel. The caller holds the workspace's lock.
func (w *Workspace) Exit(ch *Conversation, userID, by string) {
	m := w.Remark(ch, userID, "leave", "<@"+userID+"> has left the channel")
	if userID == w.Cfg.App.BotUserID { // which is never told of its own member_left_channel
		w.Events.eventOf(ch, "left", obj{"channel": ch.ID, "actor_id": by, "event_ts": m.TS})
	} else {
		w.Events.TellApp(ch, m)
		w.Events.eventIn(ch, "member_left_channel", obj{"type": "member_left_channel", "user": userID, "channel": ch.ID,
			"channel_type": letter(ch), "team": w.Cfg.Team.ID, "event_ts": m.TS})
	}
	ch.Members = slices.DeleteFunc(slices.Clone(ch.Members), func(id string) bool { return id == userID })
	w.PeopleChanged()
}

// Remark posts what Slack itself says in a channel, such as channel_join, and marks nothing unread by it. The caller
// holds the workspace's lock.
func (w *Workspace) Remark(ch *Conversation, userID, what, text string) *Message {
	return w.Add(ch, &Message{User: userID, Subtype: ch.word(what), Text: text}, false)
}
