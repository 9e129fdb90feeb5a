package emulator_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// trigger types a command and gives the trigger_id that the app got.
func (w *fixture) trigger(user string) string {
	w.t.Helper()
	c := w.dial()
	w.read(c)
	done := make(chan error, 1)
	go func() { done <- w.Type(w.ctx(), user, deploys, "/deploy", "") }()
	f := w.read(c)
	w.must(wsjson.Write(w.ctx(), c, map[string]any{"envelope_id": f.ID}))
	w.must(<-done)
	_ = c.Close(websocket.StatusNormalClosure, "") // the server may have closed first
	w.eventually("the socket is gone", func() bool { return len(w.Sockets()) == 0 })
	return f.Payload["trigger_id"].(string)
}

// A trigger opens one view within its life.
func TestTriggersOpenOneViewInTime(t *testing.T) {
	w := start(t)
	id := w.trigger("alice")
	if _, err := w.api.OpenView(id, form()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.OpenView(id, form()); err == nil || err.Error() != "exchanged_trigger_id" {
		t.Errorf("second use: %v", err)
	}
	w = start(t, func(c *emulator.Config) { c.Timing.Trigger = time.Millisecond })
	late := w.trigger("alice")
	time.Sleep(10 * time.Millisecond)
	if _, err := w.api.OpenView(late, form()); err == nil || err.Error() != "expired_trigger_id" {
		t.Errorf("late use: %v", err)
	}
}

func TestViewUpdatesRefuseAStaleHash(t *testing.T) {
	w := start(t)
	v, err := w.api.OpenView(w.trigger("alice"), form())
	w.must(err)
	next := form()
	next.Title = plain("Second")
	u, err := w.api.UpdateView(next, "", v.Hash, v.ID)
	w.must(err)
	if u.Hash == v.Hash || u.Title.Text != "Second" || u.RootViewID != v.ID {
		t.Errorf("update: %+v", u.View)
	}
	if _, err := w.api.UpdateView(next, "", v.Hash, v.ID); err == nil || err.Error() != "hash_conflict" {
		t.Errorf("stale hash: %v", err)
	}
	if _, err := w.api.PushView(w.trigger("alice"), form()); err == nil || err.Error() != "not_found" {
		t.Errorf("push by a command's trigger: %v", err)
	}
}

// What an app may answer to a submission, and what the person then sees.
func TestSubmissionAnswersChangeTheModal(t *testing.T) {
	second := form()
	second.Title = plain("Second")
	tooLong := form()
	tooLong.Title = plain("A title of more than twenty-four characters")
	for _, c := range []struct {
		name    string
		ack     any
		open    int
		invalid string
		err     error
	}{
		{"empty", nil, 0, "", nil},
		{"clear", slack.NewClearViewSubmissionResponse(), 0, "", nil},
		{"update", slack.NewUpdateViewSubmissionResponse(&second), 1, "", nil},
		{"push", slack.NewPushViewSubmissionResponse(&second), 2, "", nil},
		{"errors", slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "too short"}), 1, "too short", nil},
		{"errors for no input", slack.NewErrorsViewSubmissionResponse(map[string]string{"nope": "x"}), 1, "", emulator.ErrTrouble},
		{"bad view", slack.NewUpdateViewSubmissionResponse(&tooLong), 1, "", emulator.ErrTrouble},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := start(t)
			v, err := w.api.OpenView(w.trigger("alice"), form())
			w.must(err)
			w.app(func(cl *socketmode.Client, e socketmode.Event) {
				if c.ack == nil {
					ack(cl, e)
					return
				}
				ack(cl, e, c.ack)
			})
			invalid, err := w.Submit(w.ctx(), "alice", v.ID, map[string]any{"reason": map[string]any{"text": map[string]any{"value": "x"}}})
			if !errors.Is(err, c.err) || invalid["reason"] != c.invalid {
				t.Errorf("told %v, %v", invalid, err)
			}
			if n := len(w.Views("alice")); n != c.open {
				t.Errorf("%d views open, want %d", n, c.open)
			}
		})
	}
}

