package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// everyEvent subscribes the app to everything.
func everyEvent(c *emulator.Config) { c.App.Events = emulator.EveryEvent() }

// An eventReader collects the app's events by their type and subtype.
type eventReader struct {
	w *fixture
	c *websocket.Conn
}

func (w *fixture) listen() *eventReader {
	w.t.Helper()
	e := &eventReader{w, w.dial()}
	w.read(e.c)
	return e
}

// hear does something and wants exactly these events of it, in any order; it gives them.
func (e *eventReader) hear(what string, do func() error, want ...string) map[string]o {
	e.w.t.Helper()
	e.w.must(do())
	got := map[string]o{}
	for range want {
		f := e.w.read(e.c)
		e.w.must(wsjson.Write(e.w.ctx(), e.c, o{"envelope_id": f.ID}))
		ev := f.Payload["event"].(o)
		name := ev["type"].(string)
		if sub, ok := ev["subtype"].(string); ok {
			name += "/" + sub
		}
		got[name] = ev
	}
	for _, name := range want {
		if got[name] == nil {
			e.w.t.Errorf("%s: no %s among %v", what, name, got)
			got[name] = o{}
		}
	}
	return got
}

// What people do, and what Slack tells the app of it.
func TestEventsTellWhatPeopleDo(t *testing.T) {
	w := start(t, everyEvent)
	e := w.listen()
	id, ts := w.ChannelID(deploys), ""
	e.hear("post", func() (err error) { ts, err = w.Post("alice", deploys, "hi <@U0BOT> @stationmaster", ""); return err }, "message", "app_mention")
	got := e.hear("edit", func() error { return w.Edit("alice", deploys, ts, "ho") }, "message/message_changed")
	if m := got["message/message_changed"]; m["message"].(o)["text"] != "ho" || m["previous_message"].(o)["text"] == "ho" || m["hidden"] != true || m["channel"] != id {
		t.Errorf("edit: %v", m)
	}
	got = e.hear("react", func() error { return w.React("bob", deploys, ts, "eyes", true) }, "reaction_added")
	if r := got["reaction_added"]; r["reaction"] != "eyes" || r["user"] != "UBOB" || r["item_user"] != "UALICE" || r["item"].(o)["ts"] != ts {
		t.Errorf("reaction: %v", r)
	}
	e.hear("unreact", func() error { return w.React("bob", deploys, ts, "eyes", false) }, "reaction_removed")
	got = e.hear("delete", func() error { return w.Delete("alice", deploys, ts) }, "message/message_deleted")
	if m := got["message/message_deleted"]; m["deleted_ts"] != ts {
		t.Errorf("delete: %v", m)
	}
	got = e.hear("leave", func() error { return w.Leave("carol", deploys) }, "message/channel_leave", "member_left_channel")
	if m := got["member_left_channel"]; m["user"] != "UCAROL" || m["channel_type"] != "C" || m["team"] != "T0LOCAL" {
		t.Errorf("left: %v", m)
	}
	e.hear("join", func() error { return w.Join("carol", deploys) }, "message/channel_join", "member_joined_channel")
	got = e.hear("rename", func() error { return w.RenameChannel(deploys, "tangerine-ships") }, "message/channel_name", "channel_rename")
	if c := got["channel_rename"]["channel"].(o); c["id"] != id || c["name"] != "tangerine-ships" {
		t.Errorf("rename: %v", c)
	}
	archive := func(on bool) func() error {
		return func() error { w.Archive(id, on); return nil }
	}
	e.hear("archive", archive(true), "message/channel_archive", "channel_archive")
	e.hear("unarchive", archive(false), "message/channel_unarchive", "channel_unarchive")
	got = e.hear("create", func() error {
		_, err := w.CreateChannel("alice", emulator.Channel{Name: "new", WithoutBot: true})
		return err
	}, "channel_created")
	if c := got["channel_created"]["channel"].(o); c["name"] != "new" || c["creator"] != "UALICE" {
		t.Errorf("created: %v", c)
	}
	member := func(on bool) func() error {
		return func() error { w.SetBotMember("new", on); return nil }
	}
	got = e.hear("the app is invited", member(true), "message/channel_join", "member_joined_channel")
	if m := got["member_joined_channel"]; m["user"] != "U0BOT" || m["inviter"] != "UALICE" {
		t.Errorf("invited: %v", m)
	}
	e.hear("the app is removed", member(false), "channel_left")
	e.hear("delete the channel", func() error { return w.DeleteChannel("new") }, "channel_deleted")
}

