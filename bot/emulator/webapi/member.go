package webapi

import "github.com/stationmaster/stationmaster/bot/emulator/workspace"

func joinConversation(c *call, ch *workspace.Conversation) (obj, *refusal) {
	bot := c.cfg.App.BotUserID
	switch {
	case ch.Kind() != workspace.PublicChannel:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.Archived:
		return nil, refuse("is_archived")
	case ch.Has(bot):
		c.warn("already_in_channel")
	default:
		c.ws.AddMember(ch, bot, "")
	}
	return obj{"channel": c.conversation(ch)}, nil
}

func leaveConversation(c *call, ch *workspace.Conversation) (obj, *refusal) {
	bot := c.cfg.App.BotUserID
	switch {
	case ch.Kind() == workspace.DirectIM:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.Archived:
		return nil, refuse("is_archived")
	case ch.Name == "general":
		return nil, refuse("cant_leave_general")
	case !ch.Has(bot):
		return obj{"not_in_channel": true}, nil
	case ch.Private && len(ch.Members) == 1:
		return nil, refuse("last_member")
	}
	c.ws.RemoveMember(ch, bot, bot)
	return nil, nil
}

// inviteToConversation invites all or, with force, those whom it can; errors tells of each that it could not.
func inviteToConversation(c *call, ch *workspace.Conversation) (obj, *refusal) {
	ids := c.list("users")
	if len(ids) == 0 {
		return nil, refuse("no_user")
	}
	var fine []string
	wrong := []obj{}
	for _, id := range ids {
		word := ""
		switch u := c.ws.User(id); {
		case u == nil || u.ID != id:
			word = "user_not_found"
		case id == c.cfg.App.BotUserID:
			word = "cant_invite_self"
		case u.Deleted || id == workspace.SlackbotID:
			word = "cant_invite"
		case ch.Has(id):
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
		c.ws.AddMember(ch, id, c.cfg.App.BotUserID)
	}
	out := obj{"channel": c.conversation(ch)}
	if len(wrong) > 0 {
		out["errors"] = wrong
	}
	return out, nil
}

func kickFromConversation(c *call, ch *workspace.Conversation) (obj, *refusal) {
	u := c.ws.User(c.Str("user"))
	switch {
	case c.Str("user") == "":
		return nil, refuse("no_user")
	case u == nil || u.ID != c.Str("user"):
		return nil, refuse("user_not_found")
	case u.ID == c.cfg.App.BotUserID:
		return nil, refuse("cant_kick_self")
	case ch.Name == "general":
		return nil, refuse("cant_kick_from_general")
	case !ch.Has(u.ID):
		return nil, refuse("not_in_channel")
	}
	c.ws.RemoveMember(ch, u.ID, c.cfg.App.BotUserID)
	return obj{"errors": obj{}}, nil
}
