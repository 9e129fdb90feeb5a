package webapi

import (
	"slices"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// groupSizeMax is how many people a group message has at most, the app not counted.
const groupSizeMax = 8

// openConversation opens the direct message with one person, or the group message with several.
func openConversation(c *call) (obj, *Failure) {
	ch, opened, ref := c.openedChannel()
	if ref != nil {
		return nil, ref
	}
	if ref := c.scope(ch, "write"); ref != nil {
		return nil, ref
	}
	out := obj{"channel": obj{"id": ch.ID}}
	if c.bool("return_im") {
		out["channel"] = c.conversation(ch)
	}
	if !opened {
		out["no_op"], out["already_open"] = true, true
	}
	return out, nil
}

// openedChannel finds or makes the conversation that a call wants. The caller holds the workspace's lock.
func (c *call) openedChannel() (ch *workspace.Conversation, opened bool, ref *Failure) {
	if id := c.Str("channel"); id != "" {
		ch = c.ws.Channel(id)
		if ch == nil || ch.Kind() != workspace.DirectIM && ch.Kind() != workspace.GroupIM || !ch.Has(c.cfg.App.BotUserID) {
			return nil, false, refuse("channel_not_found")
		}
		return ch, false, nil
	}
	ids := slices.Compact(slices.Sorted(slices.Values(c.list("users"))))
	switch {
	case len(ids) == 0:
		return nil, false, refuse("users_list_not_supplied")
	case len(ids) > groupSizeMax:
		return nil, false, refuse("too_many_users")
	}
	for _, id := range ids {
		switch u := c.ws.User(id); {
		case u == nil || u.ID != id:
			return nil, false, refuse("user_not_found")
		case u.Deleted:
			return nil, false, refuse("user_disabled")
		case u.Bot:
			return nil, false, refuse("cannot_dm_bot")
		}
	}
	if c.bool("prevent_creation") && !c.ws.HasDirectMessage(ids) {
		return nil, false, refuse("channel_not_found")
	}
	if len(ids) == 1 {
		ch, opened = c.ws.DirectMessage(ids[0])
		return ch, opened, nil
	}
	ch, opened = c.ws.GroupMessage(ids)
	return ch, opened, nil
}

// closeConversation closes a direct or group message for the app. What was said stays.
func closeConversation(*call, *workspace.Conversation) (obj, *Failure) { return nil, nil }

// markConversation notes up to where the app has read.
func markConversation(c *call, ch *workspace.Conversation) (obj, *Failure) {
	if _, ok := workspace.Micros(c.Str("ts")); !ok {
		return nil, refuse("invalid_timestamp")
	}
	ch.Read[c.cfg.App.BotUserID] = c.Str("ts")
	return nil, nil
}
