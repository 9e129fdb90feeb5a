package emulator_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func TestViewMethodsRefuseInSlacksWords(t *testing.T) {
	w := start(t)
	named := strings.Replace(minimalView, `"type":"modal"`, `"type":"modal","external_id":"mine"`, 1)
	other := strings.Replace(minimalView, `"type":"modal"`, `"type":"modal","external_id":"other"`, 1)
	home := `{"type":"home","blocks":[]}`
	huge := fmt.Sprintf(`{"type":"home","blocks":[%s]}`, strings.TrimSuffix(strings.Repeat(`{"type":"section","text":{"type":"mrkdwn","text":"`+xs(2900)+`"}},`, 99), ","))
	if a := w.form("views.open", "trigger_id", w.trigger("alice"), "view", named); !a.Ok {
		t.Fatal(a)
	}
	w.refuse([]refusal{
		{"views.open", []string{"view", minimalView}, "invalid_arguments"},
		{"views.open", []string{"trigger_id", "x"}, "invalid_arguments"},
		{"views.open", []string{"trigger_id", "x", "view", "{"}, "invalid_arguments"},
		{"views.open", []string{"trigger_id", w.trigger("bob"), "view", named}, "duplicate_external_id"},
		{"views.open", []string{"trigger_id", w.trigger("bob"), "view", other}, ""},
		{"views.open", []string{"trigger_id", "x", "view", home}, "invalid_arguments"},
		{"views.push", []string{"trigger_id", "x", "view", minimalView}, "invalid_trigger_id"},
		{"views.update", []string{"view", minimalView}, "invalid_arguments"},
		{"views.update", []string{"external_id", "nope", "view", minimalView}, "not_found"},
		{"views.update", []string{"external_id", "mine", "view", home}, "invalid_arguments"},
		{"views.update", []string{"external_id", "mine", "hash", "1.old", "view", named}, "hash_conflict"},
		{"views.update", []string{"external_id", "mine", "view", other}, "duplicate_external_id"},
		{"views.update", []string{"external_id", "mine", "view", named}, ""},
		{"views.publish", []string{"view", home}, "invalid_arguments"},
		{"views.publish", []string{"user_id", "UNOPE", "view", home}, "invalid_arguments"},
		{"views.publish", []string{"user_id", "UALICE", "view", minimalView}, "invalid_arguments"},
		{"views.publish", []string{"user_id", "UALICE", "view", huge}, "view_too_large"},
		{"views.publish", []string{"user_id", "UALICE", "view", `{"type":"home","external_id":"other","blocks":[]}`}, "duplicate_external_id"},
		{"views.publish", []string{"user_id", "UALICE", "view", home}, ""},
	})
}

// Three modals lie on one another at most, pushed by the method or by an answer.
func TestViewStackHoldsThree(t *testing.T) {
	w := start(t)
	view := form()
	view.Blocks.BlockSet = append(view.Blocks.BlockSet, slack.NewActionBlock("more", slack.NewButtonBlockElement("push", "v", plain("More"))))
	v, err := w.api.OpenView(w.trigger("alice"), view)
	w.must(err)
	results := make(chan error, 1)
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		d := e.Data.(slack.InteractionCallback)
		if d.Type == slack.InteractionTypeViewSubmission {
			ack(c, e, slack.NewPushViewSubmissionResponse(&view))
			return
		}
		ack(c, e)
		if d.Type == slack.InteractionTypeBlockActions {
			_, err := w.api.PushView(d.TriggerID, view)
			results <- err
		}
	})
	top := v.ID
	for i := range 3 {
		w.must(w.Act(w.ctx(), emulator.Action{User: "alice", ViewID: top, ActionID: "push"}))
		err := <-results
		views := w.Views("alice")
		top = views[len(views)-1]["id"].(string)
		if full := i == 2; full != (err != nil) || full && err.Error() != "push_limit_reached" || len(views) != min(i+2, 3) {
			t.Errorf("push %d: %v, %d views", i, err, len(views))
		}
	}
	last := w.Views("alice")[2]
	if last["root_view_id"] != v.ID || last["previous_view_id"] != w.Views("alice")[1]["id"] {
		t.Errorf("the third knows its place as %v, %v", last["root_view_id"], last["previous_view_id"])
	}
	_, err = w.Submit(w.ctx(), "alice", top, o{"reason": o{"text": o{"value": "x"}}})
	if !errors.Is(err, emulator.ErrTrouble) {
		t.Errorf("a fourth by an answer: %v", err)
	}
	w.must(w.CloseView("alice", v.ID, true))
}

// An answer that makes no sense leaves the modal open: "We had some trouble connecting."
func TestBadSubmissionAnswersLeaveTheModalOpen(t *testing.T) {
	for name, answer := range map[string]any{
		"an unknown action": o{"response_action": "jump"}, "no object": "ok", "errors without any": o{"response_action": "errors"},
		"errors that are no texts": o{"response_action": "errors", "errors": o{"reason": 3}}, "no view": o{"response_action": "update"},
		"a home view": o{"response_action": "push", "view": o{"type": "home", "blocks": l{}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			v, err := w.api.OpenView(w.trigger("alice"), form())
			w.must(err)
			w.app(func(c *socketmode.Client, e socketmode.Event) { ack(c, e, answer) })
			_, err = w.Submit(w.ctx(), "alice", v.ID, o{"reason": o{"text": o{"value": "x"}}})
			if !errors.Is(err, emulator.ErrTrouble) || len(w.Views("alice")) != 1 {
				t.Errorf("told %v, %d views open", err, len(w.Views("alice")))
			}
		})
	}
}

// What an app may offer in an external menu, and what a menu cannot show.
func TestSuggestionsOfOtherShapesAreRefused(t *testing.T) {
	group := func(n int) o { return o{"label": words("plain_text", 75), "options": many(n, choice)} }
	for _, c := range []struct {
		name   string
		answer any
		ok     bool
	}{
		{"options", o{"options": many(100, choice)}, true},
		{"too many options", o{"options": many(101, choice)}, false},
		{"none", o{"options": l{}}, true},
		{"groups", o{"option_groups": l{group(100), group(1)}}, true},
		{"a group too large", o{"option_groups": l{group(101)}}, false},
		{"too many groups", o{"option_groups": many(101, func(int) any { return group(1) })}, false},
		{"both", o{"options": l{choice(1)}, "option_groups": l{group(1)}}, false},
		{"a long option", o{"options": l{o{"text": words("plain_text", 76), "value": "v"}}}, false},
		{"nothing", nil, false},
	} {
		w := start(t)
		w.app(func(cl *socketmode.Client, e socketmode.Event) {
			if c.answer == nil {
				ack(cl, e)
				return
			}
			ack(cl, e, c.answer)
		})
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain("Tag"), "tag")
		_, _, err := w.api.PostMessage(w.ChannelID(deploys), slack.MsgOptionBlocks(slack.NewActionBlock("b", menu)))
		w.must(err)
		_, err = w.Suggest(w.ctx(), emulator.Action{User: "alice", Channel: deploys, ActionID: "tag"}, "v")
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, emulator.ErrNoOptions) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