// A private channel's events go to an app that is in it, under their own names.
func TestEventsOfPrivateChannelsHaveTheirOwnNames(t *testing.T) {
	w := start(t, everyEvent, func(c *emulator.Config) {
		c.Channels = append(c.Channels, emulator.Channel{Name: "inner", Private: true})
	})
	e := w.listen()
	_, err := w.Post("alice", "secret", "the app is not here", "")
	w.must(err)
	w.must(w.RenameChannel("secret", "still-secret"))
	got := e.hear("post", func() error { _, err := w.Post("alice", "inner", "hi", ""); return err }, "message")
	if got["message"]["channel_type"] != "group" || got["message"]["text"] != "hi" {
		t.Errorf("message: %v", got["message"])
	}
	e.hear("rename", func() error { return w.RenameChannel("inner", "inmost") }, "message/group_name", "group_rename")
	archive := func(on bool) func() error {
		return func() error { w.Archive("inmost", on); return nil }
	}
	e.hear("archive", archive(true), "message/group_archive", "group_archive")
	e.hear("unarchive", archive(false), "message/group_unarchive", "group_unarchive")
	got = e.hear("leave", func() error { return w.Leave("bob", "inmost") }, "message/group_leave", "member_left_channel")
	if got["member_left_channel"]["channel_type"] != "G" {
		t.Errorf("left: %v", got)
	}
	e.hear("the app is removed", func() error { w.SetBotMember("inmost", false); return nil }, "group_left")
	got = e.hear("direct message", func() error {
		w.OpenMessages("alice")
		_, err := w.Post("alice", w.DirectID("alice"), "psst", "")
		return err
	}, "app_home_opened", "message")
	if got["message"]["channel_type"] != "im" {
		t.Errorf("direct message: %v", got["message"])
	}
}

func TestEventsTellOfPeopleAndGroups(t *testing.T) {
	w := start(t, everyEvent)
	e := w.listen()
	got := e.hear("new name", func() error { return w.ChangeUser("alice", emulator.User{DisplayName: "Al", TZ: "Asia/Tokyo"}) }, "user_change")
	if u := got["user_change"]["user"].(o); u["profile"].(o)["display_name"] != "Al" || u["tz"] != "Asia/Tokyo" || u["name"] != "alice" {
		t.Errorf("changed: %v", u)
	}
	e.hear("no display name", func() error { return w.SetDisplayName("alice", "") }, "user_change")
	got = e.hear("gone", func() error { return w.DeactivateUser("bob", true) }, "user_change")
	if got["user_change"]["user"].(o)["deleted"] != true {
		t.Errorf("deactivated: %v", got)
	}
	w.refuse([]refusal{{"conversations.open", []string{"users", "UBOB"}, "user_disabled"}})
	got = e.hear("newcomer", func() error { _, err := w.AddUser(emulator.User{Name: "dave", Email: "dave@example.com"}); return err }, "team_join")
	if got["team_join"]["user"].(o)["id"] != "UDAVE" {
		t.Errorf("joined: %v", got)
	}
	got = e.hear("group", func() error {
		_, err := w.AddUserGroup(emulator.UserGroup{Handle: "crew", Members: []string{"alice"}})
		return err
	}, "subteam_created")
	if g := got["subteam_created"]["subteam"].(o); g["handle"] != "crew" || g["users"].(l)[0] != "UALICE" {
		t.Errorf("group: %v", g)
	}
	got = e.hear("members", func() error { return w.SetGroupMembers("crew", "carol", "dave") }, "subteam_updated", "subteam_members_changed")
	if m := got["subteam_members_changed"]; m["added_users_count"] != 2.0 || m["removed_users"].(l)[0] != "UALICE" {
		t.Errorf("members: %v", m)
	}
	got = e.hear("handle", func() error { return w.SetUserGroup("crew", emulator.UserGroup{Handle: "staff", Name: "Staff"}) }, "subteam_updated")
	if got["subteam_updated"]["subteam"].(o)["handle"] != "staff" {
		t.Errorf("renamed: %v", got)
	}
}

