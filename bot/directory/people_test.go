package directory

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestPeopleAreCalledAsTheyWant(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		calledEve(f)
		if got := names(f.Role("tech-lead")); !slices.Equal(got, []string{"Ana", "Bob Roe", "rosa"}) {
			t.Errorf("the tech leads are %q", got)
		}
		if got := f.Role("nobody's"); len(got) > 0 {
			t.Errorf("nobody's role is held by %v", got)
		}
		for want, p := range map[string]deployer.Actor{"Ana": {ID: "UANA", Name: "handle"}, "handle": {ID: "UEVE", Name: "handle"}, "UEVE": {ID: "UEVE"}} {
			if got := f.Person(p); got != want {
				t.Errorf("%v is called %q, want %q", p, got, want)
			}
		}
		if got := f.PersonOf("UANA", "ana"); got != (deployer.Actor{ID: "UANA", Name: "Ana"}) {
			t.Errorf("ana is %v", got)
		}
		if got := f.PersonOf("UEVE", "eve"); got != (deployer.Actor{ID: "UEVE", Name: "eve"}) {
			t.Errorf("eve is %v", got)
		}
	})
}

func TestAFewAreCalledByNameAndManyAsAGroup(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		if got := f.Mention("tech-lead"); got != "<!subteam^SLEADS> <@UANA> <@UBOB>" {
			t.Errorf("they are mentioned as %q", got)
		}
		for _, c := range []struct {
			but  []string
			want string
		}{
			{nil, "<@UANA> <@UBOB> <@UROSA>"}, {[]string{"UBOB", "UEVE"}, "<@UANA> <@UROSA>"},
			{[]string{"UANA", "UBOB", "UROSA"}, "<!subteam^SLEADS> <@UANA> <@UBOB>"}, // else nobody would be called
		} {
			if got := f.Call("tech-lead", c.but); got != c.want {
				t.Errorf("but %q: %q, want %q", c.but, got, c.want)
			}
		}
		var many []string
		for i := range callMax {
			id, err := f.slack.AddUser(emulator.User{Name: "lead" + string(rune('a'+i))})
			if err != nil {
				t.Fatal(err)
			}
			many = append(many, id)
		}
		if err := f.slack.SetGroupMembers("tech-leads", many...); err != nil {
			t.Fatal(err)
		}
		f.DoubtAll()
		f.holds(t, "UROSA")
		if got, want := f.Call("tech-lead", nil), f.Mention("tech-lead"); got != want {
			t.Errorf("ten are called %q, want %q", got, want)
		}
	})
}

func TestANameIsLearntOnceAnHour(t *testing.T) {
	t.Parallel()
	known(t, nil, func(t *testing.T, f *fixture, _ []error) {
		ctx := context.Background()
		if f.KnowsName("UANA") || !f.LearnName(ctx, "UANA") || !f.KnowsName("UANA") {
			t.Error("her name is not learnt")
		}
		before := f.slack.CallCount("users.info")
		if f.LearnName(ctx, "UANA") || f.slack.CallCount("users.info") != before {
			t.Error("her name is asked for again at once")
		}
		if err := f.slack.SetDisplayName("ana", "Anna"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(nameFreshWithin)
		if !f.LearnName(ctx, "UANA") || f.Person(deployer.Actor{ID: "UANA"}) != "Anna" {
			t.Error("an hour later her new name is no news")
		}
		f.slack.Inject(emulator.Fault{Method: "users.info", Error: "internal_error"})
		if f.LearnName(ctx, "UBOB") || f.Person(deployer.Actor{ID: "UBOB", Name: "bob"}) != "bob" {
			t.Error("what Slack does not say is news")
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if f.LearnName(ended, "UEVE") {
			t.Error("a name is learnt after the end")
		}
	})
}

// users.info is tier 4: a hundred calls a minute.
func TestNamesAreAskedForAsOftenAsSlackAllows(t *testing.T) {
	t.Parallel()
	known(t, nil, func(t *testing.T, f *fixture, _ []error) {
		before := f.slack.CallCount("users.info")
		for began := time.Now(); time.Since(began) < time.Minute; {
			f.LearnName(context.Background(), "UNOBODY")
		}
		if n := f.slack.CallCount("users.info") - before; n < 90 || n > 100+nameBurst {
			t.Errorf("%d calls in a minute", n)
		}
	})
}

func TestWhatAnEventTellsOfSomebodyCounts(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		user := func(id, name, called string, gone bool) slack.User {
			return slack.User{ID: id, TeamID: "T0LOCAL", Name: name, Deleted: gone, Profile: slack.UserProfile{DisplayName: called}}
		}
		due := func() bool {
			select {
			case <-f.due:
				return true
			default:
				return false
			}
		}
		f.UserChanged(user("UANA", "ana", "Anna", false))
		if got := f.Person(deployer.Actor{ID: "UANA"}); got != "Anna" || due() {
			t.Errorf("she is called %q", got)
		}
		f.UserChanged(user("UEVE", "eve", "Eve", false)) // of thousands, nobody that matters
		if got := f.Person(deployer.Actor{ID: "UEVE"}); got != "UEVE" || due() {
			t.Errorf("eve is called %q", got)
		}
		f.UserChanged(user("UANA", "ana", "Anna", true))
		if got := f.holds(t, "UANA"); len(got) > 0 || !due() {
			t.Errorf("a deactivated account holds %q, or nobody looks again", got)
		}
		f.UserChanged(user("UANA", "ana", "Anna", false))
		if !due() {
			t.Error("nobody looks after an account that came back")
		}
		f.UserChanged(user("UEVE", "bob", "Bob", false)) // somebody else has that handle now
		if !due() {
			t.Error("nobody looks after a handle that changed hands")
		}
	})
}

