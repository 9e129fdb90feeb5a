package workspace

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// EventScopes are the events that there are here, and the scopes of which a bot token needs one for each, if any.
var EventScopes = map[string][]string{
	"app_home_opened": nil, "function_executed": nil,
	"message.channels": {"channels:history"}, "message.groups": {"groups:history"},
	"message.im": {"im:history"}, "message.mpim": {"mpim:history"}, "app_mention": {"app_mentions:read"},
	"reaction_added": {"reactions:read"}, "reaction_removed": {"reactions:read"},
	"pin_added": {"pins:read"}, "pin_removed": {"pins:read"},
	"member_joined_channel": {"channels:read", "groups:read"}, "member_left_channel": {"channels:read", "groups:read"},
	"channel_created": {"channels:read"}, "channel_rename": {"channels:read"}, "channel_archive": {"channels:read"},
	"channel_unarchive": {"channels:read"}, "channel_deleted": {"channels:read"}, "channel_left": {"channels:read"},
	"group_rename": {"groups:read"}, "group_archive": {"groups:read"}, "group_unarchive": {"groups:read"},
	"group_deleted": {"groups:read"}, "group_left": {"groups:read"},
	"user_change": {"users:read"}, "dnd_updated_user": {"dnd:read"}, "team_join": {"users:read"},
	"subteam_created": {"usergroups:read"}, "subteam_updated": {"usergroups:read"},
	"subteam_members_changed": {"usergroups:read"},
	"file_created":            {"files:read"}, "file_shared": {"files:read"}, "file_deleted": {"files:read"},
	"link_shared": {"links:read"}, "assistant_thread_started": {"assistant:write"},
}

// Events is what the app is told of what happens, where it subscribes to it.
type Events struct {
	cfg  Config
	ws   *Workspace
	send func(payload json.RawMessage) // tells the app in the background
}

// OnSend says how events reach the app.
func (ev *Events) OnSend(send func(payload json.RawMessage)) { ev.send = send }

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

// sendIn sends an event about a conversation to an app that is in it.
func (ev *Events) sendIn(ch *Conversation, kind string, e obj) {
	if !ch.Has(ev.cfg.App.BotUserID) || strings.HasPrefix(kind, "member_") && !ev.cfg.App.Granted(ch.Scope("read")) {
		return
	}
	ev.Send(kind, e)
}

// sendAbout sends channel_what or, of a private channel that the app is in, group_what.
func (ev *Events) sendAbout(ch *Conversation, what string, e obj) {
	e["type"] = ch.eventName(what)
	if ch.Private {
		ev.sendIn(ch, ch.eventName(what), e)
		return
	}
	ev.Send(ch.eventName(what), e)
}

// Send sends the app an event that it subscribes to and has a scope for.
func (ev *Events) Send(kind string, e obj) {
	if !slices.Contains(ev.cfg.App.Events, kind) || !AnyScope(EventScopes[kind], ev.cfg.App.Scopes) {
		return
	}
	id := "Ev" + strings.ToUpper(strings.ReplaceAll(NewID(), "-", ""))[:10]
	payload := jsonvalue.Encode(obj{"token": "local", "team_id": ev.cfg.Team.ID, "context_team_id": ev.cfg.Team.ID,
		"context_enterprise_id": nil, "api_app_id": ev.cfg.App.ID, "event": e, "type": "event_callback",
		"event_id": id, "event_time": time.Now().Unix(), "is_ext_shared_channel": false,
		"event_context":  "4-" + base64.RawURLEncoding.EncodeToString(jsonvalue.Encode(obj{"et": kind, "tid": ev.cfg.Team.ID, "aid": ev.cfg.App.ID, "id": id})),
		"authorizations": ev.Authorizations()})
	ev.send(payload)
}

// Authorizations names the installation that an event is for.
func (ev *Events) Authorizations() []obj {
	return []obj{{"team_id": ev.cfg.Team.ID, "user_id": ev.cfg.App.BotUserID, "is_bot": true, "is_enterprise_install": false,
		"enterprise_id": nil}}
}
