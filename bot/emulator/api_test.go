package emulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

type answer struct {
	Ok       bool
	Error    string
	Needed   string
	Provided string
	Errors   faults
	TS       string
	Channel  json.RawMessage
	Message  emulator.Message
	Messages []emulator.Message
	HasMore  bool `json:"has_more"`
	Meta     struct {
		Messages []string
		Cursor   string `json:"next_cursor"`
	} `json:"response_metadata"`
	View map[string]any
}

// faults are errors that are words; those of invitations and of kicks are objects, which other tests read.
type faults []string

func (s *faults) UnmarshalJSON(b []byte) error {
	var words []string
	if json.Unmarshal(b, &words) == nil {
		*s = words
	}
	return nil
}

// call sends a raw request and reads the answer.
func (w *fixture) call(method, contentType, token string, body io.Reader) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx(), http.MethodPost, w.url+"/api/"+method, body)
	w.must(err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	defer resp.Body.Close()
	var a answer
	w.must(json.NewDecoder(resp.Body).Decode(&a))
	return a
}

// form calls a method with a form, the bot's token in a field.
func (w *fixture) form(method string, kv ...string) answer {
	w.t.Helper()
	v := url.Values{"token": {"xoxb-local"}}
	for i := 0; i < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	return w.call(method, "application/x-www-form-urlencoded", "", strings.NewReader(v.Encode()))
}

// json calls a method with a JSON object, the bot's token in the header.
func (w *fixture) json(method string, body any) answer {
	w.t.Helper()
	b, err := json.Marshal(body)
	w.must(err)
	return w.call(method, "application/json; charset=utf-8", "xoxb-local", bytes.NewReader(b))
}

// Slack takes the same arguments in three forms; clients differ, and a client that works here must work there.
func TestArgumentsInEveryFormAreTaken(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	blocks := `[{"type":"divider"}]`
	if a := w.form("chat.postMessage", "channel", id, "text", "form", "blocks", blocks); !a.Ok {
		t.Errorf("form: %+v", a)
	}
	if a := w.json("chat.postMessage", map[string]any{"channel": id, "text": "json", "blocks": json.RawMessage(blocks)}); !a.Ok {
		t.Errorf("JSON with an array: %+v", a)
	}
	if a := w.json("chat.postMessage", map[string]any{"channel": id, "text": "string", "blocks": blocks}); !a.Ok {
		t.Errorf("JSON with a string: %+v", a)
	}
	var buf bytes.Buffer
	mp := multipart.NewWriter(&buf)
	for k, v := range map[string]string{"channel": id, "text": "multipart", "token": "xoxb-local"} {
		w.must(mp.WriteField(k, v))
	}
	w.must(mp.Close())
	if a := w.call("chat.postMessage", mp.FormDataContentType(), "", &buf); !a.Ok {
		t.Errorf("multipart: %+v", a)
	}
	a := w.call("chat.postMessage?channel="+id+"&text=query&token=xoxb-local", "", "", nil)
	if !a.Ok {
		t.Errorf("query: %+v", a)
	}
	var got []string
	for _, m := range w.Messages(deploys) {
		got = append(got, m.Text)
	}
	if d := cmp.Diff([]string{"form", "json", "string", "multipart", "query"}, got); d != "" {
		t.Error(d)
	}
	for body, want := range map[string]string{"{": "invalid_json", "[1]": "json_not_object"} {
		if a := w.call("auth.test", "application/json", "xoxb-local", strings.NewReader(body)); a.Error != want {
			t.Errorf("%s: %q, want %q", body, a.Error, want)
		}
	}
}

func TestCallsWithoutAGoodTokenAreRefused(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.App.Scopes = []string{"chat:write"} })
	id := w.ChannelID(deploys)
	for _, c := range []struct{ method, token, want string }{
		{"auth.test", "", "not_authed"},
		{"auth.test", "xoxb-other", "invalid_auth"},
		{"auth.test", "xoxb-local", ""},
		{"apps.connections.open", "xoxb-local", "not_allowed_token_type"},
		{"apps.connections.open", "xapp-local", ""},
		{"chat.postMessage", "xapp-local", "not_allowed_token_type"},
		{"users.info", "xoxb-local", "missing_scope"},
		{"no.such", "xoxb-local", "unknown_method"},
	} {
		if a := w.call(c.method, "", c.token, nil); a.Error != c.want {
			t.Errorf("%s with %q: %q, want %q", c.method, c.token, a.Error, c.want)
		}
	}
	if a := w.form("users.info", "user", "UBOB"); a.Needed != "users:read" || a.Provided != "chat:write" {
		t.Errorf("missing scope says %+v", a)
	}
	w.Revoke("bot", "token_revoked")
	if a := w.form("chat.postMessage", "channel", id, "text", "x"); a.Error != "token_revoked" {
		t.Errorf("revoked: %+v", a)
	}
	w.Revoke("bot", "")
	if a := w.form("chat.postMessage", "channel", id, "text", "x"); !a.Ok {
		t.Errorf("good again: %+v", a)
	}
}

