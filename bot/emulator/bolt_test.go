package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// outside is where Slack's own packages are, as `npm ci` leaves them.
const outside = "testdata/npm"

// node finds Node.js and the packages. Only a machine that runs the whole of CI must have them.
func node(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(outside, "node_modules", "@slack", "bolt"))
	}
	if err != nil {
		slowtest.Missing(t, fmt.Sprintf("no app on Bolt runs: %v (npm ci in bot/emulator/%s)", err, outside))
	}
	return path
}

// bolt runs the app of testdata/npm against the fixture until the test ends, and waits until it is connected.
func bolt(t *testing.T, change ...func(*emulator.Config)) *fixture {
	t.Helper()
	path := node(t)
	w := start(t, append([]func(*emulator.Config){func(c *emulator.Config) {
		c.Commands = []emulator.Command{{Name: "/order"}}
		c.App.Events = []string{"app_mention", "message.channels", "app_home_opened", "reaction_added"}
		c.App.Shortcuts = []emulator.Shortcut{{Name: "Order", CallbackID: "quick_order"}, {Name: "Repeat", CallbackID: "repeat", Message: true}}
	}}, change...)...)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, "app.mjs")
	cmd.Dir = outside
	cmd.Env = append(os.Environ(), "SLACK_BOT_TOKEN=xoxb-local", "SLACK_APP_TOKEN=xapp-local", "SLACK_API_URL="+w.url+"/api/")
	said := &transcript{until: "ready\n", heard: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = said, said
	w.must(cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the app ended with %v and said:\n%s", err, &said.text)
		}
	})
	select {
	case <-said.heard:
	case <-time.After(2 * time.Minute):
		t.Fatal("the app does not begin")
	}
	w.must(w.WaitSockets(w.ctx(), 1))
	return w
}

// A transcript is what a process says. heard is closed when it has said what it is listened for.
type transcript struct {
	text  bytes.Buffer
	until string
	heard chan struct{}
	mu    sync.Mutex
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.text.Write(p)
	if s.until != "" && strings.Contains(s.text.String(), s.until) {
		s.until = ""
		close(s.heard)
	}
	return n, err
}

func (w *fixture) says(channel, text string) emulator.Message {
	w.t.Helper()
	m, err := w.WaitMessage(w.ctx(), channel, func(m emulator.Message) bool { return m.Text == text })
	if err != nil {
		w.t.Fatalf("nobody says %q in %s: %v\n%+v", text, channel, err, w.Messages(channel))
	}
	return m
}

func (w *fixture) view(user, title string) emulator.View {
	w.t.Helper()
	var found emulator.View
	err := w.Wait(w.ctx(), func() bool {
		for _, v := range w.Views(user) {
			if words, _ := v["title"].(map[string]any); words["text"] == title {
				found = v
				return true
			}
		}
		return false
	})
	if err != nil {
		w.t.Fatalf("%s sees no form %q: %v\n%+v", user, title, err, w.Views(user))
	}
	return found
}

// An app on Slack's own framework runs here as it is: it cannot tell this Slack from the real one.
func TestBoltAppRunsAsItIs(t *testing.T) {
	t.Parallel() // the client rests five seconds before each new socket
	w := bolt(t)
	t.Run("commands", func(t *testing.T) { boltCommands(t, w) })
	t.Run("form", func(t *testing.T) { boltForm(t, w) })
	t.Run("stack of forms", func(t *testing.T) { boltStack(t, w) })
	t.Run("events", func(t *testing.T) { boltEvents(t, w) })
	t.Run("upload", func(t *testing.T) { boltUpload(t, w) })
	t.Run("errors", func(t *testing.T) { boltErrors(t, w) })
	t.Run("shortcuts", func(t *testing.T) { boltShortcuts(t, w) })
	t.Run("home", func(t *testing.T) { boltHome(t, w) })
	t.Run("limits", func(t *testing.T) { boltLimits(t, w) })
	t.Run("refreshed sockets", func(t *testing.T) { boltSockets(t, w) })
}

