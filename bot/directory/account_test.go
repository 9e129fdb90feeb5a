package directory

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// everyKind are accounts of every kind.
func everyKind() []emulator.User {
	return []emulator.User{
		{ID: "UBOB", Name: "bob", Email: "bob@example.com"}, {ID: "UGUEST", Name: "guest", Guest: true}, {ID: "UONE", Name: "one", GuestOfOne: true},
		{ID: "UFAR", Name: "far", Team: "T9"}, {ID: "USISTER", Name: "sister", Team: "T2", Enterprise: "E1", Teams: []string{"T2"}},
		{ID: "UBOTH", Name: "both", Team: "T2", Enterprise: "E1", Teams: []string{"T2", "T0LOCAL"}}, {ID: "UGONE", Name: "gone"},
		{ID: "UOTHERORG", Name: "otherorg", Team: "T7", Enterprise: "E7", Teams: []string{"T7"}},
	}
}

// who is somebody as a click finds them.
func (f *fixture) who(t *testing.T, id string) deployer.Person {
	t.Helper()
	who, err := f.Who(context.Background(), id)
	if err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	return who
}

func TestWhatSomebodyIsToTheWorkspace(t *testing.T) {
	t.Parallel()
	among(t, everyKind(), []string{"bob"}, func(c *crowd, _ []error) {
		for id, want := range map[string]deployer.Standing{
			"UBOB": deployer.Member, "UBOTH": deployer.Member, "UGUEST": deployer.Guest, "UONE": deployer.Guest, "UFAR": deployer.Stranger,
			"UOTHERORG": deployer.Stranger, "USISTER": deployer.OtherTeam, "U0BOT": deployer.Machine, "UGONE": deployer.Deactivated,
			"UNOBODY": deployer.Nobody, "": deployer.Nobody,
		} {
			if got := c.who(t, id).Standing; got != want {
				t.Errorf("%s is %q, want %q", id, got, want)
			}
		}
	})
}

// A bot that is of a whole organization has no one workspace.
func TestToABotOfAnOrganizationAllItsPeopleAreMembers(t *testing.T) {
	t.Parallel()
	us := team{id: "E1", enterprise: "E1"}
	for _, u := range everyKind() {
		if u.Enterprise == "" {
			continue
		}
		account := accountIn(us, u)
		if got, want := account.standing == deployer.Member, u.Enterprise == "E1"; got != want {
			t.Errorf("%s is %q", u.ID, account.standing)
		}
	}
}

func TestWhatSomebodyIsIsAskedAtTheClick(t *testing.T) {
	t.Parallel()
	among(t, everyKind(), []string{"bob"}, func(c *crowd, _ []error) {
		asked := func() int { return c.slack.CallCount("users.info") }
		before := asked()
		c.who(t, "UBOB")
		if asked() != before {
			t.Error("what the list has just said is asked for again")
		}
		c.must(c.slack.DeactivateUser("UBOB", true)) // and the event is lost
		time.Sleep(accountFreshWithin)
		if got := c.who(t, "UBOB").Standing; got != deployer.Deactivated {
			t.Errorf("a minute later he is %q", got)
		}
		c.must(c.slack.DeactivateUser("UBOB", false))
		c.DoubtAll()
		time.Sleep(time.Second)
		if got := c.who(t, "UBOB").Standing; got != deployer.Member {
			t.Errorf("after a gap he is %q", got)
		}
		before = asked()
		for range 20 {
			c.who(t, "UBOB")
		}
		if asked() != before {
			t.Error("he is asked for at each of many clicks")
		}
	})
}

func TestWhatAnEventSaysOfSomebodyCountsAtOnce(t *testing.T) {
	t.Parallel()
	among(t, everyKind(), []string{"UBOB"}, func(c *crowd, _ []error) {
		c.must(c.slack.DeactivateUser("UBOB", true))
		c.changes("UBOB", emulator.User{})
		if who := c.who(t, "UBOB"); who.Standing != deployer.Deactivated || len(who.Roles) > 0 {
			t.Errorf("he is %+v", who)
		}
	})
}

