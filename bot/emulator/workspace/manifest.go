package workspace

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// manifest is the part of a Slack app's manifest that a workspace goes by.
// https://docs.slack.dev/reference/app-manifest
type manifest struct {
	Display struct {
		Name string `yaml:"name"`
	} `yaml:"display_information"`
	Features struct {
		Home struct {
			Tab      bool `yaml:"home_tab_enabled"`
			ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		Bot struct {
			Name string `yaml:"display_name"`
		} `yaml:"bot_user"`
		Commands []struct {
			Command     string `yaml:"command"`
			Description string `yaml:"description"`
			Hint        string `yaml:"usage_hint"`
			Escape      bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
		Shortcuts []struct {
			Name        string `yaml:"name"`
			Type        string `yaml:"type"`
			CallbackID  string `yaml:"callback_id"`
			Description string `yaml:"description"`
		} `yaml:"shortcuts"`
		UnfurlDomains []string `yaml:"unfurl_domains"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot []string `yaml:"bot"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		SocketMode bool `yaml:"socket_mode_enabled"`
	} `yaml:"settings"`
}

// Install sets the app and its commands as the app's own manifest describes them, in YAML or JSON: the app then has
// exactly the scopes, events, commands and shortcuts that it would have in Slack. What a manifest does not say, such
// as tokens and ids, stays as it is. Keys that a local Slack has no use for are passed over.
func (c *Config) Install(text []byte) error {
	var m manifest
	if err := yaml.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	if m.Display.Name == "" {
		return fmt.Errorf("read the manifest: display_information.name is missing; is this a Slack app's manifest?")
	}
	if !m.Settings.SocketMode {
		return fmt.Errorf("read the manifest: settings.socket_mode_enabled is not true, and there is no other way to reach an app here")
	}
	c.App.Name, c.App.BotName = m.Display.Name, m.Features.Bot.Name
	c.App.Scopes = append([]string{}, m.OAuth.Scopes.Bot...) // none is not all
	c.App.Events = m.Settings.Events.Bot
	c.App.WithoutHome, c.App.SilentMessages = !m.Features.Home.Tab, m.Features.Home.ReadOnly
	c.App.UnfurlDomains = m.Features.UnfurlDomains
	c.App.Shortcuts, c.Commands = nil, nil
	for _, s := range m.Features.Shortcuts {
		c.App.Shortcuts = append(c.App.Shortcuts, Shortcut{
			Name: s.Name, CallbackID: s.CallbackID, Description: s.Description, Message: s.Type == "message",
		})
	}
	for _, s := range m.Features.Commands {
		c.Commands = append(c.Commands, Command{Name: s.Command, Description: s.Description, UsageHint: s.Hint, Escape: s.Escape})
	}
	return nil
}

// EveryEvent lists the types of events that an app can subscribe to here.
func EveryEvent() []string {
	return slices.Sorted(maps.Keys(EventScopes))
}
