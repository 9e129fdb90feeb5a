package app_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// card is the newest one; without any it is empty.
func (tw *appFixture) card() (card emulator.Message) {
	for _, m := range tw.slack.Messages(deploys) {
		if m.Metadata != nil && m.Metadata.EventPayload["message"] == "card" {
			card = m
		}
	}
	return card
}

// shows waits until the newest card says something.
func (tw *appFixture) shows(words string) {
	tw.t.Helper()
	tw.eventually("the card says "+words, func() bool { return strings.Contains(shown(tw.card()), words) })
}

// shown is a message as it is read, without marks.
func shown(m emulator.Message) string {
	var blocks any
	if json.Unmarshal(m.Blocks, &blocks) != nil {
		return m.Text
	}
	var out []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, key := range []string{"title", "text"} {
				if s, ok := v[key].(string); ok {
					out = append(out, s)
				}
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(blocks)
	return strings.NewReplacer("*", "", "`", "").Replace(strings.Join(out, "\n"))
}

// everything are all messages of all channels and their threads.
func (tw *appFixture) everything() []emulator.Message {
	var all []emulator.Message
	for _, channel := range []string{deploys, "change", "support"} {
		all = append(all, tw.slack.Messages(channel)...)
	}
	return all
}

// scene is what one sees in Slack, for somebody who looks for what went wrong.
func (tw *appFixture) scene() string {
	var b strings.Builder
	for _, m := range tw.everything() {
		fmt.Fprintf(&b, "%s %s\n", m.Channel, shown(m))
	}
	for _, user := range []string{"ana", "bob", "eve"} {
		for _, m := range tw.slack.Ephemerals(user) {
			fmt.Fprintf(&b, "to %s alone: %s\n", user, m.Text)
		}
	}
	return b.String()
}