// What is taken away: a pin, a file, a private channel.
func TestEventsTellWhatIsTakenAway(t *testing.T) {
	w := start(t, everyEvent, func(c *emulator.Config) {
		c.Channels = append(c.Channels, emulator.Channel{Name: "inner", Private: true})
	})
	e := w.listen()
	id, ts := w.ChannelID(deploys), ""
	e.hear("post", func() (err error) { ts, err = w.Post("alice", deploys, "keep this", ""); return err }, "message")
	item := slack.NewRefToMessage(id, ts)
	e.hear("pin", func() error { return w.api.AddPin(id, item) }, "pin_added")
	got := e.hear("unpin", func() error { return w.api.RemovePin(id, item) }, "pin_removed")
	if p := got["pin_removed"]; p["channel_id"] != id || p["user"] != "U0BOT" || p["has_pins"] != false || p["item"].(o)["message"].(o)["ts"] != ts {
		t.Errorf("unpinned: %v", p)
	}
	file := ""
	e.hear("upload", func() error {
		f, err := w.api.UploadFile(slack.UploadFileParameters{Filename: "log.txt", FileSize: 5, Content: "hello", Channel: id})
		if err == nil {
			file = f.ID
		}
		return err
	}, "file_created", "file_shared", "message/file_share")
	got = e.hear("delete the file", func() error { return w.api.DeleteFile(file) }, "file_deleted", "message/message_changed")
	if f := got["file_deleted"]; f["file_id"] != file || f["channel_ids"].(l)[0] != id {
		t.Errorf("deleted: %v", f)
	}
	inner := w.ChannelID("inner")
	got = e.hear("delete the channel", func() error { return w.DeleteChannel("inner") }, "group_deleted")
	if got["group_deleted"]["channel"] != inner {
		t.Errorf("deleted: %v", got)
	}
}

// What wraps an event, and that nothing comes which the app does not subscribe to or has no scope for.
func TestEventsComeOnlyWhereSubscribedAndScoped(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.App.Events = []string{"message.channels", "reaction_added", "pin_added"}
		c.App.Scopes = []string{"channels:history", "chat:write", "pins:write", "pins:read"}
	})
	e := w.listen()
	ts, err := w.Post("alice", deploys, "first", "")
	w.must(err)
	f := w.read(e.c)
	w.must(wsjson.Write(w.ctx(), e.c, o{"envelope_id": f.ID}))
	p := f.Payload
	auth := p["authorizations"].(l)[0].(o)
	if p["type"] != "event_callback" || p["api_app_id"] != "A0LOCAL" || p["team_id"] != "T0LOCAL" || auth["user_id"] != "U0BOT" || auth["is_bot"] != true ||
		!strings.HasPrefix(p["event_id"].(string), "Ev") || time.Since(time.Unix(int64(p["event_time"].(float64)), 0)) > time.Minute || f.Answers || f.Attempt != 0 || f.Why != "" {
		t.Errorf("envelope: %+v", f)
	}
	w.must(w.React("bob", deploys, ts, "eyes", true)) // no reactions:read
	w.must(w.RenameChannel("general", "all"))         // not subscribed to
	e.hear("pin", func() error {
		w.refuse([]refusal{{"pins.add", []string{"channel", w.ChannelID(deploys), "timestamp", ts}, ""}})
		return nil
	}, "pin_added")
	var list answer
	list = w.call("apps.event.authorizations.list?event_context="+p["event_context"].(string), "", "xapp-local", nil)
	if !list.Ok {
		t.Errorf("authorizations: %+v", list)
	}
	if list = w.call("apps.event.authorizations.list?event_context=x", "", "xapp-local", nil); list.Error != "invalid_event_context" {
		t.Errorf("authorizations of nothing: %+v", list)
	}
}