// Every refusal by its name: what a bot must be ready for.
func TestEveryRefusalHasSlacksName(t *testing.T) {
	noPublic := func(c *emulator.Config) {
		c.App.Scopes = []string{"chat:write", "channels:history", "channels:read", "reactions:write", "usergroups:read", "users:read", "im:write"}
	}
	w := start(t, noPublic)
	id := w.ChannelID(deploys)
	users, err := w.Post("alice", deploys, "by a person", "")
	w.must(err)
	own := w.form("chat.postMessage", "channel", id, "text", "own").TS
	long := strings.Repeat("é", 4001)
	for _, c := range []struct {
		method string
		args   []string
		want   string
	}{
		{"chat.postMessage", []string{"channel", id}, "no_text"},
		{"chat.postMessage", []string{"text", "x"}, "channel_not_found"},
		{"chat.postMessage", []string{"channel", "CNOPE", "text", "x"}, "channel_not_found"},
		{"chat.postMessage", []string{"channel", "CSECRET", "text", "x"}, "channel_not_found"},
		{"chat.postMessage", []string{"channel", "CGENERAL", "text", "x"}, "not_in_channel"},
		{"chat.postMessage", []string{"channel", "COLD", "text", "x"}, "is_archived"},
		{"chat.postMessage", []string{"channel", id, "text", strings.Repeat("x", 40_001)}, "msg_too_long"},
		{"chat.postMessage", []string{"channel", id, "text", long}, ""},
		{"chat.postMessage", []string{"channel", id, "text", "x", "thread_ts", "soon"}, "invalid_thread_ts"},
		{"chat.postMessage", []string{"channel", id, "blocks", "{"}, "invalid_blocks_format"},
		{"chat.postMessage", []string{"channel", id, "blocks", `[{"type":"nope"}]`}, "invalid_blocks"},
		{"chat.postMessage", []string{"channel", id, "text", "x", "metadata", `{"event_type":"a"}`}, "invalid_metadata_schema"},
		{"chat.postMessage", []string{"channel", id, "text", "x", "metadata", `[]`}, "invalid_metadata_format"},
		{"chat.update", []string{"channel", id, "ts", own, "text", long}, "msg_too_long"},
		{"chat.update", []string{"channel", id, "ts", "1.000001", "text", "x"}, "message_not_found"},
		{"chat.update", []string{"channel", id, "ts", users, "text", "x"}, "cant_update_message"},
		{"chat.update", []string{"channel", id, "ts", own}, "no_text"},
		{"chat.delete", []string{"channel", id, "ts", users}, "cant_delete_message"},
		{"chat.postEphemeral", []string{"channel", id, "user", "UNOPE", "text", "x"}, "user_not_in_channel"},
		{"conversations.history", []string{"channel", "CGENERAL"}, "not_in_channel"},
		{"conversations.history", []string{"channel", id, "cursor", "?"}, "invalid_cursor"},
		{"conversations.history", []string{"channel", id, "limit", "5000"}, "invalid_limit"},
		{"conversations.replies", []string{"channel", id, "ts", "1.000001"}, "thread_not_found"},
		{"conversations.info", []string{"channel", "CSECRET"}, "channel_not_found"},
		{"conversations.list", []string{"types", "im"}, "missing_scope"},
		{"conversations.open", []string{"users", "UNOPE"}, "user_not_found"},
		{"users.info", []string{"user", "UNOPE"}, "user_not_found"},
		{"usergroups.users.list", []string{"usergroup", "SNOPE"}, "no_such_subteam"},
		{"reactions.add", []string{"channel", id, "timestamp", own, "name", "eyes"}, ""},
		{"reactions.add", []string{"channel", id, "timestamp", own, "name", "eyes"}, "already_reacted"},
		{"views.open", []string{"trigger_id", "1.2.3", "view", minimalView}, "invalid_trigger_id"},
		{"views.update", []string{"view_id", "VNOPE", "view", minimalView}, "not_found"},
	} {
		if a := w.form(c.method, c.args...); a.Error != c.want {
			t.Errorf("%s %.80q: %q, want %q", c.method, c.args, a.Error, c.want)
		}
	}
}

const minimalView = `{"type":"modal","title":{"type":"plain_text","text":"T"},"blocks":[{"type":"divider"}]}`

// An update keeps the metadata unless {} is sent, and shows "edited" for text only: a bot finds its messages by it.
func TestUpdateKeepsMetadataAndMarksTextAsEdited(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	ts := w.form("chat.postMessage", "channel", id, "text", "one", "metadata", `{"event_type":"e","event_payload":{"k":"v"}}`).TS
	divider := `[{"type":"divider"}]`
	a := w.form("chat.update", "channel", id, "ts", ts, "text", "two", "blocks", divider)
	if a.Message.Metadata == nil || a.Message.Edited != nil || len(a.Message.Blocks) == 0 {
		t.Errorf("update with blocks: %+v", a.Message)
	}
	a = w.form("chat.update", "channel", id, "ts", ts, "text", "three")
	if a.Message.Metadata == nil || a.Message.Edited == nil || len(a.Message.Blocks) != 0 {
		t.Errorf("update with text: %+v", a.Message)
	}
	a = w.form("chat.update", "channel", id, "ts", ts, "text", "four", "metadata", "{}")
	if a.Message.Metadata != nil {
		t.Errorf("update with {}: %+v", a.Message)
	}
}
