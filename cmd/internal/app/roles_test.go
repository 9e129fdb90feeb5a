package app_test

import (
	"errors"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store"
)

// A roleFixture is a config file, its store, and a Slack whose people it names.
type roleFixture struct {
	*testing.T
	slack *emulator.Server
	opts  app.Options
	file  string
	store string
}

func newRoleFixture(t *testing.T, change ...string) *roleFixture {
	t.Helper()
	r := &roleFixture{T: t, slack: emulator.New(emulator.Config{
		App: emulator.App{Name: "stationmaster"},
		Users: []emulator.User{
			{ID: "UBOB", Name: "bob", RealName: "Bob Roe"}, {ID: "UEVE", Name: "eve", Email: "eve@example.com"}, {ID: "UTAM", Name: "tam"},
			{ID: "UGUEST", Name: "guest", Guest: true},
		},
		UserGroups: []emulator.UserGroup{{ID: "SLEADS", Handle: "tech-leads", Members: []string{"eve"}}},
		Channels:   []emulator.Channel{{Name: "announcements-change-control"}, {Name: "prod-support-tangerine"}},
	})}
	t.Cleanup(r.slack.Close)
	server := httptest.NewServer(r.slack.Handler())
	t.Cleanup(server.Close)
	r.opts = app.Options{BotToken: "xoxb-local", AppToken: "xapp-local", SlackURL: server.URL + "/api/"}
	dir := t.TempDir()
	r.file, r.store = filepath.Join(dir, "sm.yaml"), "bolt://"+filepath.Join(dir, "s.db")
	text := strings.NewReplacer(append([]string{"bolt://stationmaster.db", r.store}, change...)...).Replace(contract)
	if err := os.WriteFile(r.file, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return r
}

// keep has the store keep something, or reads what it keeps.
func (r *roleFixture) keep(name, id string) map[string]string {
	r.Helper()
	s, err := store.Open(r.Context(), r.store)
	if err == nil && name != "" {
		err = store.PinsOf(s).Pin(r.Context(), name, "", id)
	}
	all, err2 := store.PinsOf(s).Pins(r.Context())
	if err := errors.Join(err, err2, s.Close()); err != nil {
		r.Fatal(err)
	}
	return all
}

func (r *roleFixture) pin(chosen map[string]string) app.RolePinning {
	r.Helper()
	p, err := app.PinRoles(r.Context(), r.file, r.opts, chosen)
	if err != nil {
		r.Fatal(err)
	}
	return p
}

func TestNamesAreReplacedByTheirIDs(t *testing.T) {
	t.Parallel()
	r := newRoleFixture(t, "  tech-lead: {users: [bob], groups: [tech-leads]}", "  tech-lead: {users: [bob, UEVE], groups: [tech-leads]}   # who leads\n  qa: {users: [Eve@example.com, nobody]}")
	r.keep("", "")
	p := r.pin(nil)
	want := strings.NewReplacer(
		"[bob, UEVE], groups: [tech-leads]}   # who", "[UBOB, UEVE], groups: [SLEADS]}   # bob, tech-leads # who",
		"[Eve@example.com, nobody]}", "[UEVE, nobody]} # Eve@example.com", "tam: tam", "tam: UTAM # tam",
	).Replace(string(p.Before))
	if string(p.After) != want {
		t.Errorf("it would be\n%s", p.After)
	}
	if len(p.Wrong) != 1 || !strings.Contains(p.Wrong[0].Error(), `roles.qa: "nobody": Slack has no user`) {
		t.Errorf("it says %v", p.Wrong)
	}
	if diff := p.Diff(); strings.Count(diff, "\n+") != 3 || !strings.Contains(diff, "\n-    tam: tam\n+    tam: UTAM # tam\n") {
		t.Errorf("it shows\n%s", diff)
	}
	if now, _ := os.ReadFile(r.file); string(now) != string(p.Before) {
		t.Error("it was written before that was asked")
	}
	if err := errors.Join(p.Write(), p.Keep(t.Context())); err != nil {
		t.Fatal(err)
	}
	now, _ := os.ReadFile(r.file)
	info, err := os.Stat(r.file)
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(r.file), ".*"))
	if string(now) != want || err != nil || info.Mode().Perm() != 0o640 || len(left) > 0 {
		t.Errorf("written is %v, %v, %v\n%s", info.Mode(), err, left, now)
	}
	if got := r.keep("", ""); !maps.Equal(got, map[string]string{"bob": "UBOB", "tam": "UTAM", "eve@example.com": "UEVE", "@tech-leads": "SLEADS"}) {
		t.Errorf("the store keeps %v", got)
	}
	if again := r.pin(nil); string(again.After) != want || again.Diff() != "" {
		t.Errorf("the second time it would be\n%s", again.After)
	}
}

