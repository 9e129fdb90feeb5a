package directory

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer/logtest"
)

// A fixture is a directory of a local Slack, over a wire in memory.
type fixture struct {
	*Directory
	slack *emulator.Server
	api   *slack.Client
	book  *logtest.Book
}

// workspace has people who can be named in every way.
func workspace() emulator.Config {
	return emulator.Config{
		Users: []emulator.User{
			{ID: "UANA", Name: "ana", DisplayName: "Ana", RealName: "Ana Lima"}, {ID: "UBOB", Name: "bob", Email: "bob@example.com", RealName: "Bob Roe"},
			{ID: "UROSA", Name: "rosa"}, {ID: "UEVE", Name: "eve", DisplayName: "ana"}, {ID: "UGONE", Name: "gone"},
		},
		UserGroups: []emulator.UserGroup{{ID: "SLEADS", Handle: "tech-leads", Members: []string{"rosa"}}},
		Channels: []emulator.Channel{
			{ID: "CDEPLOYS", Name: "deploys"}, {ID: "CSECRET", Name: "secret", Private: true}, {ID: "COUT", Name: "outside", WithoutBot: true},
			{ID: "CHIDDEN", Name: "hidden", Private: true, WithoutBot: true}, {ID: "COLD", Name: "old", Archived: true},
		},
	}
}

// leads are named in every way at once.
func leads() map[string]Role {
	return map[string]Role{"tech-lead": {Users: []string{"@bob", "UANA"}, Groups: []string{"@tech-leads"}}, "sre": {Users: []string{"bob@example.com"}, Groups: []string{"SLEADS"}}}
}

// known runs a test in a bubble of synctest, with a directory that has resolved the
// roles. What Slack does not know of them comes with it.
func known(t *testing.T, roles map[string]Role, do func(t *testing.T, f *fixture, unknown []error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, roles)
		if err := f.slack.DeactivateUser("gone", true); err != nil {
			t.Fatal(err)
		}
		unknown, err := f.Resolve(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		do(t, f, unknown)
	})
}

func newFixture(t *testing.T, roles map[string]Role) *fixture {
	server, wire := bottest.SlackOnWire(t, workspace())
	f := &fixture{slack: server, api: bottest.ClientOfWire(t, wire), book: &logtest.Book{}}
	f.Directory = New(Config{API: f.api, Roles: roles, Log: slog.New(slog.NewTextHandler(f.book, nil))})
	return f
}

// silent has Slack not say who is in a group.
func (f *fixture) silent() {
	f.slack.Inject(emulator.Fault{Method: "usergroups.users.list", Error: "internal_error", Count: 1 << 20})
}

// holds are the roles of somebody, as a click finds them.
func (f *fixture) holds(t *testing.T, id string) []string {
	t.Helper()
	roles, err := f.Roles(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return roles
}

// running keeps the directory young for a time.
func (f *fixture) running(d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	f.Run(ctx)
}
