package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// named has the role held by who is called bob, in a workspace with these people
// before the usual ones.
func named(people ...emulator.User) func(*setup) {
	return func(s *setup) {
		subscribed(s)
		s.slack.Users = append(people, s.slack.Users...)
		s.bot.Roles = map[string]directory.Role{"tech-lead": {Users: []string{"bob"}}}
	}
}

// refuses has somebody press Approve, in vain.
func (r *fixture) refuses(user, why string) {
	r.t.Helper()
	r.clicks(user, "Approve")
	r.hears(user, why)
	if n := r.approvals(); n > 0 {
		r.t.Errorf("%s has approved", user)
	}
}

// A role names bob. Whoever else bears that name approves nothing, wherever they
// stand in the list: a guest, somebody of another workspace or organization, a
// deactivated account.
func TestANamesakeApprovesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		namesake emulator.User
		why      string
	}{
		"a guest":                   {emulator.User{Guest: true}, "Guests can't give orders here."},
		"of another organization":   {emulator.User{Team: "T9"}, "People of other organizations can't give orders here."},
		"of another workspace":      {emulator.User{Team: "T2", Enterprise: "E1", Teams: []string{"T2"}}, "People of other workspaces can't give orders here."},
		"somebody of another house": {emulator.User{Team: "T7", Enterprise: "E7", Teams: []string{"T7"}}, "People of other organizations can't give orders here."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.namesake.ID, c.namesake.Name = "UEVIL", "bob"
			r := atApproval(t, named(c.namesake), func(s *setup) { s.slack.Team.Enterprise = "E1" })
			r.refuses("UEVIL", c.why)
			r.approves("UBOB")
		})
	}
}

// A deactivated namesake does not lock the real one out.
func TestADeactivatedNamesakeIsNotMeant(t *testing.T) {
	t.Parallel()
	r := newColdFixture(t, named(emulator.User{ID: "UOLDBOB", Name: "bob"}))
	r.must(r.DeactivateUser("UOLDBOB", true))
	r.start()
	r.must(r.WaitSockets(r.ctx(), 2))
	r.toApproval()
	r.approves("UBOB")
}

// bob gives up his handle, and eve takes it: neither who came nor, since nobody
// knows who is meant, who went approves anything. Who is refused reads why.
func TestAHandleThatMovesGivesNothing(t *testing.T) {
	t.Parallel()
	r := atApproval(t, named())
	r.must(r.ChangeUser("UBOB", emulator.User{Name: "robert"}))
	r.must(r.ChangeUser("UEVE", emulator.User{Name: "bob"}))
	r.eventually("nobody holds it", func() bool { return len(r.bot.people.Held("UBOB")) == 0 })
	r.refuses("UEVE", "it stood for UBOB (bob), and UEVE (eve) bears it now")
	r.refuses("UBOB", "Only tech-lead can decide")
}

// Where two bear it, nobody knows who is meant, and check says so.
func TestAHandleThatTwoBearGivesNothing(t *testing.T) {
	t.Parallel()
	r := atApproval(t, named(emulator.User{ID: "UBOB2", Name: "bob", Enterprise: "E1", Teams: []string{"T0LOCAL"}}))
	r.refuses("UBOB", "several people bear it, so nobody holds the role by it: UBOB (bob), UBOB2 (bob)")
	r.refuses("UBOB2", "several people bear it")
	found := r.bot.Check(r.ctx())
	if len(found) == 0 || !strings.Contains(found[0].Error(), `roles.tech-lead: "bob": several people bear it`) {
		t.Errorf("check finds %v", found)
	}
}

// Nobody starts anything who is no member, and nobody whom Slack can't tell of.
func TestWhoIsNoMemberStartsNothing(t *testing.T) {
	t.Parallel()
	r := newFixture(t, subscribed, func(s *setup) {
		s.slack.Users = append(s.slack.Users, emulator.User{ID: "UGUEST", Name: "guest", Guest: true}, emulator.User{ID: "UFAR", Name: "far", Team: "T9"})
	})
	for user, why := range map[string]string{
		"UGUEST": "Guests can't give orders here.", "UFAR": "People of other organizations can't give orders here.",
	} {
		if said := r.types(user, "/deploy web v2"); !strings.Contains(said, why) {
			t.Errorf("%s is told %q", user, said)
		}
	}
	r.Inject(emulator.Fault{Method: "users.info", Error: "internal_error", Count: 1 << 20})
	r.ahead.Store(int64(time.Hour))
	if said := r.types("ana", "/deploy web v2"); !strings.Contains(said, "nothing was changed") { // the engine says that she could not be looked up
		t.Errorf("where Slack is silent, ana is told %q", said)
	}
	if n := len(r.engine.all()); n > 0 {
		t.Errorf("%d were started", n)
	}
}

// One human with two accounts says yes once: it is known by the configuration, or
// by one e-mail address.
func TestOneHumanApprovesOnce(t *testing.T) {
	t.Parallel()
	second := emulator.User{ID: "UBOB2", Name: "bob-two"}
	for name, change := range map[string]func(*setup){
		"by the configuration": func(s *setup) {
			s.slack.Users = append(s.slack.Users, second)
			s.people = map[string][]string{"UBOB": {"UBOB2"}}
		},
		"by one address": func(s *setup) {
			second := second
			second.Email = "Bob@Example.com"
			s.slack.Users = append(s.slack.Users, second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := atApproval(t, subscribed, change, func(s *setup) {
				s.bot.Roles = map[string]directory.Role{"tech-lead": {Users: []string{"UBOB", "UBOB2", "rosa"}}}
				p := standard()
				p.Steps[1].With = deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 2}}
				s.bot.Procedures["deployment"] = p
			})
			r.approves("UBOB")
			r.clicks("UBOB2", "Approve")
			r.hears("UBOB2", "You have approved already")
			if n := r.approvals(); n != 1 {
				t.Errorf("%d approvals", n)
			}
		})
	}
}

// A question that nobody can answer is said when it starts, and on the card until
// somebody can.
func TestAQuestionThatNobodyCanAnswerIsSaid(t *testing.T) {
	slowtest.Only(t, "it waits until Slack may be asked about groups again")
	t.Parallel()
	r := newFixture(t, subscribed, func(s *setup) {
		s.slack.UserGroups[0].Members = nil
		s.bot.Roles = map[string]directory.Role{"tech-lead": {Groups: []string{"tech-leads"}}}
	})
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Done")
	r.card("Approve")
	d := r.engine.all()[0]
	if len(d.Warnings) != 1 || d.Warnings[0] != "Nobody can answer “Tech lead approves”: @tech-leads is empty." {
		t.Errorf("it warns %q", d.Warnings)
	}
	reads := func(words string, want bool) {
		t.Helper()
		r.eventually("the card reads "+words, func() bool { return strings.Contains(string(r.card("Approve").Blocks), words) == want })
	}
	reads("Nobody can answer this: @tech-leads is empty.", true)
	r.must(r.SwitchUserGroup("tech-leads", true))
	reads("Nobody can answer this: @tech-leads is switched off.", true)
	r.must(r.SwitchUserGroup("tech-leads", false))
	r.must(r.SetGroupMembers("tech-leads", "ana"))
	reads("Nobody can answer this: everybody of tech-lead has asked for it", true)
	r.must(r.SetGroupMembers("tech-leads", "ana", "rosa"))
	reads("Nobody can answer this", false)
	r.approves("rosa")
}
