package emulator

import (
	"slices"
)

// conversation is a channel as conversations.info and the lists show it.
func (c *call) conversation(ch *channel) obj {
	bot := c.cfg.App.BotUserID
	o := obj{"id": ch.id, "created": ch.created, "is_archived": ch.archived, "is_im": ch.im != "",
		"is_mpim": false, "is_private": ch.private || ch.im != "", "context_team_id": c.cfg.Team.ID}
	if ch.im != "" {
		o["user"], o["is_open"], o["is_user_deleted"] = ch.im, true, false
		return o
	}
	o["name"], o["name_normalized"] = ch.name, ch.name
	o["is_channel"], o["is_group"] = !ch.private, ch.private
	o["is_general"], o["is_shared"] = ch.name == "general", false
	o["is_member"], o["num_members"] = ch.has(bot), len(ch.members)
	o["topic"] = obj{"value": "", "creator": "", "last_set": 0}
	o["purpose"] = obj{"value": "", "creator": "", "last_set": 0}
	return o
}

// known finds a conversation that the app may know of. The caller holds the workspace's lock.
func (c *call) known() (*channel, *refusal) {
	ch := c.ws.channel(c.str("channel"))
	if ch == nil || ch.id != c.str("channel") || ch.private && !ch.has(c.cfg.App.BotUserID) {
		return nil, refuse("channel_not_found")
	}
	if !slices.Contains(c.cfg.App.Scopes, readScope(ch)) {
		return nil, scoped([]string{readScope(ch)}, c.cfg.App.Scopes)
	}
	return ch, nil
}

func readScope(ch *channel) string {
	switch {
	case ch.im != "":
		return "im:read"
	case ch.private:
		return "groups:read"
	}
	return "channels:read"
}

func conversationInfo(c *call) (obj, *refusal) {
	c.ws.mu.Lock()
	defer c.ws.mu.Unlock()
	ch, ref := c.known()
	if ref != nil {
		return nil, ref
	}
	return obj{"channel": c.conversation(ch)}, nil
}

func conversationList(c *call) (obj, *refusal) {
	return c.listChannels(func(*channel) bool { return true })
}

func userConversations(c *call) (obj, *refusal) {
	who := c.str("user")
	if who == "" {
		who = c.cfg.App.BotUserID
	}
	return c.listChannels(func(ch *channel) bool { return ch.has(who) })
}

// listChannels pages through the conversations that the app may know of.
func (c *call) listChannels(want func(*channel) bool) (obj, *refusal) {
	types := c.list("types")
	if len(types) == 0 {
		types = []string{"public_channel"}
	}
	for _, t := range types {
		scope, ok := map[string]string{"public_channel": "channels:read", "private_channel": "groups:read",
			"im": "im:read", "mpim": "mpim:read"}[t]
		if !ok {
			return nil, refuse("invalid_types")
		}
		if ref := scoped([]string{scope}, c.cfg.App.Scopes); ref != nil {
			return nil, ref
		}
	}
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	all := []obj{}
	for _, ch := range w.channels {
		kind := "public_channel"
		if ch.im != "" {
			kind = "im"
		} else if ch.private {
			kind = "private_channel"
		}
		hidden := kind != "public_channel" && !ch.has(c.cfg.App.BotUserID)
		if hidden || !slices.Contains(types, kind) || ch.archived && c.bool("exclude_archived") || !want(ch) {
			continue
		}
		all = append(all, c.conversation(ch))
	}
	return page(c, "channels", all, 100)
}

// page cuts one page out of a whole list, as limit and cursor ask.
func page[T any](c *call, field string, all []T, def int) (obj, *refusal) {
	limit, ok := c.integer("limit", def)
	if !ok || limit < 0 || limit > 1000 {
		return nil, refuse("invalid_limit")
	}
	if limit == 0 {
		limit = def
	}
	from, ref := c.cursor("from:", 0)
	if ref != nil {
		return nil, ref
	}
	start := min(int(from), len(all))
	end := min(start+limit, len(all))
	next := ""
	if end < len(all) {
		next = cursorOf("from:", int64(end))
	}
	return obj{field: all[start:end], "response_metadata": obj{"next_cursor": next}}, nil
}

func conversationMembers(c *call) (obj, *refusal) {
	c.ws.mu.Lock()
	defer c.ws.mu.Unlock()
	ch, ref := c.known()
	if ref != nil {
		return nil, ref
	}
	return page(c, "members", slices.Clone(ch.members), 100)
}

func joinConversation(c *call) (obj, *refusal) {
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	ch, ref := c.known()
	if ref != nil {
		return nil, ref
	}
	bot := c.cfg.App.BotUserID
	switch {
	case ch.im != "" || ch.private:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.archived:
		return nil, refuse("is_archived")
	case ch.has(bot):
		return obj{"channel": c.conversation(ch), "warning": "already_in_channel",
			"response_metadata": obj{"warnings": []string{"already_in_channel"}}}, nil
	}
	ch.members = append(slices.Clone(ch.members), bot)
	w.touch()
	return obj{"channel": c.conversation(ch)}, nil
}

// openConversation opens the direct message with one person. Group messages are not kept here.
func openConversation(c *call) (obj, *refusal) {
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	var ch *channel
	opened := false
	if id := c.str("channel"); id != "" {
		if ch = w.channel(id); ch == nil || ch.im == "" {
			return nil, refuse("channel_not_found")
		}
	} else {
		ids := c.list("users")
		if len(ids) == 0 {
			return nil, refuse("users_list_not_supplied")
		}
		u := w.user(ids[0])
		switch {
		case len(ids) > 1:
			return nil, refuse("not_enough_users")
		case u == nil || u.ID != ids[0]:
			return nil, refuse("user_not_found")
		case u.bot:
			return nil, refuse("cannot_dm_bot")
		}
		ch, opened = w.directMessage(u.ID)
	}
	if c.bool("return_im") {
		return obj{"channel": c.conversation(ch), "no_op": !opened, "already_open": !opened}, nil
	}
	return obj{"channel": obj{"id": ch.id}, "no_op": !opened, "already_open": !opened}, nil
}
