package emulator_test

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

const appManifest = `
display_information: {name: Kitchen}
features:
  app_home: {home_tab_enabled: true}
  slash_commands:
    - {command: /order, description: Order something, usage_hint: soup, should_escape: true}
oauth_config: {scopes: {bot: [commands, "chat:write"]}}
settings:
  socket_mode_enabled: true
`

// An app whose manifest has no Home tab shows none, and one whose Messages tab is to be read only is not written to:
// what people who try their first app stumble over.
func TestInstallObeysTheTabs(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		if err := c.Install([]byte(strings.Replace(appManifest, "home_tab_enabled: true", "messages_tab_read_only_enabled: true", 1))); err != nil {
			t.Fatal(err)
		}
	})
	w.refuse([]refusal{{"views.publish", []string{"user_id", "UALICE", "view", `{"type":"home","blocks":[]}`}, "not_enabled"}})
	if _, err := w.Post("alice", w.DirectID("alice"), "hello", ""); err == nil || !strings.Contains(err.Error(), "turned off") {
		t.Errorf("writing to the app: %v", err)
	}
	if err := w.Type(w.ctx(), "alice", w.DirectID("alice"), "/order", ""); err == nil {
		t.Error("a command in the app's own tab goes out")
	}
	if _, err := w.Post("alice", deploys, "hello", ""); err != nil {
		t.Error(err)
	}
}

// Text without markup, as some apps want it.
func TestPlainMessagesHaveNoMarkup(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	ts := w.form("chat.postMessage", "channel", id, "text", "2*3*4", "mrkdwn", "false").TS
	if m := w.Messages(deploys)[0]; m.Mrkdwn == nil || *m.Mrkdwn {
		t.Errorf("posted: %+v", m)
	}
	w.refuse([]refusal{{"chat.update", []string{"channel", id, "ts", ts, "text", "*24*"}, ""}})
	if m := w.Messages(deploys)[0]; m.Mrkdwn != nil {
		t.Errorf("edited: %+v", m)
	}
}

func TestMessageIconsAreShown(t *testing.T) {
	w := start(t)
	id := w.ChannelID(deploys)
	w.refuse([]refusal{
		{"chat.postMessage", []string{"channel", id, "text", "x", "username", "Signal", "icon_emoji", ":train:", "icon_url", "https://x/y.png"}, ""},
		{"chat.postMessage", []string{"channel", id, "text", "x", "icon_url", "https://x/y.png"}, ""},
	})
	m := w.Messages(deploys)
	if m[0].Username != "Signal" || *m[0].Icons != (emulator.Icons{Emoji: ":train:"}) || *m[1].Icons != (emulator.Icons{Image: "https://x/y.png"}) {
		t.Errorf("icons: %+v, %+v", m[0], m[1])
	}
}
