package bot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"go.yaml.in/yaml/v4"
)

// needed says which scopes the methods of Slack's API need that the package
// calls, by their names in slack-go. From the page of each method:
// https://docs.slack.dev/reference/methods
var needed = map[string][]string{
	"AuthTestContext":                  {},
	"StartSocketModeContext":           {}, // connections:write, of the app-level token
	"OpenViewContext":                  {},
	"PublishViewContext":               {},
	"GetPermalinkContext":              {},
	"UpdateViewContext":                {},
	"PostMessageContext":               {"chat:write"},
	"PostEphemeralContext":             {"chat:write"},
	"UpdateMessageContext":             {"chat:write"},
	"DeleteMessageContext":             {"chat:write"},
	"GetConversationHistoryContext":    {"channels:history", "groups:history", "im:history"},
	"GetConversationRepliesContext":    {"channels:history", "groups:history"},
	"GetConversationInfoContext":       {"channels:read", "groups:read"},
	"GetConversationsForUserContext":   {"channels:read", "groups:read"},
	"GetConversationsContext":          {"channels:read"}, // public ones alone
	"GetUsersInConversationContext":    {"channels:read"}, // likewise, as all of bot/channels
	"OpenConversationContext":          {"im:write"},
	"CreateConversationContext":        {"channels:manage"},
	"InviteUsersToConversationContext": {"channels:manage"},
	"SetTopicOfConversationContext":    {"channels:manage"},
	"JoinConversationContext":          {"channels:join"},
	"AddReactionContext":               {"reactions:write"},
	"RemoveReactionContext":            {"reactions:write"},
	"GetBotInfoContext":                {"users:read"},
	"GetUserInfoContext":               {"users:read"},
	"GetUsersPaginated":                {"users:read", "users:read.email"}, // whose profiles have the addresses
	"GetUserGroupsContext":             {"usergroups:read"},
	"GetUserGroupMembersContext":       {"usergroups:read"},
}

// heard says which scopes the events need that the manifest subscribes to.
// From the page of each event: https://docs.slack.dev/reference/events
var heard = map[string][]string{
	"app_home_opened":         {},
	"user_change":             {"users:read"},
	"subteam_members_changed": {"usergroups:read"},
	"subteam_updated":         {"usergroups:read"},
	"channel_rename":          {"channels:read"},
	"channel_archive":         {"channels:read"},
	"channel_shared":          {"channels:read"}, "channel_unshared": {"channels:read"}, "channel_unarchive": {"channels:read"},
	"channel_deleted":       {"channels:read"},
	"channel_left":          {"channels:read"},
	"group_rename":          {"groups:read"},
	"group_archive":         {"groups:read"},
	"group_unarchive":       {"groups:read"},
	"group_deleted":         {"groups:read"},
	"group_left":            {"groups:read"},
	"member_joined_channel": {"channels:read", "groups:read"},
}

// The manifest asks for exactly the scopes that the package's calls and events
// need, and subscribes to exactly the events that are used.
func TestManifestHasTheScopesUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{"commands": true} // the slash command's own
	for method := range called(t) {
		scopes, ok := needed[method]
		if !ok {
			t.Errorf("which scopes %s needs is not in the table", method)
		}
		for _, s := range scopes {
			used[s] = true
		}
	}
	var m struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `yaml:"oauth_config"`
		Features struct {
			Commands []struct{ Command string } `yaml:"slash_commands"`
		}
		Settings struct {
			Socket        bool `yaml:"socket_mode_enabled"`
			Interactivity struct {
				Enabled bool `yaml:"is_enabled"`
			}
			Events struct {
				Bot []string `yaml:"bot_events"`
			} `yaml:"event_subscriptions"`
		}
	}
	if err := yaml.Unmarshal(Manifest("/ship"), &m); err != nil {
		t.Fatal(err)
	}
	for name := range events {
		scopes, ok := heard[name]
		if !ok {
			t.Errorf("which scopes the event %s needs is not in the table", name)
		}
		for _, s := range scopes {
			used[s] = true
		}
	}
	if want := slices.Sorted(maps.Keys(events)); !slices.Equal(m.Settings.Events.Bot, want) {
		t.Errorf("the manifest subscribes to\n%v, used are\n%v", m.Settings.Events.Bot, want)
	}
	want, got := slices.Sorted(maps.Keys(used)), slices.Sorted(slices.Values(m.OAuth.Scopes.Bot))
	if !slices.Equal(want, got) {
		t.Errorf("used are\n%v, the manifest has\n%v", want, got)
	}
	if len(m.Features.Commands) != 1 || m.Features.Commands[0].Command != "/ship" {
		t.Errorf("the commands are %v", m.Features.Commands)
	}
	if !m.Settings.Socket || !m.Settings.Interactivity.Enabled {
		t.Errorf("the settings are %+v", m.Settings)
	}
}

// called are the methods of slack.Client whose names stand in the rooms of the
// bot, save the local Slack's and the tests'.
func called(t *testing.T) map[string]bool {
	t.Helper()
	methods := map[string]bool{}
	client := reflect.TypeFor[*slack.Client]()
	for i := range client.NumMethod() {
		if name := client.Method(i).Name; strings.HasSuffix(name, "Context") || strings.HasSuffix(name, "Paginated") {
			methods[name] = true
		}
	}
	own, _ := filepath.Glob("*.go") // the patterns are good
	rooms, _ := filepath.Glob("*/*.go")
	files := slices.DeleteFunc(slices.Concat(own, rooms), func(f string) bool {
		return strings.HasPrefix(f, "emulator/") || strings.HasPrefix(f, "bottest/")
	})
	if len(own) == 0 || len(rooms) == 0 {
		t.Fatal("no source")
	}
	found := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && methods[s.Sel.Name] {
				found[s.Sel.Name] = true
			}
			return true
		})
	}
	return found
}
