package workspace

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

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
	"channel_shared": {"channels:read", "groups:read"}, "channel_unshared": {"channels:read", "groups:read"},
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

// sendIn sends an event about a conversation to an app that is in it.
func (ev *Events) sendIn(ch *Conversation, kind string, e obj) {
	if !ch.Has(ev.cfg.App.BotUserID) || strings.HasPrefix(kind, "member_") && !Granted(ev.cfg.App, ch.Scope("read")) {
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
		"event_id": id, "event_time": ev.cfg.Now().Unix(), "is_ext_shared_channel": false,
		"event_context":  "4-" + base64.RawURLEncoding.EncodeToString(jsonvalue.Encode(obj{"et": kind, "tid": ev.cfg.Team.ID, "aid": ev.cfg.App.ID, "id": id})),
		"authorizations": ev.Authorizations()})
	ev.send(payload)
}

// Authorizations names the installation that an event is for.
func (ev *Events) Authorizations() []map[string]any {
	return []obj{{"team_id": ev.cfg.Team.ID, "user_id": ev.cfg.App.BotUserID, "is_bot": true, "is_enterprise_install": false,
		"enterprise_id": nil}}
}
