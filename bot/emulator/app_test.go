package emulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func TestPeopleMethodsTellOfPeopleAndGroups(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.Team.Emoji = map[string]string{"train": "https://x/train.png"}
		c.UserGroups = []emulator.UserGroup{{Handle: "tech-leads", Name: "Tech leads", Description: "Who decides", Members: []string{"bob"}}}
	})
	w.refuse([]refusal{
		{"users.profile.get", []string{"user", "UNOPE"}, "user_not_found"},
		{"users.getPresence", []string{"user", "UNOPE"}, "user_not_found"},
		{"users.setPresence", []string{"presence", "busy"}, "invalid_presence"},
		{"users.lookupByEmail", []string{"email", "nobody@example.com"}, "users_not_found"},
		{"bots.info", []string{"bot", "BNOPE"}, "bot_not_found"},
		{"team.info", []string{"team", "TNOPE"}, "team_not_found"},
		{"team.profile.get", nil, ""},
	})
	u, err := w.api.GetUserInfo("UBOB")
	w.must(err)
	if u.Name != "bob" || u.TZ != "Europe/Berlin" || u.TZOffset == 0 || u.Deleted || u.IsBot {
		t.Errorf("info: %+v", u)
	}
	p, err := w.api.GetUserProfile(&slack.GetUserProfileParameters{UserID: "UALICE"})
	w.must(err)
	if p.RealName != "alice" || p.Email != "alice@example.com" {
		t.Errorf("profile: %+v", p)
	}
	w.must(w.SetAway("alice", true))
	alice, err := w.api.GetUserPresence("UALICE")
	w.must(err)
	bob, err := w.api.GetUserPresence("UBOB")
	w.must(err)
	if alice.Presence != "away" || bob.Presence != "active" {
		t.Errorf("presence: %+v, %+v", alice, bob)
	}
	w.must(w.api.SetUserPresence("away"))
	if me, err := w.api.GetUserPresence("U0BOT"); err != nil || me.Presence != "away" {
		t.Errorf("own presence: %+v, %v", me, err)
	}
	emoji, err := w.api.GetEmoji()
	w.must(err)
	if emoji["train"] != "https://x/train.png" {
		t.Errorf("emoji: %v", emoji)
	}
	groups, err := w.api.GetUserGroups(slack.GetUserGroupsOptionIncludeCount(true))
	w.must(err)
	if g := groups[0]; g.Name != "Tech leads" || g.Handle != "tech-leads" || g.Description != "Who decides" || g.UserCount != 1 ||
		len(g.Users) != 0 || !g.IsUserGroup || g.DateCreate == 0 {
		t.Errorf("user group: %+v", g)
	}
	mine, _, err := w.api.GetConversationsForUser(&slack.GetConversationsForUserParameters{UserID: "UALICE", ExcludeArchived: true})
	w.must(err)
	if len(mine) != 2 {
		t.Errorf("alice is in %+v", mine)
	}
}

func TestAppMethodsTellOfTeamAndToken(t *testing.T) {
	w := start(t)
	var teams struct{ Teams []struct{ ID, Name string } }
	w.into(&teams, "auth.teams.list")
	if len(teams.Teams) != 1 || teams.Teams[0].ID != "T0LOCAL" {
		t.Errorf("teams: %+v", teams)
	}
	var echo struct{ Args map[string]string }
	w.into(&echo, "api.test", "foo", "bar")
	if echo.Args["foo"] != "bar" {
		t.Errorf("api.test: %+v", echo)
	}
	if a := w.form("api.test", "error", "my_error"); a.Error != "my_error" {
		t.Errorf("api.test with an error: %+v", a)
	}
	if a := w.form("auth.revoke", "test", "1"); !a.Ok {
		t.Errorf("revoke, only tested: %+v", a)
	}
	if a := w.form("auth.test"); !a.Ok {
		t.Errorf("after the test: %+v", a)
	}
	if a := w.form("auth.revoke"); !a.Ok {
		t.Errorf("revoke: %+v", a)
	}
	if a := w.form("auth.test"); a.Error != "token_revoked" {
		t.Errorf("after revoking: %+v", a)
	}
}

// A workflow's step: the app is told of it, and settles it once.
func TestFunctionIsSettledOnce(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.App.Events = []string{"function_executed"} })
	var id string
	f := w.sent(func() error { id = w.ExecuteFunction("deploy", map[string]any{"tag": "v1"}); return nil })
	e := f.Payload["event"].(o)
	if e["function_execution_id"] != id || e["function"].(o)["callback_id"] != "deploy" || e["inputs"].(o)["tag"] != "v1" {
		t.Errorf("event: %v", e)
	}
	other := w.ExecuteFunction("deploy", nil)
	w.refuse([]refusal{
		{"functions.completeSuccess", []string{"function_execution_id", id}, "invalid_arguments"},
		{"functions.completeSuccess", []string{"function_execution_id", "FxNOPE", "outputs", "{}"}, "invalid_arguments"},
		{"functions.completeSuccess", []string{"function_execution_id", id, "outputs", "[]"}, "invalid_arguments"},
		{"functions.completeSuccess", []string{"function_execution_id", id, "outputs", `{"url":"x"}`}, ""},
		{"functions.completeSuccess", []string{"function_execution_id", id, "outputs", `{}`}, "invalid_arguments"},
		{"functions.completeError", []string{"function_execution_id", other, "error", "no such tag"}, ""},
	})
	if x := w.Execution(id); !x.Done || x.Outputs["url"] != "x" {
		t.Errorf("success: %+v", x)
	}
	if x := w.Execution(other); !x.Done || x.Error != "no such tag" {
		t.Errorf("failure: %+v", x)
	}
}

