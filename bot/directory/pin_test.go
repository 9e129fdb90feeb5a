package directory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/logtest"
)

// A crowd is a workspace whose people bear the names of others.
type crowd struct {
	*fixture
	t    *testing.T
	pins *ownPins
}

// among runs a test with these people, and with a directory whose only role names
// somebody. What Slack says of an event comes with it.
func among(t *testing.T, people []emulator.User, users []string, do func(c *crowd, unknown []error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, wire := bottest.SlackOnWire(t, emulator.Config{Team: emulator.Team{Enterprise: "E1"}, Users: people})
		c := &crowd{t: t, pins: &ownPins{}, fixture: &fixture{slack: server, api: bottest.ClientOfWire(t, wire), book: &logtest.Book{}}}
		c.begin(users...)
		for _, u := range people {
			if strings.HasPrefix(u.ID, "UGONE") {
				c.must(server.DeactivateUser(u.ID, true))
			}
		}
		do(c, c.resolve())
	})
}

func (c *crowd) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// begin makes the directory, or makes it anew as a restart does.
func (c *crowd) begin(users ...string) {
	c.Directory = New(Config{API: c.api, Roles: map[string]Role{"lead": {Users: users}}, Pins: c.pins, Log: slog.New(slog.NewTextHandler(c.book, nil))})
}

func (c *crowd) resolve() []error {
	c.t.Helper()
	unknown, err := c.Resolve(context.Background())
	c.must(err)
	return unknown
}

// changes gives somebody another name, and brings the event.
func (c *crowd) changes(id string, to emulator.User) {
	c.t.Helper()
	c.must(c.slack.ChangeUser(id, to))
	u, err := c.api.GetUserInfo(id)
	c.must(err)
	c.UserChanged(*u)
}

// leads are those of the ids that hold the role.
func (c *crowd) leads(ids ...string) []string {
	c.t.Helper()
	var out []string
	for _, id := range ids {
		if slices.Contains(c.holds(c.t, id), "lead") {
			out = append(out, id)
		}
	}
	return out
}

// wants holds those who hold the role against who should, and why the name stands
// for nobody.
func (c *crowd) wants(unknown []error, why string, want ...string) {
	c.t.Helper()
	if got := c.leads("UBOB", "UEVE", "UGONE", "UOTHER"); !slices.Equal(got, want) {
		c.t.Errorf("the role is held by %q, want %q", got, want)
	}
	all := errors.Join(unknown...)
	if (why == "") != (all == nil) || why != "" && !strings.Contains(all.Error(), why) {
		c.t.Errorf("it says %v, want %q", all, why)
	}
}

func TestANameMeansOneMemberOfOurWorkspace(t *testing.T) {
	t.Parallel()
	bob := emulator.User{ID: "UBOB", Name: "bob", Email: "bob@example.com"}
	named := func(id string, change func(*emulator.User)) emulator.User {
		u := emulator.User{ID: id, Name: "bob", Email: "BOB@example.com"}
		change(&u)
		return u
	}
	asIs := func(*emulator.User) {}
	for name, c := range map[string]struct {
		before emulator.User
		alone  string // what is said where the real one is not there
	}{
		"a guest":                   {named("UEVE", func(u *emulator.User) { u.Guest = true }), "that is a guest"},
		"a guest of one channel":    {named("UEVE", func(u *emulator.User) { u.GuestOfOne = true }), "that is a guest"},
		"of another organization":   {named("UOTHER", func(u *emulator.User) { u.Team = "T9" }), "of another organization"},
		"of another workspace":      {named("UOTHER", func(u *emulator.User) { u.Team, u.Enterprise, u.Teams = "T9", "E1", []string{"T9"} }), "of another workspace"},
		"a deactivated account":     {named("UGONE", asIs), "that account is deactivated"},
		"of nobody else's namesake": {emulator.User{ID: "UEVE", Name: "eve"}, "Slack"},
	} {
		for _, entry := range []string{"bob", "@bob", "bob@example.com", "Bob@Example.com"} {
			t.Run(name+" "+entry, func(t *testing.T) {
				t.Parallel()
				among(t, []emulator.User{c.before, bob}, []string{entry}, func(c *crowd, unknown []error) { c.wants(unknown, "", "UBOB") })
				among(t, []emulator.User{c.before}, []string{entry}, func(f *crowd, unknown []error) { f.wants(unknown, c.alone) })
			})
		}
	}
}

