package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// body is an answer as it went over the wire.
func (w *fixture) body(method string, kv ...string) []byte {
	w.t.Helper()
	v := url.Values{}
	for i := 0; i < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	req, err := http.NewRequestWithContext(w.ctx(), http.MethodPost, w.url+"/api/"+method, strings.NewReader(v.Encode()))
	w.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer xoxb-local")
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	w.must(err)
	return b
}

// into reads an answer that must be ok.
func (w *fixture) into(out any, method string, kv ...string) {
	w.t.Helper()
	b := w.body(method, kv...)
	if !strings.Contains(string(b), `"ok":true`) {
		w.t.Fatalf("%s: %s", method, b)
	}
	w.must(json.Unmarshal(b, out))
}

func TestChatMethodsRefuseInSlacksWords(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.Team.EditWindow = time.Hour })
	id := w.ChannelID(deploys)
	theirs, err := w.Post("alice", deploys, "by a person", "")
	w.must(err)
	ephemeral, err := w.api.PostEphemeral(id, "UALICE", slack.MsgOptionText("psst", false))
	w.must(err)
	attachments := "[" + strings.TrimSuffix(strings.Repeat(`{"text":"x"},`, 101), ",") + "]"
	deep := fmt.Sprintf(`{"event_type":"e","event_payload":{"k":%q}}`, xs(17_000))
	w.refuse([]refusal{
		{"chat.postMessage", []string{"channel", id, "attachments", attachments}, "too_many_attachments"},
		{"chat.postMessage", []string{"channel", id, "attachments", "{}"}, "invalid_attachments"},
		{"chat.postMessage", []string{"channel", id, "attachments", `[{"blocks":[{"type":"nope"}]}]`}, "invalid_attachments"},
		{"chat.postMessage", []string{"channel", id, "text", "x", "metadata", deep}, "metadata_too_large"},
		{"chat.postMessage", []string{"channel", id, "markdown_text", "x", "text", "x"}, "markdown_text_conflict"},
		{"chat.postMessage", []string{"channel", id, "markdown_text", xs(12_001)}, "msg_too_long"},
		{"chat.postMessage", []string{"channel", id, "markdown_text", xs(12_000)}, ""},
		{"chat.postMessage", []string{"channel", id, "text", xs(40_000)}, ""},
		{"chat.postMessage", []string{"channel", id, "text", "x", "file_ids", "FNOPE"}, "file_not_found"},
		{"chat.update", []string{"channel", id, "ts", ephemeral, "text", "x"}, "message_not_found"},
		{"chat.update", []string{"channel", "COLD", "ts", theirs, "text", "x"}, "is_inactive"},
		{"chat.update", []string{"channel", "CNOPE", "ts", theirs, "text", "x"}, "channel_not_found"},
		{"chat.delete", []string{"channel", id, "ts", "1.000001"}, "message_not_found"},
		{"chat.postEphemeral", []string{"channel", id, "user", "UALICE"}, "no_text"},
		{"chat.postEphemeral", []string{"channel", "CSECRET", "user", "UALICE", "text", "x"}, "channel_not_found"},
		{"chat.meMessage", []string{"channel", id}, "no_text"},
		{"chat.meMessage", []string{"channel", id, "text", "waves"}, ""},
		{"chat.getPermalink", []string{"channel", "CNOPE", "message_ts", theirs}, "channel_not_found"},
		{"chat.getPermalink", []string{"channel", id, "message_ts", "1.000001"}, "message_not_found"},
		{"chat.getPermalink", []string{"channel", id, "message_ts", theirs}, ""},
	})
	list := w.Messages(deploys)
	if m := list[len(list)-1]; m.Subtype != "me_message" || m.Text != "waves" {
		t.Errorf("in the third person: %+v", m)
	}
	// Nobody can answer in a thread under what only one person sees: the reply stands alone.
	if a := w.form("chat.postMessage", "channel", id, "text", "x", "thread_ts", ephemeral); !a.Ok || a.Message.ThreadTS != "" {
		t.Errorf("reply to an ephemeral message: %+v", a.Message)
	}
}

func TestEditWindowCloses(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.Team.EditWindow = 50 * time.Millisecond })
	id := w.ChannelID(deploys)
	ts := w.form("chat.postMessage", "channel", id, "text", "x").TS
	w.eventually("the window closes", func() bool {
		return w.form("chat.update", "channel", id, "ts", ts, "text", "y").Error == "edit_window_closed"
	})
}

