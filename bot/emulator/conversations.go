package emulator

import "slices"

// conversation is a channel as conversations.info and the lists show it.
func (c *call) conversation(ch *channel) obj {
	kind := ch.kind()
	o := obj{"id": ch.id, "created": ch.created, "is_archived": ch.archived, "is_im": kind == directIM,
		"is_mpim": kind == groupIM, "is_private": kind != publicChannel, "context_team_id": c.cfg.Team.ID,
		"is_org_shared": false, "last_read": ch.lastRead(c.cfg.App.BotUserID)}
	if kind == directIM {
		o["user"], o["is_open"], o["is_user_deleted"] = ch.im, true, false
		return o
	}
	previous := ch.previous
	if previous == nil {
		previous = []string{}
	}
	for k, v := range map[string]any{"name": ch.name, "name_normalized": ch.name, "creator": ch.creator,
		"is_channel": kind == publicChannel, "is_group": kind == privateChannel, "is_general": ch.name == "general",
		"is_shared": false, "is_ext_shared": false, "is_pending_ext_shared": false, "pending_shared": []string{},
		"is_member": ch.has(c.cfg.App.BotUserID), "unlinked": 0, "previous_names": previous, "topic": ch.topic,
		"purpose": ch.purpose} {
		o[k] = v
	}
	if c.method == "conversations.list" || c.bool("include_num_members") {
		o["num_members"] = len(ch.members)
	}
	return o
}

func (c *channel) lastRead(userID string) string {
	if ts := c.read[userID]; ts != "" {
		return ts
	}
	return "0000000000.000000"
}

// scope wants one of the scopes for the kind that a conversation is of.
func (c *call) scope(ch *channel, of ...string) *refusal {
	var needed []string
	for _, x := range of {
		needed = append(needed, ch.scope(x))
	}
	return scoped(needed, c.cfg.App.Scopes)
}

func conversationInfo(c *call, ch *channel) (obj, *refusal) {
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
		types = []string{publicChannel}
	}
	for _, t := range types {
		scope, ok := map[string]string{publicChannel: "channels:read", privateChannel: "groups:read",
			directIM: "im:read", groupIM: "mpim:read"}[t]
		if !ok {
			return nil, refuse("invalid_types")
		}
		if ref := scoped([]string{scope}, c.cfg.App.Scopes); ref != nil {
			return nil, ref
		}
	}
	all := []obj{}
	for _, ch := range c.ws.channels {
		kind := ch.kind()
		hidden := kind != publicChannel && !ch.has(c.cfg.App.BotUserID)
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

func conversationMembers(c *call, ch *channel) (obj, *refusal) {
	return page(c, "members", slices.Clone(ch.members), 100)
}