// Where Slack is silent, what it said last counts for minutes; then, and of
// somebody who was never heard of, nobody knows.
func TestWhereSlackIsSilentNobodyIsTakenForAMember(t *testing.T) {
	t.Parallel()
	among(t, everyKind(), []string{"bob"}, func(c *crowd, _ []error) {
		c.slack.Inject(emulator.Fault{Method: "users.info", Error: "internal_error", Count: 1 << 20})
		time.Sleep(accountFreshWithin)
		if got := c.who(t, "UBOB").Standing; got != deployer.Member {
			t.Errorf("a minute later he is %q", got)
		}
		if who, err := c.Who(context.Background(), "UNEW"); err == nil {
			t.Errorf("somebody unheard of is %+v", who)
		}
		time.Sleep(accountCountsWithin)
		if who, err := c.Who(context.Background(), "UBOB"); err == nil {
			t.Errorf("ten minutes later he is %+v", who)
		}
		c.slack.ClearFaults()
		if got := c.who(t, "UBOB").Standing; got != deployer.Member {
			t.Errorf("when Slack speaks again he is %q", got)
		}
	})
}

// users.info is tier 4, for names and clicks together.
func TestPeopleAreAskedForAsOftenAsSlackAllows(t *testing.T) {
	t.Parallel()
	among(t, everyKind(), []string{"bob"}, func(c *crowd, _ []error) {
		before := c.slack.CallCount("users.info")
		var all sync.WaitGroup
		for i := range 300 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				_, _ = c.Who(ctx, "UNEW"+string(rune('A'+i%26))+string(rune('A'+i/26)))
			})
		}
		all.Wait()
		if n := c.slack.CallCount("users.info") - before; n > 100+nameBurst {
			t.Errorf("%d calls in a minute", n)
		}
	})
}

// A click that comes from a workspace that somebody is not known to be of is no
// member's.
func TestTheWorkspaceOfAClickCounts(t *testing.T) {
	t.Parallel()
	among(t, everyKind(), []string{"bob"}, func(c *crowd, _ []error) {
		for _, s := range []struct {
			id, team string
			want     deployer.Standing
		}{
			{"UBOB", "T9", deployer.Stranger}, {"UBOB", "T0LOCAL", deployer.Member}, {"UBOTH", "T2", deployer.Member}, {"UBOTH", "E1", deployer.Member},
			{"UBOTH", "T3", deployer.Stranger}, {"UBOTH", "", deployer.Member}, {"UGONE", "T0LOCAL", deployer.Deactivated}, {"UFAR", "T9", deployer.Stranger},
		} {
			c.Noticed(s.id, s.team)
			if got := c.who(t, s.id).Standing; got != s.want {
				t.Errorf("a click of %s from %q is that of %q, want %q", s.id, s.team, got, s.want)
			}
		}
	})
}

func TestOneHumanIsAllTheirAccounts(t *testing.T) {
	t.Parallel()
	people := []emulator.User{
		{ID: "UBOB", Name: "bob", Email: "bob@example.com"}, {ID: "UBOB2", Name: "bob-admin"}, {ID: "UBOB3", Name: "bob", Team: "T9", Email: "BOB@example.com"},
		{ID: "UANA", Name: "ana", Email: "ana@example.com"}, {ID: "UROSA", Name: "rosa"}, {ID: "UEVE", Name: "eve"},
	}
	among(t, people, nil, func(c *crowd, _ []error) {
		c.Directory = New(Config{API: c.api, People: map[string][]string{"UBOB": {"UBOB2"}, "UROSA": {"U0GONE"}}})
		c.resolve()
		bob := []string{"UBOB", "UBOB2", "UBOB3"}
		for id, want := range map[string][]string{
			"UBOB": bob, "UBOB2": bob, "UBOB3": bob, "UANA": nil, "UEVE": nil, "UROSA": {"U0GONE", "UROSA"}, "UNOBODY": nil,
		} {
			if got := c.who(t, id).Accounts; !slices.Equal(got, want) {
				t.Errorf("the accounts of %s are %q, want %q", id, got, want)
			}
		}
		c.changes("UEVE", emulator.User{Email: "ana@example.com"})
		if got := c.who(t, "UANA").Accounts; !slices.Equal(got, []string{"UANA", "UEVE"}) {
			t.Errorf("with one address the accounts are %q", got)
		}
	})
}

