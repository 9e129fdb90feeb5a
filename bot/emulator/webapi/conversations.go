package webapi

import (
	"slices"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// conversation is a channel as conversations.info and the lists show it.
func (c *call) conversation(ch *workspace.Conversation) obj {
	kind := ch.Kind()
	o := obj{"id": ch.ID, "created": ch.Created, "is_archived": ch.Archived, "is_im": kind == workspace.DirectIM,
		"is_mpim": kind == workspace.GroupIM, "is_private": kind != workspace.PublicChannel, "context_team_id": c.cfg.Team.ID,
		"is_org_shared": false, "last_read": lastRead(ch, c.cfg.App.BotUserID)}
	if kind == workspace.DirectIM {
		o["user"], o["is_open"], o["is_user_deleted"] = ch.DirectWith, true, false
		return o
	}
	previous := ch.PreviousNames
	if previous == nil {
		previous = []string{}
	}
	for k, v := range map[string]any{"name": ch.Name, "name_normalized": ch.Name, "creator": ch.Creator,
		"is_channel": kind == workspace.PublicChannel, "is_group": kind == workspace.PrivateChannel, "is_general": ch.Name == "general",
		"is_shared": ch.Shared, "is_ext_shared": ch.Shared, "is_pending_ext_shared": false, "pending_shared": []string{},
		"is_member": ch.Has(c.cfg.App.BotUserID), "unlinked": 0, "previous_names": previous, "topic": ch.Topic,
		"purpose": ch.Purpose} {
		o[k] = v
	}
	if c.method == "conversations.list" || c.bool("include_num_members") {
		o["num_members"] = len(ch.Members)
	}
	return o
}

func lastRead(c *workspace.Conversation, userID string) string {
	if ts := c.Read[userID]; ts != "" {
		return ts
	}
	return "0000000000.000000"
}

// scope wants one of the scopes for the kind that a conversation is of.
func (c *call) scope(ch *workspace.Conversation, of ...string) *Failure {
	var needed []string
	for _, x := range of {
		needed = append(needed, ch.Scope(x))
	}
	return scoped(needed, c.cfg.App.Scopes)
}

func conversationInfo(c *call, ch *workspace.Conversation) (obj, *Failure) {
	return obj{"channel": c.conversation(ch)}, nil
}

func conversationList(c *call) (obj, *Failure) {
	return c.listChannels(func(*workspace.Conversation) bool { return true })
}

func userConversations(c *call) (obj, *Failure) {
	who := c.Str("user")
	if who == "" {
		who = c.cfg.App.BotUserID
	}
	return c.listChannels(func(ch *workspace.Conversation) bool { return ch.Has(who) })
}

// listChannels pages through the conversations that the app may know of.
func (c *call) listChannels(want func(*workspace.Conversation) bool) (obj, *Failure) {
	types := c.list("types")
	if len(types) == 0 {
		types = []string{workspace.PublicChannel}
	}
	for _, t := range types {
		scope, ok := map[string]string{workspace.PublicChannel: "channels:read", workspace.PrivateChannel: "groups:read",
			workspace.DirectIM: "im:read", workspace.GroupIM: "mpim:read"}[t]
		if !ok {
			return nil, refuse("invalid_types")
		}
		if ref := scoped([]string{scope}, c.cfg.App.Scopes); ref != nil {
			return nil, ref
		}
	}
	all := []obj{}
	for _, ch := range c.ws.Channels {
		kind := ch.Kind()
		hidden := kind != workspace.PublicChannel && !ch.Has(c.cfg.App.BotUserID)
		if hidden || !slices.Contains(types, kind) || ch.Archived && c.bool("exclude_archived") || !want(ch) {
			continue
		}
		all = append(all, c.conversation(ch))
	}
	return page(c, "channels", all, 100)
}

// page cuts one page out of a whole list, as limit and cursor ask.
func page[T any](c *call, field string, all []T, def int) (obj, *Failure) {
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

func conversationMembers(c *call, ch *workspace.Conversation) (obj, *Failure) {
	return page(c, "members", slices.Clone(ch.Members), 100)
}
