package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// ask posts JSON to the page or control API and reads the answer into out.
func (w *fixture) ask(path string, in, out any) {
	w.t.Helper()
	b, err := json.Marshal(in)
	w.must(err)
	resp, err := http.Post(w.url+path, "application/json", bytes.NewReader(b))
	w.must(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s", path, resp.Status)
	}
	w.must(json.NewDecoder(resp.Body).Decode(out))
}

// get reads JSON from the page API.
func (w *fixture) get(path string, out any) {
	w.t.Helper()
	resp, err := http.Get(w.url + path)
	w.must(err)
	defer resp.Body.Close()
	w.must(json.NewDecoder(resp.Body).Decode(out))
}

type outcome struct {
	OK     bool
	Error  string
	Errors map[string]string
}

// stream collects a page's events until the test ends.
func (w *fixture) stream(user string) <-chan map[string]any {
	w.t.Helper()
	ws := w.follow(user, "")
	w.t.Cleanup(func() { ws.CloseNow() })
	events := make(chan map[string]any, 100)
	w.frame(ws) // from here on nothing is missed
	go func() {
		defer close(events)
		for {
			f, err := readFrame(ws)
			if err != nil {
				return
			}
			if f.Event != nil {
				events <- f.Event
			}
		}
	}()
	return events
}

// pageFrame is one of what a page's stream says.
type pageFrame struct {
	At      string
	Resumed bool
	Seq     int64
	Event   map[string]any
}

// follow opens a page's stream, since a position or from now on.
func (w *fixture) follow(user, since string) *websocket.Conn {
	w.t.Helper()
	ws, _, err := websocket.Dial(w.ctx(), w.url+"/page/stream?user="+user+"&since="+url.QueryEscape(since), nil)
	w.must(err)
	ws.SetReadLimit(-1)
	return ws
}

func (w *fixture) frame(ws *websocket.Conn) pageFrame {
	w.t.Helper()
	f, err := readFrame(ws)
	w.must(err)
	return f
}

func readFrame(ws *websocket.Conn) (f pageFrame, err error) {
	_, b, err := ws.Read(context.Background())
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(b, &f)
}

// next waits for an event of a type.
func (w *fixture) next(events <-chan map[string]any, kind string) map[string]any {
	w.t.Helper()
	end := time.After(2 * time.Minute)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				w.t.Fatalf("stream ended before %s", kind)
			}
			if e["type"] == kind {
				return e
			}
		case <-end:
			w.t.Fatalf("no event %s", kind)
		}
	}
}

// both waits for two events that may come in either order.
func (w *fixture) both(events <-chan map[string]any, one, other string) map[string]map[string]any {
	w.t.Helper()
	got := map[string]map[string]any{}
	for len(got) < 2 {
		e, ok := <-events
		if !ok {
			w.t.Fatalf("stream ended; got %v", got)
		}
		if k := e["type"]; k == one || k == other {
			got[k.(string)] = e
		}
	}
	return got
}

func TestPageAPIShowsAndSends(t *testing.T) {
	w := start(t)
	f := newFlow(w)
	w.app(f.handle)
	alice, bob := w.stream("UALICE"), w.stream("bob")
	id := w.ChannelID(deploys)

	var out outcome
	w.ask("/page/send", o{"user": "UALICE", "channel": id, "text": "/deploy web v2"}, &out)
	if !out.OK {
		t.Fatalf("send: %+v", out)
	}
	if e := w.next(alice, "ephemeral"); e["message"].(o)["text"] != "On it, alice" || e["channel"] != id {
		t.Errorf("ephemeral: %v", e)
	}
	m := w.next(bob, "message")["message"].(o)
	var state struct {
		Me       string
		Users    []struct{ ID, Color string }
		Channels []struct {
			ID       string
			IsMember bool `json:"is_member"`
			Unread   int
		}
		Commands []struct{ Command string }
		Views    []o
	}
	w.get("/page/state?user=UBOB", &state)
	if state.Me != "UBOB" || len(state.Users) != 5 || state.Channels[0].Unread != 1 || state.Commands[0].Command != "/deploy" {
		t.Errorf("state: %+v", state)
	}
	for _, nobody := range []string{"", "UNOBODY", "U0BOT"} {
		w.get("/page/state?user="+nobody, &state)
		if state.Me != "UALICE" {
			t.Errorf("the page of user %q is %q's, want the first person's", nobody, state.Me)
		}
	}
	w.ask("/page/mark", o{"user": "UBOB", "channel": id}, &out)
	for e := w.next(bob, "unread"); e["unread"] != 0.0; e = w.next(bob, "unread") {
	}

	w.ask("/page/action", o{"user": "UBOB", "channel": id, "message_ts": m["ts"], "block_id": "steps", "action_id": "approve", "value": "v1"}, &out)
	if !out.OK {
		t.Fatalf("action: %+v", out)
	}
	both := w.both(bob, "action_done", "view_opened")
	if e := both["action_done"]; e["ok"] != true {
		t.Errorf("action_done: %v", e)
	}
	view := both["view_opened"]["view"].(o)
	w.ask("/page/view_submit", o{"user": "UBOB", "view_id": view["id"], "state": o{"values": o{}}}, &out)
	if out.OK || out.Errors["reason"] == "" {
		t.Errorf("empty form: %+v", out)
	}
	out = outcome{}
	w.ask("/page/view_submit", o{"user": "UBOB", "view_id": view["id"], "state": o{"values": o{"reason": o{"text": o{"type": "plain_text_input", "value": "x"}}}}}, &out)
	if !out.OK {
		t.Errorf("form: %+v", out)
	}
	w.next(bob, "view_closed")
	if e := w.next(alice, "message_changed"); e["message"].(o)["text"] != "Done" {
		t.Errorf("changed: %v", e)
	}
	for user, want := range map[string]int{"UALICE": 2, "UBOB": 1} {
		var list struct{ Messages []emulator.Message }
		w.get("/page/messages?user="+user+"&channel="+id, &list)
		if len(list.Messages) != want {
			t.Errorf("%s sees %d messages, want %d", user, len(list.Messages), want)
		}
	}
}