func id(v emulator.View) string { return v["id"].(string) }

func boltCommands(t *testing.T, w *fixture) {
	if err := w.Type(w.ctx(), "alice", deploys, "/order help", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.WaitEphemeral(w.ctx(), "alice", func(m emulator.Message) bool { return m.Text == "Say /order and fill the form." }); err != nil {
		t.Error("the answer in the acknowledgement", err)
	}
	if err := w.Type(w.ctx(), "alice", deploys, "/order slowly", ""); err != nil {
		t.Fatal(err)
	}
	w.says(deploys, "Now it is there.")
	if _, err := w.WaitEphemeral(w.ctx(), "alice", func(m emulator.Message) bool { return m.Text == "It takes a while." }); err != nil {
		t.Error("the answer by response_url", err)
	}
}

// boltForm fills the form in, first badly, and presses the buttons of the message that comes of it.
func boltForm(t *testing.T, w *fixture) {
	if err := w.Type(w.ctx(), "alice", deploys, "/order", ""); err != nil {
		t.Fatal(err)
	}
	v := w.view("alice", "Order")
	found, err := w.Suggest(w.ctx(), emulator.Action{User: "alice", ViewID: id(v), BlockID: "with", ActionID: "topping"}, "ch")
	if err != nil {
		t.Fatal(err)
	}
	var menu struct{ Options []map[string]any }
	if err := json.Unmarshal(found, &menu); err != nil || len(menu.Options) != 3 {
		t.Fatalf("the menu has %s, %v", found, err)
	}
	values := func(what string) map[string]any {
		return map[string]any{
			"what": map[string]any{"text": map[string]any{"value": what}},
			"with": map[string]any{"topping": map[string]any{"selected_option": menu.Options[0]}},
		}
	}
	if invalid, err := w.Submit(w.ctx(), "alice", id(v), values("no")); err != nil || invalid["what"] != "Say a little more." {
		t.Fatalf("the form says %v, %v", invalid, err)
	}
	if invalid, err := w.Submit(w.ctx(), "alice", id(v), values("soup")); err != nil || len(invalid) > 0 {
		t.Fatalf("the form says %v, %v", invalid, err)
	}
	m := w.says(deploys, "<@"+w.UserID("alice")+"> orders soup with cheese")
	if m.Metadata == nil || m.Metadata.EventPayload["what"] != "soup" {
		t.Errorf("metadata %+v", m.Metadata)
	}
	if err := w.Act(w.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: m.TS, Button: "Serve"}); err != nil {
		t.Fatal(err)
	}
	if served := w.says(deploys, "Served: soup with cheese"); served.TS != m.TS {
		t.Errorf("another message was replaced: %+v", served)
	}
	if reply := w.says(deploys, "Enjoy it."); reply.ThreadTS != m.TS {
		t.Errorf("the reply is in no thread: %+v", reply)
	}
}

// boltStack updates a form and pushes another onto it, which the person closes.
func boltStack(t *testing.T, w *fixture) {
	if err := w.Type(w.ctx(), "alice", deploys, "/order", ""); err != nil {
		t.Fatal(err)
	}
	v := w.view("alice", "Order")
	if err := w.Act(w.ctx(), emulator.Action{User: "alice", ViewID: id(v), ActionID: "bigger"}); err != nil {
		t.Fatal(err)
	}
	top := w.view("alice", "How big")
	w.view("alice", "Big order")
	if err := w.CloseView("alice", id(top), false); err != nil {
		t.Fatal(err)
	}
	w.says("@alice", "You closed it.")
}

