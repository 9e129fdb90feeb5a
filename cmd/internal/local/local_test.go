package local_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/cmd/internal/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run serves a workspace until the test ends.
func run(t *testing.T, o local.Options) local.Address {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	started, done := make(chan local.Address, 1), make(chan error, 1)
	o.Started = func(a local.Address) { started <- a }
	go func() { done <- local.Run(ctx, o) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case a := <-started:
		return a
	case err := <-done:
		done <- nil
		t.Fatal(err)
	}
	return local.Address{}
}

func TestWorkspaceIsAsTheOptionsSay(t *testing.T) {
	t.Parallel()
	a := run(t, local.Options{Groups: []string{"leads=bob,rosa"}, Channels: []string{"#kitchen"}})
	client := slack.New(a.BotToken, slack.OptionAPIURL(a.API))
	if who, err := client.AuthTestContext(t.Context()); err != nil || who.User != "app" {
		t.Errorf("%+v, %v", who, err)
	}
	groups, err := client.GetUserGroupsContext(t.Context(), slack.GetUserGroupsOptionIncludeUsers(true))
	if err != nil || len(groups) != 1 || len(groups[0].Users) != 2 {
		t.Errorf("%+v, %v", groups, err)
	}
	if _, _, err := client.PostMessageContext(t.Context(), "#kitchen", slack.MsgOptionText("Soup is ready.", false)); err != nil {
		t.Error(err)
	}
}

// An app gets what its manifest asks for, and no more.
func TestManifestGivesTheAppWhatItAsksForAndNoMore(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "manifest.yaml")
	text := "display_information: {name: Kitchen}\nfeatures: {bot_user: {display_name: cook}}\n" +
		"oauth_config: {scopes: {bot: [commands]}}\nsettings: {socket_mode_enabled: true}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	a := run(t, local.Options{Manifest: file})
	client := slack.New(a.BotToken, slack.OptionAPIURL(a.API))
	if who, err := client.AuthTestContext(t.Context()); err != nil || who.User != "cook" {
		t.Errorf("%+v, %v", who, err)
	}
	if _, _, err := client.PostMessageContext(t.Context(), "general", slack.MsgOptionText("x", false)); err == nil || err.Error() != "missing_scope" {
		t.Errorf("without chat:write: %v", err)
	}
}

func TestMistakesSayWhatToWrite(t *testing.T) {
	t.Parallel()
	taken := run(t, local.Options{})
	for want, o := range map[string]local.Options{
		"no-such-file.yaml":     {Manifest: "no-such-file.yaml"},
		"write it as leads=ana": {Groups: []string{"leads"}},
		`"carl", who is nobody`: {Groups: []string{"leads=carl"}},
		"is taken; choose one":  {Listen: strings.TrimPrefix(taken.Page, "http://")},
	} {
		if err := local.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}
