package emulator_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

const appManifest = `
display_information: {name: Kitchen, background_color: "#000000"}
features:
  app_home: {home_tab_enabled: true}
  bot_user: {display_name: cook, always_online: true}
  slash_commands:
    - {command: /order, description: Order something, usage_hint: soup, should_escape: true}
  shortcuts:
    - {name: Repeat, type: message, callback_id: repeat, description: Say it again}
    - {name: Order, type: global, callback_id: order, description: Order something}
oauth_config: {scopes: {bot: [commands, "chat:write"]}}
settings:
  event_subscriptions: {bot_events: [app_mention]}
  socket_mode_enabled: true
`

func TestInstallTakesTheManifest(t *testing.T) {
	var c emulator.Config
	if err := c.Install([]byte(appManifest)); err != nil {
		t.Fatal(err)
	}
	want := emulator.Config{
		App: emulator.App{
			Name: "Kitchen", BotName: "cook", Scopes: []string{"commands", "chat:write"}, Events: []string{"app_mention"},
			Shortcuts: []emulator.Shortcut{
				{Name: "Repeat", CallbackID: "repeat", Description: "Say it again", Message: true},
				{Name: "Order", CallbackID: "order", Description: "Order something"},
			},
		},
		Commands: []emulator.Command{{Name: "/order", Description: "Order something", UsageHint: "soup", Escape: true}},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("%+v\nwant\n%+v", c, want)
	}
}

func TestInstallRefusesOtherTexts(t *testing.T) {
	for text, want := range map[string]string{
		"a: [":    "read the manifest",
		"team: x": "display_information.name",
		"display_information: {name: x}\nsettings: {socket_mode_enabled: false}": "socket_mode_enabled",
	} {
		var c emulator.Config
		if err := c.Install([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

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