func TestClosingAndHomeTabTellTheApp(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.App.Events = []string{"app_home_opened"} })
	v, err := w.api.OpenView(w.trigger("alice"), form())
	w.must(err)
	c := w.dial()
	w.read(c)
	w.must(w.CloseView("alice", v.ID, false))
	f := w.read(c)
	if f.Payload["type"] != "view_closed" || f.Payload["is_cleared"] != false {
		t.Errorf("closing sent %+v", f)
	}
	if err := w.CloseView("alice", v.ID, false); err == nil {
		t.Error("closed twice")
	}
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
	h, err := w.api.PublishView("UALICE", home, "")
	w.must(err)
	if _, err := w.api.PublishView("UALICE", home, "stale"); err == nil || err.Error() != "hash_conflict" {
		t.Errorf("stale hash: %v", err)
	}
	again, err := w.api.PublishView("UALICE", home, h.Hash)
	w.must(err)
	if again.ID != h.ID || len(w.Views("alice")) != 1 {
		t.Errorf("published again: %+v", again)
	}
	w.OpenHome("alice")
	e := w.read(c).Payload["event"].(map[string]any)
	if e["type"] != "app_home_opened" || e["user"] != "UALICE" || e["view"] == nil {
		t.Errorf("home event: %v", e)
	}
}

// A click on a screen that is behind reaches the app with the old button, and only when it is asked for.
func TestStaleClickReachesTheApp(t *testing.T) {
	w := start(t)
	got := make(chan slack.InteractionCallback, 1)
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		got <- e.Data.(slack.InteractionCallback)
		ack(c, e)
	})
	id := w.ChannelID(deploys)
	_, ts, err := w.api.PostMessage(id, slack.MsgOptionBlocks(slack.NewActionBlock("b", slack.NewButtonBlockElement("go", "v1", plain("Go")))))
	w.must(err)
	_, _, _, err = w.api.UpdateMessage(id, ts, slack.MsgOptionText("gone", false))
	w.must(err)
	click := emulator.Action{User: "alice", Channel: deploys, MessageTS: ts, ActionID: "go"}
	if err := w.Act(w.ctx(), click); !errors.Is(err, emulator.ErrNoElement) {
		t.Errorf("click on a button that is gone: %v", err)
	}
	click.Stale = true
	w.must(w.Act(w.ctx(), click))
	if d := <-got; d.ActionCallback.BlockActions[0].Value != "v1" || d.Message.Text != "gone" {
		t.Errorf("stale click: %+v", d)
	}
}

// A menu in a message: its choice arrives in the action and in the state.
func TestMessageStateCarriesTheChoice(t *testing.T) {
	w := start(t)
	c := w.dial()
	w.read(c)
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Risk"), "risk",
		slack.NewOptionBlockObject("low", plain("Low"), nil), slack.NewOptionBlockObject("high", plain("High"), nil))
	_, _, err := w.api.PostMessage(w.ChannelID(deploys), slack.MsgOptionBlocks(slack.NewActionBlock("b", menu)))
	w.must(err)
	var a emulator.Action
	w.must(json.Unmarshal([]byte(`{"user":"alice","channel":"`+deploys+`","action_id":"risk","selected_option":{"value":"high"}}`), &a))
	done := make(chan error, 1)
	go func() { done <- w.Act(w.ctx(), a) }()
	f := w.read(c)
	w.must(wsjson.Write(w.ctx(), c, map[string]any{"envelope_id": f.ID}))
	w.must(<-done)
	p, _ := json.Marshal(f.Payload)
	var cb slack.InteractionCallback
	w.must(json.Unmarshal(p, &cb))
	if cb.ActionCallback.BlockActions[0].SelectedOption.Value != "high" || cb.BlockActionState.Values["b"]["risk"].SelectedOption.Value != "high" {
		t.Errorf("payload: %s", p)
	}
}