func TestScheduledMessagesComeAtTheirTime(t *testing.T) {
	slowtest.Only(t, "one is due after some seconds")
	t.Parallel() // one is due after some seconds
	w := start(t)
	id := w.ChannelID(deploys)
	at := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }
	w.refuse([]refusal{
		{"chat.scheduleMessage", []string{"channel", id, "text", "x"}, "invalid_arguments"},
		{"chat.scheduleMessage", []string{"channel", id, "text", "x", "post_at", "soon"}, "invalid_time"},
		{"chat.scheduleMessage", []string{"channel", id, "text", "x", "post_at", at(-time.Minute)}, "time_in_past"},
		{"chat.scheduleMessage", []string{"channel", id, "text", "x", "post_at", at(121 * 24 * time.Hour)}, "time_too_far"},
		{"chat.scheduleMessage", []string{"channel", id, "post_at", at(time.Hour)}, "no_text"},
		{"chat.scheduleMessage", []string{"channel", "COLD", "text", "x", "post_at", at(time.Hour)}, "is_archived"},
		{"chat.scheduledMessages.list", []string{"channel", "CNOPE"}, "invalid_channel"},
		{"chat.deleteScheduledMessage", []string{"channel", id, "scheduled_message_id", "QNOPE"}, "invalid_scheduled_message_id"},
	})
	var made struct {
		ID string `json:"scheduled_message_id"`
	}
	w.into(&made, "chat.scheduleMessage", "channel", id, "text", "later", "post_at", at(time.Hour))
	var soon struct {
		ID string `json:"scheduled_message_id"`
	}
	w.into(&soon, "chat.scheduleMessage", "channel", id, "text", "soon", "post_at", at(5*time.Second))
	if a := w.form("chat.deleteScheduledMessage", "channel", id, "scheduled_message_id", soon.ID); a.Error != "invalid_scheduled_message_id" {
		t.Errorf("taken back within a minute of its time: %+v", a)
	}
	var list struct {
		Scheduled []struct{ ID, Text string } `json:"scheduled_messages"`
	}
	w.into(&list, "chat.scheduledMessages.list", "channel", id)
	if len(list.Scheduled) != 2 || list.Scheduled[1].ID != made.ID || list.Scheduled[1].Text != "later" {
		t.Errorf("list: %+v", list)
	}
	if a := w.form("chat.deleteScheduledMessage", "channel", id, "scheduled_message_id", made.ID); !a.Ok {
		t.Errorf("take back: %+v", a)
	}
	_, err := w.WaitMessage(w.ctx(), deploys, func(m emulator.Message) bool { return m.Text == "soon" })
	w.must(err)
	w.into(&list, "chat.scheduledMessages.list")
	if len(list.Scheduled) != 0 {
		t.Errorf("left over: %+v", list)
	}
	for i := range 31 {
		want := ""
		if i == 30 {
			want = "restricted_too_many"
		}
		w.refuse([]refusal{{"chat.scheduleMessage", []string{"channel", id, "text", "x", "post_at", at(time.Hour)}, want}})
	}
}