// The same by the endpoints for another process and for the page.
func TestPeopleEndpointsTellTheSameEvents(t *testing.T) {
	w := start(t, everyEvent)
	ts, err := w.Post("alice", deploys, "hi", "")
	w.must(err)
	at := o{"user": "UALICE", "channel": deploys, "ts": ts}
	for _, c := range []struct {
		path string
		in   o
		ok   bool
	}{
		{"/control/react", with(at, "name", "eyes", "on", true), true},
		{"/control/react", with(at, "name", "NO EMOJI", "on", true), false},
		{"/control/edit", with(at, "text", "ho"), true},
		{"/control/edit", with(at, "text", " "), false},
		{"/control/edit", with(at, "user", "UBOB", "text", "ho"), false},
		{"/control/delete", with(at, "user", "UBOB"), false},
		{"/control/delete", at, true},
		{"/control/join", o{"user": "alice", "channel": "old"}, false},
		{"/control/join", o{"user": "alice", "channel": deploys}, true},
		{"/control/leave", o{"user": "alice", "channel": deploys}, true},
		{"/control/leave", o{"user": "alice", "channel": deploys}, false},
		{"/page/join", o{"user": "alice", "channel": deploys}, true},
		{"/page/leave", o{"user": "alice", "channel": deploys}, true},
		{"/control/create_channel", o{"user": "alice", "name": "made"}, true},
		{"/control/create_channel", o{"user": "alice", "name": "Made"}, false},
		{"/control/rename_channel", o{"channel": "made", "text": "remade"}, true},
		{"/control/rename_channel", o{"channel": "made", "text": "x"}, false},
		{"/control/delete_channel", o{"channel": "remade"}, true},
		{"/control/delete_channel", o{"channel": "remade"}, false},
		{"/control/add_user", o{"name": "erin"}, true},
		{"/control/add_user", o{"name": "erin"}, false},
		{"/control/change_user", o{"user": "erin", "displayname": "E."}, true},
		{"/control/display_name", o{"user": "erin", "text": ""}, true},
		{"/control/deactivate_user", o{"user": "erin", "on": true}, true},
		{"/control/away", o{"user": "bob", "on": true}, true},
		{"/control/away", o{"user": "nobody"}, false},
		{"/control/add_user_group", o{"handle": "crew", "members": l{"bob"}}, true},
		{"/control/add_user_group", o{"handle": "crew"}, false},
		{"/control/set_user_group", o{"group": "crew", "handle": "staff"}, true},
		{"/control/group_members", o{"group": "staff", "users": l{"carol"}}, true},
		{"/control/group_members", o{"group": "nobody", "users": l{}}, false},
		{"/control/share", o{"user": "bob", "channel": deploys, "name": "a.txt", "content": "x"}, true},
		{"/control/start_assistant", o{"user": "bob"}, true},
		{"/control/execute_function", o{"name": "deploy"}, true},
		{"/control/execution", o{"id": "FxNOPE"}, true},
	} {
		var out outcome
		if w.ask(c.path, c.in, &out); out.OK != c.ok || c.ok == (out.Error != "") {
			t.Errorf("%s %v: %+v", c.path, c.in, out)
		}
	}
}
