package workspace_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
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
	var c workspace.Config
	if err := c.Install([]byte(appManifest)); err != nil {
		t.Fatal(err)
	}
	want := workspace.Config{
		App: workspace.App{
			Name: "Kitchen", BotName: "cook", Scopes: []string{"commands", "chat:write"}, Events: []string{"app_mention"},
			Shortcuts: []workspace.Shortcut{
				{Name: "Repeat", CallbackID: "repeat", Description: "Say it again", Message: true},
				{Name: "Order", CallbackID: "order", Description: "Order something"},
			},
		},
		Commands: []workspace.Command{{Name: "/order", Description: "Order something", UsageHint: "soup", Escape: true}},
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
		var c workspace.Config
		if err := c.Install([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
