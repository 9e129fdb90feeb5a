package emulator_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// refusal is one call and the word that Slack refuses it with; an empty word is an answer with ok.
type refusal struct {
	method string
	args   []string
	want   string
}

// refuse makes the calls in their order.
func (w *fixture) refuse(calls []refusal) {
	w.t.Helper()
	for _, c := range calls {
		if a := w.form(c.method, c.args...); a.Error != c.want {
			w.t.Errorf("%s %.90q: %q, want %q", c.method, c.args, a.Error, c.want)
		}
	}
}

// A channel from its creation to its archive, by the app.
func TestChannelIsMadeChangedAndArchived(t *testing.T) {
	w := start(t)
	ch, err := w.api.CreateConversation(slack.CreateConversationParams{ChannelName: "release-42"})
	w.must(err)
	if !ch.IsMember || ch.Creator != "U0BOT" || ch.Name != "release-42" || !strings.HasPrefix(ch.ID, "C") {
		t.Errorf("created: %+v", ch)
	}
	if _, err = w.api.InviteUsersToConversation(ch.ID, "UALICE", "UBOB"); err != nil {
		t.Errorf("invite: %v", err)
	}
	w.must(w.api.KickUserFromConversation(ch.ID, "UBOB"))
	set, err := w.api.SetTopicOfConversation(ch.ID, "ships <soon>")
	w.must(err)
	if set.Topic.Value != "ships <soon>" || set.Topic.Creator != "U0BOT" || set.Topic.LastSet == 0 {
		t.Errorf("topic: %+v", set.Topic)
	}
	set, err = w.api.SetPurposeOfConversation(ch.ID, "to ship")
	w.must(err)
	renamed, err := w.api.RenameConversation(ch.ID, "release-43")
	w.must(err)
	if set.Purpose.Value != "to ship" || renamed.Name != "release-43" {
		t.Errorf("purpose %+v, renamed %+v", set.Purpose, renamed.Name)
	}
	info, err := w.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: ch.ID, IncludeNumMembers: true})
	w.must(err)
	if info.NumMembers != 2 || info.PreviousNames[0] != "release-42" {
		t.Errorf("info: %+v", info)
	}
	w.must(w.api.ArchiveConversation(ch.ID))
	w.must(w.api.UnArchiveConversation(ch.ID))
	if _, err := w.api.LeaveConversation(ch.ID); err != nil {
		t.Error(err)
	}
	var said []string
	for _, m := range w.Messages(ch.ID) {
		said = append(said, m.Subtype)
	}
	if got := strings.Join(said, " "); got != "channel_join channel_join channel_leave channel_topic channel_purpose channel_name channel_archive channel_unarchive channel_leave" {
		t.Errorf("the channel remarks %q", got)
	}
	var state struct {
		Channels []struct {
			ID     string
			Unread int
		}
	}
	w.get("/page/state?user=UALICE", &state)
	for _, c := range state.Channels {
		if c.Unread != 0 {
			t.Errorf("Slack's remarks are unread in %s", c.ID)
		}
	}
}

