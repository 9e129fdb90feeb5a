package emulator_test

import (
	"encoding/json"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func mrkdwn(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, false)
}

// form is a modal with one required input and one menu.
func form() slack.ModalViewRequest {
	reason := slack.NewInputBlock("reason", plain("Reason"), nil, slack.NewPlainTextInputBlockElement(plain("Why"), "text"))
	risk := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Risk"), "risk",
		slack.NewOptionBlockObject("low", plain("Low"), nil), slack.NewOptionBlockObject("high", plain("High"), nil))
	risk.InitialOption = slack.NewOptionBlockObject("low", plain("Low"), nil)
	return slack.ModalViewRequest{Type: slack.VTModal, Title: plain("Deploy"), Submit: plain("Go"), CallbackID: "deploy",
		PrivateMetadata: "secret", NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{reason, slack.NewInputBlock("risk", plain("Risk"), nil, risk)}}}
}

// flow is an app that answers a command with a card, opens a form at a click and edits the card at its submission.
type flow struct {
	w    *fixture
	seen chan slack.InteractionCallback
	done map[string]bool // by trigger: a copy of a click is acknowledged and not acted on
}

func newFlow(w *fixture) *flow {
	return &flow{w: w, seen: make(chan slack.InteractionCallback, 10), done: map[string]bool{}}
}

func (f *flow) handle(c *socketmode.Client, e socketmode.Event) {
	api := f.w.api
	switch d := e.Data.(type) {
	case slack.SlashCommand:
		ack(c, e, map[string]any{"text": "On it, " + d.UserName})
		card := []slack.Block{slack.NewSectionBlock(mrkdwn("*"+d.Text+"*"), nil, nil),
			slack.NewActionBlock("steps", slack.NewButtonBlockElement("approve", "v1", plain("Approve")))}
		_, _, err := api.PostMessage(d.ChannelID, slack.MsgOptionText(d.Text, false), slack.MsgOptionBlocks(card...),
			slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "stationmaster", EventPayload: map[string]any{"key": "k1"}}))
		if err != nil {
			f.w.t.Error(err)
		}
	case slack.InteractionCallback:
		f.seen <- d
		ack(c, e)
		if f.done[d.TriggerID] {
			return
		}
		f.done[d.TriggerID] = true
		switch d.Type {
		case slack.InteractionTypeBlockActions:
			if _, err := api.OpenView(d.TriggerID, form()); err != nil {
				f.w.t.Error(err)
			}
		case slack.InteractionTypeViewSubmission:
			m := f.w.Messages(deploys)[0]
			if _, _, _, err := api.UpdateMessage(f.w.ChannelID(deploys), m.TS, slack.MsgOptionText("Done", false)); err != nil {
				f.w.t.Error(err)
			}
		}
	}
}

// TestFlowFromCommandToUpdate goes once through all of it with slack-go: command, acknowledgement with text, post, click, form, submission,
// update.
func TestFlowFromCommandToUpdate(t *testing.T) {
	w := start(t)
	f := newFlow(w)
	w.app(f.handle)

	w.must(w.Type(w.ctx(), "alice", deploys, "/deploy web <v2> & @bob", ""))
	e, err := w.WaitEphemeral(w.ctx(), "alice", func(m emulator.Message) bool { return m.Text == "On it, alice" })
	w.must(err)
	if !e.Ephemeral || e.Error != "" {
		t.Errorf("answer to the command: %+v", e)
	}
	card, err := w.WaitMessage(w.ctx(), deploys, func(m emulator.Message) bool { return m.Metadata != nil })
	w.must(err)
	if card.Text != "web <v2> & @bob" {
		t.Errorf("command text %q, want it as typed", card.Text)
	}

	w.must(w.Act(w.ctx(), emulator.Action{User: "bob", Channel: deploys, Button: "Approve"}))
	click := <-f.seen
	if a := click.ActionCallback.BlockActions[0]; a.ActionID != "approve" || a.Value != "v1" || a.BlockID != "steps" ||
		click.User.ID != "UBOB" || click.Message.Timestamp != card.TS || click.Container.ChannelID != w.ChannelID(deploys) {
		t.Errorf("click: %+v", click)
	}
	w.must(w.Wait(w.ctx(), func() bool { return len(w.Views("bob")) == 1 }))
	view := w.Views("bob")[0]

	invalid, err := w.Submit(w.ctx(), "bob", view["id"].(string), nil)
	w.must(err)
	if invalid["reason"] == "" {
		t.Errorf("a form without its required field was sent: %v", invalid)
	}
	invalid, err = w.Submit(w.ctx(), "bob", view["id"].(string),
		map[string]any{"reason": map[string]any{"text": map[string]any{"value": "because"}}})
	w.must(err)
	if len(invalid) > 0 {
		t.Fatal(invalid)
	}
	sub := <-f.seen
	values := sub.View.State.Values
	if values["reason"]["text"].Value != "because" || values["risk"]["risk"].SelectedOption.Value != "low" ||
		sub.View.PrivateMetadata != "secret" || sub.View.CallbackID != "deploy" {
		b, _ := json.Marshal(sub.View)
		t.Errorf("submission: %s", b)
	}
	if n := len(w.Views("bob")); n != 0 {
		t.Errorf("%d views open after the submission", n)
	}
	done, err := w.WaitMessage(w.ctx(), deploys, func(m emulator.Message) bool { return m.Text == "Done" })
	w.must(err)
	if done.TS != card.TS || done.Edited == nil || done.Metadata == nil || len(done.Blocks) != 0 {
		t.Errorf("card after the update: %+v", done)
	}
}