// A message that grows: text, tasks and blocks, as Bolt's streams send them.
func TestStreamsGrowAndEnd(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	to := []string{"channel", id, "recipient_user_id", "UALICE", "recipient_team_id", "T0LOCAL"}
	w.refuse([]refusal{
		{"chat.startStream", []string{"channel", id}, "missing_recipient_user_id"},
		{"chat.startStream", []string{"channel", id, "recipient_user_id", "UALICE"}, "missing_recipient_team_id"},
		{"chat.startStream", append(to, "markdown_text", xs(12_001)), "msg_too_long"},
		{"chat.startStream", append(to, "chunks", `[{"type":"nope"}]`), "invalid_chunks"},
		{"chat.appendStream", []string{"channel", id, "ts", "1.000001", "markdown_text", "x"}, "message_not_found"},
	})
	ts := w.form("chat.startStream", append(to, "chunks", `[{"type":"markdown_text","text":"Hel"}]`)...).TS
	task := `[{"type":"task_update","id":"1","title":"Look","status":%q,"output":"done"},{"type":"markdown_text","text":"lo"}]`
	w.refuse([]refusal{
		{"chat.appendStream", []string{"channel", id, "ts", ts}, "markdown_text_or_chunks_required"},
		{"chat.appendStream", []string{"channel", id, "ts", ts, "markdown_text", "x"}, "streaming_mode_mismatch"},
		{"chat.appendStream", []string{"channel", id, "ts", ts, "markdown_text", "x", "chunks", "[]"}, "cannot_provide_both_markdown_text_and_chunks"},
		{"chat.appendStream", []string{"channel", id, "ts", ts, "chunks", fmt.Sprintf(task, "odd")}, "invalid_blocks"},
		{"chat.appendStream", []string{"channel", id, "ts", ts, "chunks", fmt.Sprintf(task, "in_progress")}, ""},
		{"chat.appendStream", []string{"channel", id, "ts", ts, "chunks", `[{"type":"plan_update","title":"Plan"}]`}, ""},
		{"chat.update", []string{"channel", id, "ts", ts, "text", "x"}, "streaming_state_conflict"},
		{"chat.stopStream", []string{"channel", id, "ts", ts, "chunks", fmt.Sprintf(task, "complete"), "blocks", `[{"type":"divider"}]`}, ""},
		{"chat.stopStream", []string{"channel", id, "ts", ts}, "message_not_in_streaming_state"},
	})
	m := w.Messages(deploys)[0]
	var blocks []struct {
		Type  string
		Text  any
		Tasks []struct{ Status string }
	}
	w.must(json.Unmarshal(m.Blocks, &blocks))
	if m.StreamingState != "completed" || m.Text != "Hellolo" || len(blocks) != 3 || blocks[1].Type != "plan" ||
		len(blocks[1].Tasks) != 1 || blocks[1].Tasks[0].Status != "complete" || blocks[2].Type != "divider" {
		t.Errorf("streamed: %s, %s", m.Text, m.Blocks)
	}
}

func TestUnfurlsAreShownInTheMessage(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.App.Events, c.App.UnfurlDomains = []string{"link_shared"}, []string{"example.com"}
	})
	id := w.ChannelID(deploys)
	f := w.sent(func() error {
		_, err := w.Post("alice", deploys, "see https://ci.example.com/42 and https://other.org/", "")
		return err
	})
	e := f.Payload["event"].(o)
	links := e["links"].(l)
	if e["type"] != "link_shared" || len(links) != 1 || links[0].(o)["domain"] != "ci.example.com" || e["is_bot_user_member"] != true {
		t.Errorf("event: %v", e)
	}
	ts := e["message_ts"].(string)
	unfurls := `{"https://ci.example.com/42":{"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"Build 42"}}]}}`
	w.refuse([]refusal{
		{"chat.unfurl", []string{"ts", ts, "unfurls", unfurls}, "missing_channel"},
		{"chat.unfurl", []string{"channel", id, "unfurls", unfurls}, "missing_ts"},
		{"chat.unfurl", []string{"channel", "CNOPE", "ts", ts, "unfurls", unfurls}, "cannot_find_channel"},
		{"chat.unfurl", []string{"channel", id, "ts", "1.000001", "unfurls", unfurls}, "cannot_find_message"},
		{"chat.unfurl", []string{"channel", id, "ts", ts}, "missing_unfurls"},
		{"chat.unfurl", []string{"channel", id, "ts", ts, "unfurls", "[]"}, "invalid_unfurls_format"},
		{"chat.unfurl", []string{"channel", id, "ts", ts, "unfurls", `{"https://elsewhere":{"text":"x"}}`}, "cannot_unfurl_url"},
		{"chat.unfurl", []string{"channel", id, "ts", ts, "unfurls", `{"https://ci.example.com/42":{"blocks":[{"type":"nope"}]}}`}, "cannot_parse_attachment"},
		{"chat.unfurl", []string{"channel", id, "ts", ts, "user_auth_required", "true"}, ""},
		{"chat.unfurl", []string{"unfurl_id", e["unfurl_id"].(string), "source", "conversations_history", "unfurls", unfurls}, ""},
	})
	if m := w.Messages(deploys)[0]; !strings.Contains(string(m.Attachments), "Build 42") {
		t.Errorf("unfurled: %s", m.Attachments)
	}
}
