package emulator_test

import (
	"errors"
	"testing"

	"github.com/coder/websocket/wsjson"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func withShortcuts(c *emulator.Config) {
	c.App.Shortcuts = []emulator.Shortcut{
		{Name: "Deploy", CallbackID: "deploy", Description: "Start a deployment"},
		{Name: "Show the audit trail", CallbackID: "trail", Description: "What was done", Message: true},
	}
}

// sent does what sends the app an envelope, acknowledges it and gives it.
func (w *fixture) sent(do func() error) frame {
	w.t.Helper()
	c := w.dial()
	w.read(c)
	done := make(chan error, 1)
	go func() { done <- do() }()
	f := w.read(c)
	w.must(wsjson.Write(w.ctx(), c, o{"envelope_id": f.ID}))
	w.must(<-done)
	_ = c.CloseNow()
	w.eventually("the socket is gone", func() bool { return len(w.Sockets()) == 0 })
	return f
}

func TestShortcutsSendSlacksPayloads(t *testing.T) {
	w := start(t, withShortcuts)
	ts, err := w.Post("bob", deploys, "look at this", "")
	w.must(err)

	f := w.sent(func() error {
		return w.Shortcut(w.ctx(), emulator.ShortcutUse{User: "alice", CallbackID: "deploy"})
	})
	p := f.Payload
	if f.Type != "interactive" || f.Answers || p["type"] != "shortcut" || p["callback_id"] != "deploy" ||
		p["action_ts"] == "" || p["user"].(o)["id"] != "UALICE" || p["team"].(o)["domain"] != "local" || p["is_enterprise_install"] != false {
		t.Errorf("global shortcut: %+v", f)
	}
	for _, k := range []string{"channel", "message", "message_ts", "response_url", "api_app_id"} {
		if _, ok := p[k]; ok {
			t.Errorf("a global shortcut carries %s", k)
		}
	}
	if _, err := w.api.OpenView(p["trigger_id"].(string), form()); err != nil {
		t.Errorf("a shortcut's trigger opens no modal: %v", err)
	}

	f = w.sent(func() error {
		return w.Shortcut(w.ctx(), emulator.ShortcutUse{User: "alice", CallbackID: "trail", Channel: deploys, MessageTS: ts})
	})
	p = f.Payload
	if p["type"] != "message_action" || p["message_ts"] != ts || p["message"].(o)["text"] != "look at this" ||
		p["channel"].(o)["id"] != w.ChannelID(deploys) || p["channel"].(o)["name"] != deploys {
		t.Errorf("message shortcut: %+v", p)
	}
	if code, _ := w.respond(p["response_url"].(string), `{"text":"here it is"}`); code != 200 || len(w.Ephemerals("alice")) != 1 {
		t.Errorf("answer through the response_url: %d, %v", code, w.Ephemerals("alice"))
	}
}

func TestShortcutsThatAreNotThereAreRefused(t *testing.T) {
	w := start(t, withShortcuts, impatient)
	for _, use := range []emulator.ShortcutUse{
		{User: "nobody", CallbackID: "deploy"}, {User: "alice", CallbackID: "nope"},
		{User: "alice", CallbackID: "trail"}, {User: "alice", CallbackID: "trail", Channel: deploys, MessageTS: "1.000001"},
	} {
		if _, refused := errors.AsType[emulator.Refusal](w.Shortcut(w.ctx(), use)); !refused {
			t.Errorf("%+v was not refused", use)
		}
	}
	use := emulator.ShortcutUse{User: "alice", CallbackID: "deploy"}
	if err := w.Shortcut(w.ctx(), use); !errors.Is(err, emulator.ErrNoSocket) {
		t.Errorf("without a socket: %v", err)
	}
	w.app(func(*socketmode.Client, socketmode.Event) {})
	if err := w.Shortcut(w.ctx(), use); !errors.Is(err, emulator.ErrTimeout) {
		t.Errorf("unacknowledged: %v", err)
	}
}

// The page shows what there is, and the page and a harness can choose it.
func TestShortcutEndpointsChooseThem(t *testing.T) {
	w := start(t, withShortcuts)
	got := make(chan slack.InteractionCallback, 2)
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		got <- e.Data.(slack.InteractionCallback)
		ack(c, e)
	})
	var state struct {
		App struct {
			Shortcuts []struct {
				Name, Description string
				CallbackID        string `json:"callback_id"`
				Message           bool
			}
		}
	}
	w.get("/page/state?user=UALICE", &state)
	if l := state.App.Shortcuts; len(l) != 2 || l[0].CallbackID != "deploy" || l[0].Message || !l[1].Message || l[1].Description == "" {
		t.Errorf("the page is told of %+v", l)
	}
	for _, path := range []string{"/page/shortcut", "/control/shortcut"} {
		var out outcome
		w.ask(path, o{"user": "UALICE", "callback_id": "deploy"}, &out)
		if d := <-got; !out.OK || d.Type != slack.InteractionTypeShortcut || d.CallbackID != "deploy" {
			t.Errorf("%s: %+v, %+v", path, out, d)
		}
	}
}

// Both tabs of the app's home tell the app, by every way to open them; only the Home tab brings its view.
func TestHomeTabsTellTheApp(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.App.Events = []string{"app_home_opened"} })
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
	_, err := w.api.PublishView("UALICE", home, "")
	w.must(err)
	c := w.dial()
	w.read(c)
	ask := func(path string, in o) func() {
		return func() {
			var out outcome
			if w.ask(path, in, &out); !out.OK {
				t.Errorf("%s: %+v", path, out)
			}
		}
	}
	for _, x := range []struct {
		open func()
		tab  string
		view bool
	}{
		{func() { w.OpenHome("alice") }, "home", true},
		{func() { w.OpenHome("bob") }, "home", false},
		{func() { w.OpenMessages("alice") }, "messages", false},
		{ask("/page/home", o{"user": "UALICE"}), "home", true},
		{ask("/page/home", o{"user": "UALICE", "tab": "messages"}), "messages", false},
		{ask("/control/open_home", o{"user": "UALICE", "tab": "home"}), "home", true},
	} {
		x.open()
		f := w.read(c)
		w.must(wsjson.Write(w.ctx(), c, o{"envelope_id": f.ID}))
		e := f.Payload["event"].(o)
		if _, has := e["view"]; e["type"] != "app_home_opened" || e["tab"] != x.tab || has != x.view || e["channel"] == "" || e["event_ts"] == "" {
			t.Errorf("want tab %s, view %v: %v", x.tab, x.view, e)
		}
	}
	var out outcome
	if w.ask("/page/home", o{"user": "UALICE", "tab": "about"}, &out); out.OK {
		t.Error("a tab that sends nothing was opened")
	}
}