func boltEvents(t *testing.T, w *fixture) {
	ts, err := w.Post("bob", deploys, "@stationmaster are you there?", "")
	if err != nil {
		t.Fatal(err)
	}
	if m := w.says(deploys, "You called, <@"+w.UserID("bob")+">?"); m.ThreadTS != ts {
		t.Errorf("not in the thread: %+v", m)
	}
	if _, err := w.Post("bob", deploys, "who is here", ""); err != nil {
		t.Fatal(err)
	}
	w.says(deploys, "alice, bob, carol, stationmaster")
	if err := w.React("bob", deploys, ts, "eyes", true); err != nil {
		t.Fatal(err)
	}
	_, err = w.WaitMessage(w.ctx(), deploys, func(m emulator.Message) bool { return m.TS == ts && len(m.Reactions) == 2 })
	if err != nil {
		t.Error("the app's own reaction", err)
	}
}

func boltUpload(t *testing.T, w *fixture) {
	if _, err := w.Post("bob", deploys, "draw pixel", ""); err != nil {
		t.Fatal(err)
	}
	m := w.says(deploys, "Here is pixel.")
	if len(m.Files) != 1 || m.Files[0].Name != "pixel.png" || m.Files[0].Mimetype != "image/png" || m.Files[0].Size != 70 {
		t.Errorf("files %+v", m.Files)
	}
}

func boltErrors(t *testing.T, w *fixture) {
	if _, err := w.Post("bob", deploys, "shout elsewhere", ""); err != nil {
		t.Fatal(err)
	}
	w.says(deploys, "channel_not_found")
	w.says(deploys, "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]")
}

func boltShortcuts(t *testing.T, w *fixture) {
	if err := w.Shortcut(w.ctx(), emulator.ShortcutUse{User: "carol", CallbackID: "quick_order"}); err != nil {
		t.Fatal(err)
	}
	v := w.view("carol", "Order")
	if err := w.CloseView("carol", id(v), false); err != nil {
		t.Fatal(err)
	}
	ts, err := w.Post("bob", deploys, "soup is good", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Shortcut(w.ctx(), emulator.ShortcutUse{User: "carol", CallbackID: "repeat", Channel: deploys, MessageTS: ts}); err != nil {
		t.Fatal(err)
	}
	w.says(deploys, "Once more: soup is good")
}

func boltHome(t *testing.T, w *fixture) {
	w.OpenHome("alice")
	want := "Welcome home, "
	err := w.Wait(w.ctx(), func() bool {
		for _, v := range w.Views("alice") {
			if blocks, err := json.Marshal(v["blocks"]); err == nil && v["type"] == "home" && strings.Contains(string(blocks), want) {
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Errorf("no home that says %q: %v", want, err)
	}
}

// boltLimits: the client waits as long as Retry-After says, and then gets through.
func boltLimits(t *testing.T, w *fixture) {
	w.Inject(emulator.Fault{Method: "chat.postMessage", Status: 429, RetryAfter: 1})
	if _, err := w.Post("bob", deploys, "@stationmaster once more?", ""); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	_, err := w.WaitMessage(w.ctx(), deploys, func(m emulator.Message) bool {
		return strings.HasPrefix(m.Text, "You called") && strings.Contains(m.ThreadTS, ".") && w.replied(m.ThreadTS, "once more?")
	})
	if took := time.Since(begun); err != nil || took < time.Second {
		t.Errorf("after %s: %v", took, err)
	}
}

// replied reports whether the message with that timestamp says so.
func (w *fixture) replied(ts, part string) bool {
	for _, m := range w.Messages(deploys) {
		if m.TS == ts && strings.Contains(m.Text, part) {
			return true
		}
	}
	return false
}

// boltSockets: the client follows when its socket is refreshed, announced and not.
func boltSockets(t *testing.T, w *fixture) {
	for _, end := range []func(){func() { w.Disconnect("warning") }, func() { w.Disconnect("refresh_requested") }, func() { w.CutSockets() }} {
		old := w.Sockets()
		end()
		ctx := w.ctx()
		for now := old; len(now) != 1 || now[0].ID == old[0].ID; now = w.Sockets() {
			if ctx.Err() != nil {
				t.Fatalf("no new socket: %+v", now)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	if err := w.Type(w.ctx(), "alice", deploys, "/order help", ""); err != nil {
		t.Error(err)
	}
}