func TestPageRefusesWhatSlacksClientWould(t *testing.T) {
	w := start(t)
	for _, c := range []struct{ channel, text, want string }{
		{deploys, "/nope", "not a valid command"},
		{"old", "hello", "archived"},
		{"secret", "hello", ""},
		{"nowhere", "hello", "no channel"},
		{deploys, "  ", "nothing to send"},
	} {
		var out outcome
		w.ask("/page/send", o{"user": "UALICE", "channel": c.channel, "text": c.text}, &out)
		if out.OK != (c.want == "") || !strings.Contains(out.Error, c.want) {
			t.Errorf("%s %q: %+v", c.channel, c.text, out)
		}
	}
	// No other site's form may type commands here.
	resp, err := http.Post(w.url+"/page/send", "text/plain", strings.NewReader(`{"user":"alice"}`))
	w.must(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain was taken: %s", resp.Status)
	}
}

// A time-out is told as in Slack: a note by Slackbot for a command, a mark on the button for a click.
func TestPageTellsOfTimeouts(t *testing.T) {
	w := start(t, impatient)
	w.app(func(*socketmode.Client, socketmode.Event) {})
	_, ts, err := w.api.PostMessage(w.ChannelID(deploys), slack.MsgOptionBlocks(slack.NewActionBlock("b", slack.NewButtonBlockElement("go", "v", plain("Go")))))
	w.must(err)
	var out outcome
	w.ask("/page/send", o{"user": "UALICE", "channel": deploys, "text": "/deploy"}, &out)
	if e := w.Ephemerals("alice"); !out.OK || len(e) != 1 || e[0].Error != "operation_timeout" {
		t.Errorf("command: %+v, %+v", out, e)
	}
	w.ask("/page/action", o{"user": "UALICE", "channel": deploys, "message_ts": ts, "action_id": "go"}, &out)
	if out.OK || out.Error != "operation_timeout" {
		t.Errorf("click: %+v", out)
	}
}

// The choices of an external menu come from the app.
func TestSuggestionsComeFromTheApp(t *testing.T) {
	w := start(t)
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		d := e.Data.(slack.InteractionCallback)
		if d.Type != slack.InteractionTypeBlockSuggestion || d.ActionID != "tag" || d.Value != "v1" {
			t.Errorf("suggestion: %+v", d)
		}
		ack(c, e, slack.OptionsResponse{Options: []*slack.OptionBlockObject{slack.NewOptionBlockObject("v1.2", plain("v1.2"), nil)}})
	})
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain("Tag"), "tag")
	_, ts, err := w.api.PostMessage(w.ChannelID(deploys), slack.MsgOptionBlocks(slack.NewActionBlock("b", menu)))
	w.must(err)
	in := o{"user": "UALICE", "channel": deploys, "message_ts": ts, "block_id": "b", "action_id": "tag", "value": "v1"}
	var out struct {
		OK      bool
		Options []struct{ Value string }
	}
	w.ask("/page/suggest", in, &out)
	if !out.OK || len(out.Options) != 1 || out.Options[0].Value != "v1.2" {
		t.Errorf("suggestions: %+v", out)
	}
}