func names(all []deployer.Actor) []string {
	var out []string
	for _, p := range all {
		out = append(out, p.Name)
	}
	return out
}

// Everybody can give themselves any display name: where somebody else bears it,
// as their name or as their handle, both are told apart by their handles.
func TestNamesakesAreToldApartByTheirHandles(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		eve := deployer.Actor{ID: "UEVE", Name: "ana"}
		if !f.LearnName(context.Background(), "UEVE") { // she calls herself ana
			t.Fatal("her name was known")
		}
		if got := f.Person(eve); got != "ana (@eve)" {
			t.Errorf("eve is called %q", got)
		}
		if got := f.PersonOf("UEVE", "eve"); got != (deployer.Actor{ID: "UEVE", Name: "ana (@eve)"}) {
			t.Errorf("what eve does is written down as of %v", got)
		}
		if got := names(f.Role("tech-lead")); !slices.Equal(got, []string{"Ana (@ana)", "Bob Roe", "rosa"}) {
			t.Errorf("the tech leads are %q", got)
		}
		for _, name := range []string{"bob", "BOB ✅", "b\u200bob", "bоb", "𝗕𝗼𝗯", "Bob Roe", "rosa", "r0sa", "Аna"} {
			f.UserChanged(slack.User{ID: "UEVE", Name: "eve", Profile: slack.UserProfile{DisplayName: name}})
			if got := f.Person(eve); got != name+" (@eve)" {
				t.Errorf("as %+q eve is called %+q", name, got)
			}
		}
		f.UserChanged(slack.User{ID: "UEVE", Name: "eve", Profile: slack.UserProfile{DisplayName: "Eve", RealName: "x"}})
		if got := f.Person(eve) + f.Person(deployer.Actor{ID: "UANA"}); got != "EveAna" {
			t.Errorf("with names of their own they are called %q", got)
		}
		f.UserChanged(slack.User{ID: "UEVE", Name: "eve", Profile: slack.UserProfile{DisplayName: "\u3164", RealName: "Eve Roe"}})
		if got := f.Person(eve); got != "Eve Roe" {
			t.Errorf("without a name that is seen eve is called %q", got)
		}
		if got := f.Person(deployer.Actor{ID: "USTRANGE", Name: "Ana"}); got != "Ana (@USTRANGE)" {
			t.Errorf("somebody of whom nothing else is known is called %q", got)
		}
	})
}

// calledEve has eve, who calls herself ana, be called by her own name.
func calledEve(f *fixture) {
	f.UserChanged(slack.User{ID: "UEVE", Name: "eve", Profile: slack.UserProfile{DisplayName: "Eve"}})
}

// Whose name somebody bears need not have done anything here yet; and a name that
// has a handle in it is not one.
func TestNobodyReadsAsSomebodyWhoWasNeverMet(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		f.UserChanged(slack.User{ID: "UDORA", TeamID: "T0LOCAL", Name: "dora", Profile: slack.UserProfile{DisplayName: "Dora Roe"}})
		f.LearnName(context.Background(), "UEVE")
		for _, name := range []string{"Dora Roe", "dora", "Dоra Roe", "Bob Roe (@bob)", "Zoe (＠zoe)"} {
			f.UserChanged(slack.User{ID: "UEVE", TeamID: "T0LOCAL", Name: "eve", Profile: slack.UserProfile{DisplayName: name}})
			if got := f.PersonOf("UEVE", "eve").Name; got != name+" (@eve)" {
				t.Errorf("as %q eve is called %q", name, got)
			}
		}
		calledEve(f)
		f.UserChanged(slack.User{ID: "UDORA", TeamID: "T0LOCAL", Name: "dora", Deleted: true, Profile: slack.UserProfile{DisplayName: "Eve"}})
		if got := f.PersonOf("UEVE", "eve").Name; got != "Eve" {
			t.Errorf("beside somebody who is gone eve is called %q", got)
		}
	})
}

func TestANewNameIsSaidBesideTheOldOne(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		calledEve(f)
		for was, want := range map[deployer.Actor]string{
			{ID: "UANA", Name: "Ana"}: "", {ID: "UANA", Name: "ana"}: "", {ID: "UANA", Name: "Ana (@ana)"}: "", {ID: "UANA", Name: "Bob"}: "Ana",
			{ID: "UEVE", Name: "Eve"}: "", {Name: "tangerine-1"}: "",
		} {
			if got := f.Renamed(was); got != want {
				t.Errorf("%+v is called %q now, want %q", was, got, want)
			}
		}
	})
}