func TestAssistantThreadIsStartedAndDescribed(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.App.Events = []string{"assistant_thread_started"} })
	events := w.stream("UALICE")
	f := w.sent(func() error { _, err := w.StartAssistant("alice"); return err })
	thread := f.Payload["event"].(o)["assistant_thread"].(o)
	id, ts := thread["channel_id"].(string), thread["thread_ts"].(string)
	if thread["user_id"] != "UALICE" {
		t.Errorf("event: %v", thread)
	}
	at := []string{"channel_id", id, "thread_ts", ts}
	w.refuse([]refusal{
		{"assistant.threads.setStatus", at, "invalid_arguments"},
		{"assistant.threads.setStatus", []string{"channel_id", "DNOPE", "thread_ts", ts, "status", "x"}, "channel_not_found"},
		{"assistant.threads.setStatus", []string{"channel_id", id, "thread_ts", "1.000001", "status", "x"}, "thread_not_found"},
		{"assistant.threads.setStatus", append(at, "status", "is thinking"), ""},
		{"assistant.threads.setTitle", append(at, "title", "A deployment"), ""},
		{"assistant.threads.setTitle", at, "invalid_arguments"},
		{"assistant.threads.setSuggestedPrompts", append(at, "prompts", `[]`), "invalid_arguments"},
		{"assistant.threads.setSuggestedPrompts", append(at, "prompts", `[{"title":"Deploy"}]`), "invalid_arguments"},
		{"assistant.threads.setSuggestedPrompts", append(at, "prompts", `[{"title":"Deploy","message":"Deploy web"}]`), ""},
	})
	if e := w.next(events, "assistant_status"); e["status"] != "is thinking" {
		t.Errorf("the page is told %v", e)
	}
}

// Slack remarks on a Content-Type, takes names that arguments can have, and wants tokens of JSON in the header.
func TestContentTypesAreRemarkedOnAsSlackDoes(t *testing.T) {
	w := start(t)
	const form, jsonType = "application/x-www-form-urlencoded", "application/json"
	for _, c := range []struct {
		name, kind, body, word, warning string
	}{
		{"form", form, "token=xoxb-local", "", ""},
		{"form with a charset", form + "; charset=utf-8", "token=xoxb-local", "", "superfluous_charset"},
		{"JSON", jsonType + "; charset=utf-8", "{}", "", ""},
		{"JSON without a charset", jsonType, "{}", "", "missing_charset"},
		{"a refusal without a charset", jsonType, `{"token":"x"}`, "", "missing_charset"},
		{"another charset", jsonType + "; charset=koi8-r", "{}", "invalid_charset", ""},
		{"another type", "application/xml", "<x/>", "invalid_post_type", ""},
		{"no type", "", "x", "missing_post_type", ""},
		{"plain text", "text/plain; charset=utf-8", "x", "", ""},
		{"bad form", form, "%zz", "invalid_form_data", ""},
		{"multipart without a boundary", "multipart/form-data", "x", "invalid_form_data", ""},
		{"an array", form, "users[0]=x", "invalid_array_arg", ""},
		{"a name that is none", form, "a-b=x", "invalid_arg_name", ""},
		{"bad JSON", jsonType + "; charset=utf-8", "{", "invalid_json", ""},
		{"no object", jsonType + "; charset=utf-8", "3", "json_not_object", ""},
	} {
		req, err := http.NewRequestWithContext(w.ctx(), http.MethodPost, w.url+"/api/auth.test", strings.NewReader(c.body))
		w.must(err)
		req.Header["Content-Type"] = []string{c.kind}
		if c.kind == "" {
			req.Header.Del("Content-Type")
		}
		req.Header.Set("Authorization", "Bearer xoxb-local")
		resp, err := http.DefaultClient.Do(req)
		w.must(err)
		var a struct {
			Error, Warning string
			Meta           struct{ Warnings []string } `json:"response_metadata"`
		}
		w.must(json.NewDecoder(resp.Body).Decode(&a))
		_ = resp.Body.Close()
		if a.Error != c.word || a.Warning != c.warning || strings.Join(a.Meta.Warnings, ",") != c.warning {
			t.Errorf("%s: %+v", c.name, a)
		}
	}
	if a := w.call("auth.test", jsonType+"; charset=utf-8", "", strings.NewReader(`{"token":"xoxb-local"}`)); a.Error != "not_authed" {
		t.Errorf("a token in JSON: %+v", a)
	}
	resp, err := http.Get(w.url + "/api/conversations.info?token=xoxb-local&channel=CGENERAL")
	w.must(err)
	defer resp.Body.Close()
	var a answer
	w.must(json.NewDecoder(resp.Body).Decode(&a))
	if !a.Ok || resp.Header.Get("X-OAuth-Scopes") == "" || resp.Header.Get("X-Accepted-OAuth-Scopes") == "" {
		t.Errorf("GET: %+v, %v", a, resp.Header)
	}
	if j := w.form("conversations.join", "channel", "CGENERAL"); !j.Ok {
		t.Fatal(j)
	}
	if b := string(w.body("conversations.join", "channel", "CGENERAL")); !strings.Contains(b, `"warning":"already_in_channel"`) {
		t.Errorf("joined twice: %s", b)
	}
}
