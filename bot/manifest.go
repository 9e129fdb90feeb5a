package bot

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A scope is one of the token's.
type scope struct {
	name, why string
	kind      string // "": the bot does nothing without it; else it is for the steps of that kind alone, or forReactions
}

// kindDirect stands for what tells people directly, whatever the kind of its step.
const kindDirect = "direct"

// forReactions is what a scope is for without which cards have no reactions, and all else
// goes on.
const forReactions = "the reactions on cards"

// scopes are what the bot's methods and events need, and nothing else. A test
// holds them against the methods that this package calls, and against events.
// https://docs.slack.dev/reference/scopes
var scopes = []scope{
	{"commands", "the slash command", ""},
	{"chat:write", "the card, the announcements and the answers", ""},
	{"channels:read", "which public channels the bot is in, and when that changes", ""},
	{"groups:read", "the same for private ones", ""},
	{"channels:manage", "channels that a procedure has opened, with who is invited there", "channel"},
	{"channels:join", "the same for one that is there already", "channel"},
	{"channels:history", "to find a message again whose posting was cut off, instead of posting it twice", ""},
	{"groups:history", "the same in private channels", ""},
	{"im:write", "direct messages to the people whom a procedure names", kindDirect},
	{"im:history", "to find such a message again, as in channels", kindDirect},
	{"reactions:write", "the one reaction on a card that says how it stands", forReactions},
	{"users:read", "the names of people, and when they change", ""},
	{"users:read.email", "roles that name people by e-mail address, and who has two accounts", ""},
	{"usergroups:read", "roles that name user groups, and when somebody leaves one", ""},
}

// Manifest is the Slack app's manifest in YAML, for a slash command of that
// name. It subscribes to the events that are used, and to no others.
// https://docs.slack.dev/reference/app-manifest
func Manifest(command string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `display_information:
  name: stationmaster
  description: Walks people through deployments, and does what a machine can do.
  background_color: "#1f2933"
features:
  bot_user:
    display_name: stationmaster
    always_online: true
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: true
  slash_commands:
    - command: %q
      description: Start a deployment, or see what is under way
      usage_hint: SERVICE TAG, or status, history, versions, rollback, stop, help
      should_escape: false
`, command)
	b.WriteString("  shortcuts:\n")
	for _, s := range shortcuts {
		fmt.Fprintf(&b, "    - name: %s\n      type: %s\n      callback_id: %s\n      description: %s\n", s.name, s.kind, s.callback, s.description)
	}
	b.WriteString(`oauth_config:
  scopes:
    bot:
`)
	for _, s := range scopes {
		fmt.Fprintf(&b, "      - %s # %s\n", s.name, s.why)
	}
	b.WriteString(`settings:
  event_subscriptions:
    bot_events:
`)
	for _, name := range slices.Sorted(maps.Keys(events)) {
		fmt.Fprintf(&b, "      - %s\n", name)
	}
	b.WriteString(`  interactivity:
    is_enabled: true
  socket_mode_enabled: true
  org_deploy_enabled: false
  token_rotation_enabled: false
`)
	return []byte(b.String())
}
