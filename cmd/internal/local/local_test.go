package local_test

import (
	"context"
	"net/http"
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

// Where only this machine reaches it, an app finds the tokens that are the same at each start; elsewhere nobody may know
// them, and the page's address has a secret.
func TestTokensAreFreshWhereOthersReachIt(t *testing.T) {
	t.Parallel()
	here, wide, again := run(t, local.Options{}), run(t, local.Options{Listen: "0.0.0.0:0"}), run(t, local.Options{Listen: "0.0.0.0:0"})
	if here.BotToken != "xoxb-local" || here.AppToken != "xapp-local" || strings.Contains(here.Page, "key=") {
		t.Errorf("here it is %+v", here)
	}
	if wide.BotToken == again.BotToken || wide.AppToken == again.AppToken || !strings.Contains(wide.Page, "/?key=") {
		t.Errorf("elsewhere it is %+v", wide)
	}
	for _, a := range []local.Address{here, wide} {
		for _, token := range []string{a.BotToken, "xoxb-local"} { // the known one is taken of us, who are a program here
			if _, err := slack.New(token, slack.OptionAPIURL(a.API)).AuthTestContext(t.Context()); err != nil {
				t.Errorf("%s: %v", token, err)
			}
		}
	}
}

// What a page of somebody else sends is not taken: over a real socket, by its own name and by one that leads here.
func TestPagesOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	a := run(t, local.Options{})
	for _, c := range []struct {
		host, origin string
		want         int
	}{
		{"", "", http.StatusOK},
		{"", "https://evil.example", http.StatusForbidden},
		{"", "null", http.StatusForbidden},
		{"", a.Page, http.StatusForbidden}, // without the page's cookie
		{"evil.example", "http://evil.example", http.StatusMisdirectedRequest},
		{"evil.example", "", http.StatusMisdirectedRequest},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.Page+"/control/post", strings.NewReader(`{"user":"bob","channel":"general","text":"hi"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if r.Host = c.host; c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%+v: %s", c, resp.Status)
		}
	}
}
