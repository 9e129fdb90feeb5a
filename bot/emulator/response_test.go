package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// respond posts to a response_url and gives the status and body.
func (w *fixture) respond(url, body string) (int, string) {
	w.t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	w.must(err)
	defer resp.Body.Close()
	var b strings.Builder
	buf := make([]byte, 1024)
	n, _ := resp.Body.Read(buf) // the answers are shorter than this
	b.Write(buf[:n])
	return resp.StatusCode, b.String()
}

// responseURLs connects an app that gives the response_url of every command and click.
func (w *fixture) responseURLs() <-chan string {
	w.t.Helper()
	urls := make(chan string, 2)
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		switch d := e.Data.(type) {
		case slack.SlashCommand:
			urls <- d.ResponseURL
		case slack.InteractionCallback:
			urls <- d.ResponseURL
		}
		ack(c, e)
	})
	return urls
}

// A response_url works five times within its life: never the only way to answer a long deployment
// (long deploys gone silent because they answered through response_url).
func TestResponseURLWorksFiveTimes(t *testing.T) {
	w := start(t)
	urls := w.responseURLs()
	w.must(w.Type(w.ctx(), "alice", deploys, "/deploy", ""))
	u := <-urls
	w.must(slack.PostWebhook(u, &slack.WebhookMessage{Text: "only you"}))
	if code, body := w.respond(u, `{"text":"all","response_type":"in_channel"}`); code != 200 || !strings.Contains(body, `"ok":true`) {
		t.Errorf("second use: %d %s", code, body)
	}
	for range 3 {
		w.respond(u, `{"text":"more"}`)
	}
	if code, body := w.respond(u, `{"text":"sixth"}`); code != 404 || !strings.Contains(body, "used_url") {
		t.Errorf("sixth use: %d %s", code, body)
	}
	if e := w.Ephemerals("alice"); len(e) != 4 || e[0].Text != "only you" {
		t.Errorf("ephemeral answers: %+v", e)
	}
	if m := w.Messages(deploys); len(m) != 1 || m[0].Text != "all" {
		t.Errorf("answers for all: %+v", m)
	}

	_, err := w.api.PostEphemeral(w.ChannelID(deploys), "UALICE", slack.MsgOptionText("ask", false),
		slack.MsgOptionBlocks(slack.NewActionBlock("b", slack.NewButtonBlockElement("go", "v", plain("Go")))))
	w.must(err)
	w.must(w.Act(w.ctx(), emulator.Action{User: "alice", Channel: deploys, Button: "Go"}))
	u = <-urls
	w.respond(u, `{"text":"answered","replace_original":true}`)
	if e := w.Ephemerals("alice"); e[4].Text != "answered" || len(e[4].Blocks) != 0 {
		t.Errorf("replaced: %+v", e[4])
	}
	w.respond(u, `{"delete_original":true}`)
	if e := w.Ephemerals("alice"); len(e) != 4 {
		t.Errorf("deleted: %+v", e)
	}
}

func TestResponseURLExpires(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.Timing.ResponseURL = time.Millisecond })
	urls := w.responseURLs()
	w.must(w.Type(w.ctx(), "alice", deploys, "/deploy", ""))
	u := <-urls
	time.Sleep(10 * time.Millisecond)
	if code, body := w.respond(u, `{"text":"late"}`); code != 404 || !strings.Contains(body, "expired_url") {
		t.Errorf("late use: %d %s", code, body)
	}
}