// Whom the list of a workspace does not have is who they are all the same.
func TestAnAccountElsewhereIsOfTheSameHumanAfterTheNextList(t *testing.T) {
	t.Parallel()
	among(t, []emulator.User{{ID: "UANA", Name: "ana", Email: "ana@example.com"}}, nil, func(c *crowd, _ []error) {
		c.accounts.learn(slack.User{ID: "UFAR", TeamID: "T9", Name: "ana", Profile: slack.UserProfile{Email: "ana@example.com"}})
		time.Sleep(rolesEvery)
		c.resolve()
		if got := c.who(t, "UANA").Accounts; !slices.Equal(got, []string{"UANA", "UFAR"}) {
			t.Errorf("an hour later her accounts are %q", got)
		}
	})
}

func TestWhoCanAnswerForARole(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		want := func(role string, people int, lacks ...string) {
			t.Helper()
			if h := f.Holders(role); len(h.People) != people || !slices.Equal(h.Lacks, lacks) || h.Unknown {
				t.Errorf("%s is held by %+v, want %d and %q", role, h, people, lacks)
			}
		}
		want("tech-lead", 3)
		want("nobody's", 0)
		if err := f.slack.SetGroupMembers("tech-leads"); err != nil {
			t.Fatal(err)
		}
		f.MembersChanged(context.Background(), "SLEADS", []string{"UROSA"})
		want("sre", 1, "@tech-leads is empty")
		f.GroupUpdated(context.Background(), "SLEADS", "tech-leads", true)
		want("sre", 1, "@tech-leads is switched off")
	})
	among(t, everyKind(), []string{"UGUEST", "UBOB", "nobody"}, func(c *crowd, _ []error) {
		h := c.Holders("lead")
		if len(h.People) != 1 || len(h.Lacks) != 2 || h.Lacks[1] != "UGUEST (guest) is a guest" {
			t.Errorf("it is held by %+v", h)
		}
		c.access = []deployer.Standing{deployer.Guest}
		if h := c.Holders("lead"); len(h.People) != 2 {
			t.Errorf("where guests may, it is held by %+v", h)
		}
		bottest.Contains(t, h.Lacks[0], "nobody: Slack has no user with that name")
	})
}

// A group that is switched off is one when the bot starts, too, and comes back.
func TestAGroupThatIsSwitchedOffHasNoMembers(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		for _, off := range []bool{true, false} {
			if err := f.slack.SwitchUserGroup("tech-leads", off); err != nil {
				t.Fatal(err)
			}
			if unknown, err := f.Resolve(context.Background()); err != nil || len(unknown) > 0 {
				t.Fatalf("%v, %v", unknown, err)
			}
			time.Sleep(askEvery)
			if got := f.holds(t, "UROSA"); (len(got) == 0) != off {
				t.Errorf("off %t: rosa holds %q", off, got)
			}
			if h := f.Holders("sre"); slices.Contains(h.Lacks, "@tech-leads is switched off") != off {
				t.Errorf("off %t: it lacks %q", off, h.Lacks)
			}
		}
	})
}

// accountIn is an account as a bot of that workspace sees it.
func accountIn(us team, u emulator.User) account {
	return us.accountOf(slack.User{ID: u.ID, TeamID: u.Team, Enterprise: slack.EnterpriseUser{EnterpriseID: u.Enterprise, Teams: u.Teams}}, time.Time{})
}
