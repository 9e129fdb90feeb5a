package emulator

import "slices"

// enter puts somebody into a channel: everybody there reads it, and the app hears of it if it is there or comes in.
// The caller holds the workspace's lock.
func (w *workspace) enter(ch *channel, userID, inviter string) {
	ch.members = append(slices.Clone(ch.members), userID)
	m := w.add(ch, &Message{User: userID, Subtype: ch.word("join"), Text: "<@" + userID + "> has joined the channel",
		Inviter: inviter}, false)
	e := obj{"type": "member_joined_channel", "user": userID, "channel": ch.id, "channel_type": letter(ch),
		"team": w.cfg.Team.ID, "event_ts": m.TS}
	if inviter != "" {
		e["inviter"] = inviter
	}
	w.events.tellApp(ch, m)
	w.events.eventIn(ch, "member_joined_channel", e)
	w.peopleChanged()
}

// exit takes somebody out of a channel. The caller holds the workspace's lock.
func (w *workspace) exit(ch *channel, userID, by string) {
	m := w.remark(ch, userID, "leave", "<@"+userID+"> has left the channel")
	if userID == w.cfg.App.BotUserID { // which is never told of its own member_left_channel
		w.events.eventOf(ch, "left", obj{"channel": ch.id, "actor_id": by, "event_ts": m.TS})
	} else {
		w.events.tellApp(ch, m)
		w.events.eventIn(ch, "member_left_channel", obj{"type": "member_left_channel", "user": userID, "channel": ch.id,
			"channel_type": letter(ch), "team": w.cfg.Team.ID, "event_ts": m.TS})
	}
	ch.members = slices.DeleteFunc(slices.Clone(ch.members), func(id string) bool { return id == userID })
	w.peopleChanged()
}

// remark posts what Slack itself says in a channel, such as channel_join, and marks nothing unread by it. The caller
// holds the workspace's lock.
func (w *workspace) remark(ch *channel, userID, what, text string) *Message {
	return w.add(ch, &Message{User: userID, Subtype: ch.word(what), Text: text}, false)
}

// word makes a name like channel_join or, for private channels, group_join.
func (c *channel) word(what string) string {
	if c.private {
		return "group_" + what
	}
	return "channel_" + what
}

// letter is how events name a kind of channel.
func letter(ch *channel) string {
	if ch.private {
		return "G"
	}
	return "C"
}

func joinConversation(c *call, ch *channel) (obj, *refusal) {
	bot := c.cfg.App.BotUserID
	switch {
	case ch.kind() != publicChannel:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.archived:
		return nil, refuse("is_archived")
	case ch.has(bot):
		c.warn("already_in_channel")
	default:
		c.ws.enter(ch, bot, "")
	}
	return obj{"channel": c.conversation(ch)}, nil
}

func leaveConversation(c *call, ch *channel) (obj, *refusal) {
	bot := c.cfg.App.BotUserID
	switch {
	case ch.kind() == directIM:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.archived:
		return nil, refuse("is_archived")
	case ch.name == "general":
		return nil, refuse("cant_leave_general")
	case !ch.has(bot):
		return obj{"not_in_channel": true}, nil
	case ch.private && len(ch.members) == 1:
		return nil, refuse("last_member")
	}
	c.ws.exit(ch, bot, bot)
	return nil, nil
}

// inviteToConversation invites all or, with force, those whom it can; errors tells of each that it could not.
func inviteToConversation(c *call, ch *channel) (obj, *refusal) {
	ids := c.list("users")
	if len(ids) == 0 {
		return nil, refuse("no_user")
	}
	var fine []string
	wrong := []obj{}
	for _, id := range ids {
		word := ""
		switch u := c.ws.user(id); {
		case u == nil || u.ID != id:
			word = "user_not_found"
		case id == c.cfg.App.BotUserID:
			word = "cant_invite_self"
		case u.deleted || id == slackbotID:
			word = "cant_invite"
		case ch.has(id):
			word = "already_in_channel"
		default:
			fine = append(fine, id)
			continue
		}
		wrong = append(wrong, obj{"user": id, "ok": false, "error": word})
	}
	if len(wrong) > 0 && (!c.bool("force") || len(fine) == 0) {
		return nil, &refusal{wrong[0]["error"].(string), obj{"errors": wrong}}
	}
	for _, id := range fine {
		c.ws.enter(ch, id, c.cfg.App.BotUserID)
	}
	out := obj{"channel": c.conversation(ch)}
	if len(wrong) > 0 {
		out["errors"] = wrong
	}
	return out, nil
}

func kickFromConversation(c *call, ch *channel) (obj, *refusal) {
	u := c.ws.user(c.str("user"))
	switch {
	case c.str("user") == "":
		return nil, refuse("no_user")
	case u == nil || u.ID != c.str("user"):
		return nil, refuse("user_not_found")
	case u.ID == c.cfg.App.BotUserID:
		return nil, refuse("cant_kick_self")
	case ch.name == "general":
		return nil, refuse("cant_kick_from_general")
	case !ch.has(u.ID):
		return nil, refuse("not_in_channel")
	}
	c.ws.exit(ch, u.ID, c.cfg.App.BotUserID)
	return obj{"errors": obj{}}, nil
}
