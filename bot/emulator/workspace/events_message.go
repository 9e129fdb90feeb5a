package workspace

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// The caller of each of these holds the workspace's lock; events are sent on their own time.

// TellPosted sends the app the events that a new message calls for, where it is in the channel.
func (ev *Events) TellPosted(ch *Conversation, m *Message) {
	e := obj{"type": "message", "event_ts": m.TS}
	describe(e, m)
	ev.sendIn(ch, messageEvent(ch), located(ch, e))
	if m.BotID != "" || m.Subtype != "" && m.Subtype != "thread_broadcast" && m.Subtype != "file_share" {
		return
	}
	if Mentions(m.Text, ev.cfg.App.BotUserID) && ch.Kind() != DirectIM {
		mention := obj{"event_ts": m.TS}
		describe(mention, m)
		mention["type"], mention["channel"] = "app_mention", ch.ID
		ev.sendIn(ch, "app_mention", mention)
	}
	ev.tellLinks(ch, m)
}

// TellChanged sends message_changed, with the message before and after.
func (ev *Events) TellChanged(ch *Conversation, before, after *Message) {
	ts := ev.ws.NextTS()
	ev.sendIn(ch, messageEvent(ch), located(ch, obj{"type": "message", "subtype": "message_changed", "message": after,
		"previous_message": before, "ts": ts, "event_ts": ts, "hidden": true}))
}

// TellDeleted sends message_deleted.
func (ev *Events) TellDeleted(ch *Conversation, m *Message) {
	ts := ev.ws.NextTS()
	ev.sendIn(ch, messageEvent(ch), located(ch, obj{"type": "message", "subtype": "message_deleted", "deleted_ts": m.TS,
		"previous_message": m, "ts": ts, "event_ts": ts, "hidden": true}))
}

var link = regexp.MustCompile(`https?://[^\s<>|]+`)

// tellLinks sends link_shared for links to domains that the app registered.
func (ev *Events) tellLinks(ch *Conversation, m *Message) {
	links := []obj{}
	for _, l := range link.FindAllString(m.Text, -1) {
		u, err := url.Parse(l)
		if err == nil && slices.ContainsFunc(ev.cfg.App.UnfurlDomains, func(d string) bool {
			return u.Hostname() == d || strings.HasSuffix(u.Hostname(), "."+d)
		}) {
			links = append(links, obj{"url": l, "domain": u.Hostname()})
		}
	}
	if len(links) == 0 {
		return
	}
	e := obj{"type": "link_shared", "channel": ch.ID, "is_bot_user_member": ch.Has(ev.cfg.App.BotUserID), "user": m.User,
		"message_ts": m.TS, "links": links, "source": "conversations_history", "unfurl_id": ch.ID + "-" + m.TS,
		"event_ts": m.TS}
	if m.ThreadTS != "" {
		e["thread_ts"] = m.ThreadTS
	}
	ev.Send("link_shared", e)
}

// messageEvent is what the event of a message is subscribed to by.
func messageEvent(ch *Conversation) string {
	return map[string]string{PublicChannel: "message.channels", PrivateChannel: "message.groups",
		DirectIM: "message.im", GroupIM: "message.mpim"}[ch.Kind()]
}

// located says in an event about a message where it is.
func located(ch *Conversation, e obj) obj {
	e["channel"] = ch.ID
	e["channel_type"] = map[string]string{PublicChannel: "channel", PrivateChannel: "group", DirectIM: "im",
		GroupIM: "mpim"}[ch.Kind()]
	return e
}

// describe copies a message into an event.
func describe(e obj, m *Message) {
	for k, v := range map[string]string{"user": m.User, "bot_id": m.BotID, "app_id": m.AppID, "ts": m.TS,
		"thread_ts": m.ThreadTS, "parent_user_id": m.ParentUserID, "subtype": m.Subtype, "team": m.Team,
		"client_msg_id": m.ClientMsgID, "inviter": m.Inviter, "username": m.Username} {
		if v != "" {
			e[k] = v
		}
	}
	e["text"] = m.Text
	if m.BotProfile != nil {
		e["bot_profile"] = m.BotProfile
	}
	if len(m.Blocks) > 0 {
		e["blocks"] = m.Blocks
	}
	if len(m.Attachments) > 0 {
		e["attachments"] = m.Attachments
	}
	if m.Metadata != nil {
		e["metadata"] = m.Metadata
	}
	if len(m.Files) > 0 {
		e["files"] = m.Files
	}
	if m.Upload {
		e["upload"], e["subtype"] = true, "file_share"
	}
}

// TellPin sends pin_added or pin_removed.
func (ev *Events) TellPin(ch *Conversation, kind string, m *Message, p Pin) {
	e := obj{"type": kind, "user": p.By, "channel_id": ch.ID, "item_user": m.User, "pin_count": len(ch.Pins),
		"item":        PinItem(ch, m, p),
		"pinned_info": obj{"channel": ch.ID, "pinned_by": p.By, "pinned_ts": p.At}, "event_ts": ev.ws.NextTS()}
	if kind == "pin_removed" {
		e["has_pins"] = len(ch.Pins) > 0
	}
	ev.sendIn(ch, kind, e)
	ev.ws.Wake()
}

// PinItem is a pinned message as pins.list and the events show it.
func PinItem(ch *Conversation, m *Message, p Pin) map[string]any {
	return obj{"type": "message", "channel": ch.ID, "created": p.At, "created_by": p.By, "message": m}
}