func TestChannelMethodsRefuseInSlacksWords(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.Channels = append(c.Channels, emulator.Channel{Name: "lonely", Private: true, Members: []string{}}, emulator.Channel{Name: "read-only", Restricted: "restricted_action_read_only_channel"})
	})
	id, _, _, err := w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{"UALICE"}})
	w.must(err)
	own := w.form("conversations.create", "name", "own")
	if !own.Ok {
		t.Fatal(own)
	}
	here, dm := w.ChannelID(deploys), id.ID
	w.refuse([]refusal{
		{"conversations.create", nil, "invalid_name_required"},
		{"conversations.create", []string{"name", "own"}, "name_taken"},
		{"conversations.create", []string{"name", "Upper"}, "invalid_name_specials"},
		{"conversations.create", []string{"name", "--"}, "invalid_name_punctuation"},
		{"conversations.create", []string{"name", xs(81)}, "invalid_name_maxlength"},
		{"conversations.create", []string{"name", xs(80), "is_private", "true"}, ""},
		{"conversations.rename", []string{"channel", here, "name", "mine"}, "not_authorized"},
		{"conversations.rename", []string{"channel", w.ChannelID("own"), "name", deploys}, "name_taken"},
		{"conversations.rename", []string{"channel", dm, "name", "x"}, "method_not_supported_for_channel_type"},
		{"conversations.archive", []string{"channel", "COLD"}, "already_archived"},
		{"conversations.archive", []string{"channel", "CGENERAL"}, "cant_archive_general"},
		{"conversations.archive", []string{"channel", dm}, "method_not_supported_for_channel_type"},
		{"conversations.unarchive", []string{"channel", here}, "not_archived"},
		{"conversations.setTopic", []string{"channel", here, "topic", xs(251)}, "too_long"},
		{"conversations.setTopic", []string{"channel", here, "topic", xs(250)}, ""},
		{"conversations.setPurpose", []string{"channel", here, "purpose", xs(251)}, "too_long"},
		{"conversations.setPurpose", []string{"channel", "CGENERAL", "purpose", "x"}, "not_in_channel"},
		{"conversations.setTopic", []string{"channel", "COLD", "topic", "x"}, "is_archived"},
		{"conversations.invite", []string{"channel", here}, "no_user"},
		{"conversations.invite", []string{"channel", here, "users", "UNOPE"}, "user_not_found"},
		{"conversations.invite", []string{"channel", here, "users", "U0BOT"}, "cant_invite_self"},
		{"conversations.invite", []string{"channel", here, "users", "UALICE"}, "already_in_channel"},
		{"conversations.invite", []string{"channel", "CGENERAL", "users", "UALICE"}, "not_in_channel"},
		{"conversations.kick", []string{"channel", here}, "no_user"},
		{"conversations.kick", []string{"channel", here, "user", "UNOPE"}, "user_not_found"},
		{"conversations.kick", []string{"channel", here, "user", "U0BOT"}, "cant_kick_self"},
		{"conversations.kick", []string{"channel", w.ChannelID("own"), "user", "UALICE"}, "not_in_channel"},
		{"conversations.leave", []string{"channel", "CLONELY"}, "last_member"},
		{"conversations.leave", []string{"channel", "CGENERAL"}, "cant_leave_general"},
		{"conversations.leave", []string{"channel", dm}, "method_not_supported_for_channel_type"},
		{"conversations.join", []string{"channel", "COLD"}, "is_archived"},
		{"conversations.join", []string{"channel", "CSECRET"}, "channel_not_found"},
		{"conversations.join", []string{"channel", "CLONELY"}, "method_not_supported_for_channel_type"},
		{"conversations.mark", []string{"channel", here, "ts", "soon"}, "invalid_timestamp"},
		{"conversations.mark", []string{"channel", "CGENERAL", "ts", "1.000001"}, "not_in_channel"},
		{"conversations.mark", []string{"channel", here, "ts", "1.000001"}, ""},
		{"conversations.close", []string{"channel", here}, "method_not_supported_for_channel_type"},
		{"conversations.close", []string{"channel", dm}, ""},
		{"conversations.open", nil, "users_list_not_supplied"},
		{"conversations.open", []string{"users", "U0BOT"}, "cannot_dm_bot"},
		{"conversations.open", []string{"users", "UALICE", "prevent_creation", "true"}, ""},
		{"conversations.open", []string{"users", "UBOB", "prevent_creation", "true"}, "channel_not_found"},
		{"conversations.open", []string{"channel", here}, "channel_not_found"},
		{"conversations.info", nil, "invalid_arguments"},
		{"conversations.list", []string{"types", "secret_channel"}, "invalid_types"},
		{"chat.postMessage", []string{"channel", w.ChannelID("read-only"), "text", "x"}, "restricted_action_read_only_channel"},
	})
	if a := w.form("conversations.info"); len(a.Meta.Messages) != 1 || a.Meta.Messages[0] != "[ERROR] missing required field: channel" {
		t.Errorf("without a channel: %+v", a)
	}
	// With force, those who can be invited come, and the others are told of.
	if a := w.form("conversations.invite", "channel", w.ChannelID("own"), "users", "UBOB,UNOPE", "force", "true"); !a.Ok {
		t.Errorf("invite by force: %+v", a)
	}
	members, _, err := w.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: w.ChannelID("own")})
	w.must(err)
	if strings.Join(members, " ") != "U0BOT UBOB" {
		t.Errorf("members: %v", members)
	}
}

// A scope that an app has for one kind of conversation opens no other kind.
func TestScopesOpenOneKindOfChannel(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.App.Scopes = []string{"channels:manage", "channels:read", "channels:history", "mpim:write"}
		c.Channels = append(c.Channels, emulator.Channel{Name: "inner", Private: true})
	})
	for _, c := range []struct {
		method string
		args   []string
		needed string
	}{
		{"conversations.create", []string{"name", "x", "is_private", "true"}, "groups:manage,groups:write"},
		{"conversations.info", []string{"channel", "CINNER"}, "groups:read"},
		{"conversations.history", []string{"channel", "CINNER"}, "groups:history"},
		{"conversations.archive", []string{"channel", "CINNER"}, "groups:manage,groups:write"},
		{"conversations.list", []string{"types", "public_channel,private_channel"}, "groups:read"},
		{"conversations.open", []string{"users", "UALICE"}, "im:write"},
		{"conversations.join", []string{"channel", "CGENERAL"}, "channels:join"},
	} {
		if a := w.form(c.method, c.args...); a.Error != "missing_scope" || a.Needed != c.needed || a.Provided == "" {
			t.Errorf("%s %v: %+v", c.method, c.args, a)
		}
	}
	if a := w.form("conversations.create", "name", "x"); !a.Ok {
		t.Errorf("a public channel: %+v", a)
	}
}

// A message to several people is one conversation, whoever is named first.
func TestGroupMessageIsOneConversation(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.App.Events = []string{"message.mpim"} })
	g, _, _, err := w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{"UBOB", "UALICE"}, ReturnIM: true})
	w.must(err)
	if !g.IsMpIM || !g.IsPrivate || g.Name != "mpdm-stationmaster--alice--bob-1" {
		t.Errorf("group: %+v", g)
	}
	again, noOp, _, err := w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{"UALICE", "UBOB"}})
	w.must(err)
	if again.ID != g.ID || !noOp {
		t.Errorf("opened again: %+v", again)
	}
	if a := w.form("conversations.list", "types", "mpim"); !a.Ok || !strings.Contains(string(w.body("conversations.list", "types", "mpim")), g.ID) {
		t.Errorf("the list lacks it: %+v", a)
	}
	f := w.sent(func() error { _, err := w.Post("bob", g.ID, "hi", ""); return err })
	if e := f.Payload["event"].(o); e["channel_type"] != "mpim" || e["text"] != "hi" || e["client_msg_id"] == "" {
		t.Errorf("event: %v", e)
	}
	if _, err := w.Post("carol", g.ID, "let me in", ""); err == nil {
		t.Error("somebody else writes in it")
	}
}