// A name that somebody else bears now is a person's to settle.
func TestWhoIsMeantByANameThatMovedIsAPersonsToSay(t *testing.T) {
	t.Parallel()
	r := newRoleFixture(t)
	r.keep("bob", "UBOB")
	for id, name := range map[string]string{"UBOB": "robert", "UEVE": "bob"} {
		if err := r.slack.ChangeUser(id, emulator.User{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	const moved = `roles.tech-lead: "bob": it stood for UBOB (Bob Roe), and UEVE (eve) bears it now`
	p := r.pin(nil)
	if len(p.Wrong) != 1 || !strings.Contains(p.Wrong[0].Error(), moved) || strings.Contains(p.Diff(), "# bob") {
		t.Errorf("it says %v\n%s", p.Wrong, p.Diff())
	}
	_, found := app.Check(t.Context(), r.load(), r.opts)
	if all := errors.Join(found...); all == nil || !strings.Contains(all.Error(), moved) {
		t.Errorf("check says %v", all)
	}
	for _, wrong := range []map[string]string{{"bob": "UGUEST"}, {"bob": "U0NOBODY"}, {"bob": "U0BOT"}, {"carl": "UEVE"}} {
		if p, err := app.PinRoles(t.Context(), r.file, r.opts, wrong); err == nil {
			t.Errorf("%v is taken:\n%s", wrong, p.Diff())
		}
	}
	if _, err := app.PinRoles(t.Context(), r.file, r.opts, map[string]string{"bob": "U0NOBODY"}); err == nil || err.Error() != "bob=U0NOBODY: Slack has nobody by the id U0NOBODY" {
		t.Errorf("of an id that nobody has it says %v", err)
	}
	p = r.pin(map[string]string{"bob": "UBOB"})
	if len(p.Wrong) > 0 || !strings.Contains(string(p.After), "users: [UBOB]") {
		t.Errorf("it says %v\n%s", p.Wrong, p.Diff())
	}
	p = r.pin(map[string]string{"bob": "UEVE"})
	if err := errors.Join(p.Write(), p.Keep(t.Context())); err != nil || r.keep("", "")["bob"] != "UEVE" {
		t.Errorf("the store keeps %v, %v", r.keep("", ""), err)
	}
}

func (r *roleFixture) load() app.Config {
	r.Helper()
	cfg, err := app.Load(r.file)
	if err != nil {
		r.Fatal(err)
	}
	return cfg
}

func TestCheckSaysWhoHoldsTheRolesAndWhatNobodyCanAnswer(t *testing.T) {
	t.Parallel()
	r := newRoleFixture(t, "users: [bob]", "users: [bob, UGUEST]")
	who, found := app.Check(t.Context(), r.load(), r.opts)
	want := []string{
		"tam of tangerine: tam is UTAM, tam", "tech-lead: bob is UBOB, Bob Roe",
		"tech-lead: UGUEST is UGUEST, guest, a guest, who counts only under access: [guest]", "tech-lead: tech-leads is SLEADS, @tech-leads with 1 member",
	}
	if !slices.Equal(who, want) {
		t.Errorf("it says %q", who)
	}
	if all := errors.Join(found...).Error(); strings.Contains(all, "Nobody can answer") {
		t.Errorf("it finds %s", all)
	}
	if _, err := os.Stat(strings.TrimPrefix(r.store, "bolt://")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("check has made a store: %v", err)
	}
	if err := errors.Join(r.slack.SwitchUserGroup("tech-leads", true), r.slack.DeactivateUser("bob", true)); err != nil {
		t.Fatal(err)
	}
	_, found = app.Check(t.Context(), r.load(), r.opts)
	const nobody = `the procedure deployment: Nobody can answer “`
	if all := errors.Join(found...).Error(); !strings.Contains(all, nobody) || !strings.Contains(all, "@tech-leads is switched off") {
		t.Errorf("it finds %s", all)
	}
}

// Where Slack can't be asked, nothing is said of who could answer.
func TestCheckSaysNothingOfPeopleWhereSlackIsSilent(t *testing.T) {
	t.Parallel()
	r := newRoleFixture(t)
	for _, method := range []string{"users.list", "usergroups.list", "auth.test"} {
		r.slack.Inject(emulator.Fault{Method: method, Error: "internal_error", Count: 1})
		who, found := app.Check(t.Context(), r.load(), r.opts)
		if all := errors.Join(found...).Error(); len(who) > 0 || strings.Contains(all, "Nobody can") || !strings.Contains(all, "internal_error") {
			t.Errorf("where %s fails it says %q and finds %s", method, who, all)
		}
	}
}

func TestPeopleAndAccessAreTaken(t *testing.T) {
	t.Parallel()
	r := newRoleFixture(t, "listen:", "access: [guest, other-team]\npeople: {UBOB: {accounts: [UEVE]}}\nlisten:")
	cfg := r.load()
	if !slices.Equal(cfg.People["UBOB"].Accounts, []string{"UEVE"}) || len(cfg.Access) != 2 {
		t.Errorf("it is %+v, %v", cfg.People, cfg.Access)
	}
	for _, site := range []string{"tangerine", "lemon"} {
		if p := cfg.Policy(deployer.Site{Name: site, Environment: "prod"}); !slices.Equal(p.Access, cfg.Access) {
			t.Errorf("in %s it lets in %v", site, p.Access)
		}
	}
}
