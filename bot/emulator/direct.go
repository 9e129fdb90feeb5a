package emulator

import (
	"slices"
	"strings"
)

// maxGroup is how many people a group message has at most, the app not counted.
const maxGroup = 8

// openConversation opens the direct message with one person, or the group message with several.
func openConversation(c *call) (obj, *refusal) {
	ch, opened, ref := c.opened()
	if ref != nil {
		return nil, ref
	}
	if ref := c.scope(ch, "write"); ref != nil {
		return nil, ref
	}
	out := obj{"channel": obj{"id": ch.id}}
	if c.bool("return_im") {
		out["channel"] = c.conversation(ch)
	}
	if !opened {
		out["no_op"], out["already_open"] = true, true
	}
	return out, nil
}

// opened finds or makes the conversation that a call wants. The caller holds the workspace's lock.
func (c *call) opened() (ch *channel, opened bool, ref *refusal) {
	if id := c.str("channel"); id != "" {
		ch = c.ws.channel(id)
		if ch == nil || ch.kind() != directIM && ch.kind() != groupIM || !ch.has(c.cfg.App.BotUserID) {
			return nil, false, refuse("channel_not_found")
		}
		return ch, false, nil
	}
	ids := slices.Compact(slices.Sorted(slices.Values(c.list("users"))))
	switch {
	case len(ids) == 0:
		return nil, false, refuse("users_list_not_supplied")
	case len(ids) > maxGroup:
		return nil, false, refuse("too_many_users")
	}
	for _, id := range ids {
		switch u := c.ws.user(id); {
		case u == nil || u.ID != id:
			return nil, false, refuse("user_not_found")
		case u.deleted:
			return nil, false, refuse("user_disabled")
		case u.bot:
			return nil, false, refuse("cannot_dm_bot")
		}
	}
	if c.bool("prevent_creation") && !c.ws.talked(ids) {
		return nil, false, refuse("channel_not_found")
	}
	if len(ids) == 1 {
		ch, opened = c.ws.directMessage(ids[0])
		return ch, opened, nil
	}
	ch, opened = c.ws.groupMessage(ids)
	return ch, opened, nil
}

// talked says whether there is a conversation between the app and just these people.
func (w *workspace) talked(userIDs []string) bool {
	return slices.ContainsFunc(w.channels, func(c *channel) bool { return c.among(append(userIDs, w.cfg.App.BotUserID)) })
}

// among says whether a conversation is the direct or group message of just these members.
func (c *channel) among(members []string) bool {
	return (c.kind() == directIM || c.kind() == groupIM) &&
		slices.Equal(slices.Sorted(slices.Values(c.members)), slices.Sorted(slices.Values(members)))
}

// groupMessage is the conversation between the app and several people, opened when it is not there yet.
func (w *workspace) groupMessage(userIDs []string) (ch *channel, opened bool) {
	members := append(slices.Clone(userIDs), w.cfg.App.BotUserID)
	slices.Sort(members)
	names := []string{}
	for _, id := range members {
		names = append(names, w.user(id).Name)
	}
	for _, c := range w.channels {
		if c.among(members) {
			return c, false
		}
	}
	ch = emptyChannel(w.nextID("G"))
	ch.name, ch.private, ch.group = "mpdm-"+strings.Join(names, "--")+"-1", true, true
	ch.members, ch.creator = members, w.cfg.App.BotUserID
	w.channels = append(w.channels, ch)
	return ch, true
}

// closeConversation closes a direct or group message for the app. What was said stays.
func closeConversation(*call, *channel) (obj, *refusal) { return nil, nil }

// markConversation notes up to where the app has read.
func markConversation(c *call, ch *channel) (obj, *refusal) {
	if _, ok := micros(c.str("ts")); !ok {
		return nil, refuse("invalid_timestamp")
	}
	ch.read[c.cfg.App.BotUserID] = c.str("ts")
	return nil, nil
}
