package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// insists does something until Slack says that it has worked. On a busy machine
// an answer may take longer than the three seconds that Slack waits, or the one
// socket is renewed before there is another; then a person does it again. It returns how often that was.
func (tw *appFixture) insists(what string, do func() error) (again int) {
	tw.t.Helper()
	tw.eventually(what+" works", func() bool {
		err := do()
		if errors.Is(err, emulator.ErrTimeout) || errors.Is(err, emulator.ErrNoSocket) || errors.Is(err, emulator.ErrNoForm) {
			again++
			return false
		}
		if err != nil {
			tw.t.Fatalf("%s: %v\n%s", what, err, tw.scene())
		}
		return true
	})
	return again
}

// types types a command. It returns what the person alone is told at once, and
// how often it was typed in vain.
func (tw *appFixture) types(user, text string) (said string, again int) {
	tw.t.Helper()
	var before int
	again = tw.insists(text, func() error {
		before = len(tw.slack.Ephemerals(user))
		return tw.slack.Type(tw.t.Context(), user, deploys, text, "")
	})
	var all []string
	for _, m := range tw.slack.Ephemerals(user)[before:] {
		all = append(all, m.Text)
	}
	return strings.Join(all, "\n"), again
}

// says types a command and returns what the person alone is told at once.
func (tw *appFixture) says(user, text string) string {
	tw.t.Helper()
	said, _ := tw.types(user, text)
	return said
}

// starts types a command that begins a deployment, or ends one.
func (tw *appFixture) starts(user, text string) {
	tw.t.Helper()
	said, again := tw.types(user, text)
	if said != "" && again == 0 { // else it may be told that it has worked before
		tw.t.Fatalf("%s: %s", text, said)
	}
}

// presses waits for a button on the newest card that it has not pressed before,
// and presses it.
func (tw *appFixture) presses(user, label string) {
	tw.t.Helper()
	var b button
	tw.eventually("there is a new button "+label, func() bool {
		for _, b = range tw.buttons() {
			if (b.Text.Text == label || label == "Roll back" && strings.HasPrefix(b.Text.Text, label+" ")) && !slices.Contains(tw.pressed, b.asks()) {
				return true
			}
		}
		return false
	})
	tw.pressed = append(tw.pressed, b.asks())
	card := tw.card().TS
	tw.insists(user+"'s press of "+label, func() error {
		err := tw.slack.Act(tw.t.Context(), emulator.Action{User: user, Channel: deploys, MessageTS: card, ActionID: b.ActionID, Stale: true})
		if err == nil && slices.Contains([]string{"fill", "together"}, b.ActionID) {
			err = tw.slack.Tick(tw.t.Context(), user)
		}
		if errors.Is(err, emulator.ErrNoForm) && !slices.ContainsFunc(tw.buttons(), func(is button) bool { return is.asks() == b.asks() }) {
			return nil // it was taken, and the answer got lost
		}
		return err
	})
}

// A button of a card.
type button struct {
	ActionID string `json:"action_id"`
	Value    string
	Text     struct{ Text string }
}

// asks is the question that the button belongs to: what it carries, but for what it
// was drawn for, which is another thing for each button of one question.
func (b button) asks() string {
	var value map[string]any
	if json.Unmarshal([]byte(b.Value), &value) != nil {
		return b.Value
	}
	delete(value, "h")
	return fmt.Sprint(value)
}

// buttons are those of the newest card.
func (tw *appFixture) buttons() []button {
	var blocks []struct{ Elements []json.RawMessage }
	if json.Unmarshal(tw.card().Blocks, &blocks) != nil {
		return nil
	}
	var all []button
	for _, block := range blocks {
		for _, element := range block.Elements {
			var b button
			if json.Unmarshal(element, &b) == nil && b.ActionID != "" {
				all = append(all, b)
			}
		}
	}
	return all
}