func TestANameThatTwoBearMeansNobody(t *testing.T) {
	t.Parallel()
	two := []emulator.User{
		{ID: "UBOB", Name: "bob", RealName: "Bob Roe"}, {ID: "UEVE", Name: "bob", Team: "T2", Enterprise: "E1", Teams: []string{"T2", "T0LOCAL"}},
	}
	among(t, two, []string{"bob"}, func(c *crowd, unknown []error) {
		c.wants(unknown, "several people bear it, so nobody holds the role by it: UBOB (Bob Roe), UEVE (bob)")
		if len(c.pins.of) > 0 {
			t.Errorf("it is kept that %v", c.pins.of)
		}
		c.changes("UEVE", emulator.User{Name: "eve"})
		c.wants(c.resolve(), "", "UBOB")
	})
	among(t, two, []string{"UBOB"}, func(c *crowd, unknown []error) { c.wants(unknown, "", "UBOB") })
}

// Slack lets somebody else have a handle that was given up.
func TestAFreedHandleGivesNothing(t *testing.T) {
	t.Parallel()
	people := []emulator.User{{ID: "UBOB", Name: "bob", RealName: "Bob Roe"}, {ID: "UEVE", Name: "eve"}}
	among(t, people, []string{"bob"}, func(c *crowd, unknown []error) {
		c.wants(unknown, "", "UBOB")
		c.changes("UBOB", emulator.User{Name: "robert"})
		c.wants(nil, "", "UBOB") // who was meant is who is meant
		c.wants(c.resolve(), "", "UBOB")
		c.changes("UEVE", emulator.User{Name: "bob"})
		c.wants(nil, "") // at once
		const moved = "it stood for UBOB (Bob Roe), and UEVE (eve) bears it now"
		c.wants(c.resolve(), moved)
		if got := c.Contested("lead"); len(got) != 1 || !strings.Contains(got[0], moved) {
			t.Errorf("who is refused is told %q", got)
		}
		c.begin("bob") // a restart
		c.wants(c.resolve(), moved)
		c.begin("UEVE")
		c.wants(c.resolve(), "", "UEVE") // a person says who is meant
	})
}

// A name that nobody kept yet is no role before it is kept.
func TestANameIsKeptBeforeItCounts(t *testing.T) {
	t.Parallel()
	among(t, []emulator.User{{ID: "UEVE", Name: "eve"}}, []string{"bob"}, func(c *crowd, unknown []error) {
		c.wants(unknown, "Slack has no user with that name")
		c.changes("UEVE", emulator.User{Name: "bob"})
		c.wants(nil, "")
		select {
		case <-c.due:
		default:
			t.Error("nobody looks after a name that somebody bears now")
		}
		c.wants(c.resolve(), "", "UEVE")
		if c.pins.of["bob"] != "UEVE" {
			t.Errorf("it is kept that %v", c.pins.of)
		}
	})
}

// The first look and the keeping are not one step: somebody else may have kept
// something meanwhile.
func TestWhatSomebodyElseKeptCounts(t *testing.T) {
	t.Parallel()
	among(t, []emulator.User{{ID: "UBOB", Name: "bob"}, {ID: "UEVE", Name: "eve"}}, []string{"UBOB"}, func(c *crowd, _ []error) {
		c.must(c.pins.Pin(context.Background(), "bob", "", "UEVE"))
		if err := c.pins.Pin(context.Background(), "bob", "", "UBOB"); !errors.Is(err, deployer.ErrConflict) {
			t.Errorf("it is kept twice: %v", err)
		}
		c.begin("bob")
		c.wants(c.resolve(), "it stood for UEVE (eve)")
	})
}

// Who bears a name twice may stand on the last page.
func TestTheListIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	people := []emulator.User{{ID: "UBOB", Name: "bob"}}
	for i := range 2 * listPage {
		people = append(people, emulator.User{Name: fmt.Sprint("person-", i)})
	}
	people = append(people, emulator.User{ID: "UEVE", Name: "bob"})
	among(t, people, []string{"bob"}, func(c *crowd, unknown []error) {
		c.wants(unknown, "several people bear it")
		if n := c.slack.CallCount("users.list"); n != 3 {
			t.Errorf("it took %d pages", n)
		}
	})
}

func TestAGroupOfTheSameHandleIsNotTheGroup(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		if err := f.slack.SetUserGroup("tech-leads", emulator.UserGroup{Handle: "leads"}); err != nil {
			t.Fatal(err)
		}
		look := func() string {
			unknown, err := f.Resolve(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			return errors.Join(append(unknown, errors.New(""))...).Error()
		}
		if said := look(); strings.TrimSpace(said) != "" || len(f.holds(t, "UROSA")) != 2 {
			t.Errorf("of a group with another handle, rosa holds %q: %s", f.holds(t, "UROSA"), said)
		}
		if _, err := f.slack.AddUserGroup(emulator.UserGroup{Handle: "tech-leads", Members: []string{"eve"}}); err != nil {
			t.Fatal(err)
		}
		if said := look(); !strings.Contains(said, "it stood for another group, SLEADS") || len(f.holds(t, "UEVE")) > 0 {
			t.Errorf("by a group that took the handle, eve holds %q: %s", f.holds(t, "UEVE"), said)
		}
	})
}
