package bot

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/socketmode"
	"github.com/stationmaster/stationmaster/deployer"
)

// subscribed has the app of the manifest: its events, its scopes.
func subscribed(s *setup) {
	s.slack.App.Events = slices.Sorted(maps.Keys(events))
	for _, scope := range scopes {
		s.slack.App.Scopes = append(s.slack.App.Scopes, scope.name)
	}
}

// Who is taken out of a group is out with the event, even if Slack can't be
// asked; who comes in is in as soon as it can.
func TestARemovedMemberIsRefused(t *testing.T) {
	t.Parallel()
	r := atApproval(t, subscribed)
	r.Inject(emulator.Fault{Method: "usergroups.users.list", Error: "internal_error", Count: 1000})
	r.SetGroupMembers("tech-leads", "eve")
	r.eventually("rosa is out", func() bool { return len(r.bot.people.Held("UROSA")) == 0 })
	r.clicks("rosa", "Approve")
	r.hears("rosa", "Only tech-lead can decide")
	r.ClearFaults()
	r.approves("eve")
}

// Who is taken out of a group while everybody is looked up again is out, although
// the list that Slack has made before says otherwise.
func TestAMemberRemovedDuringALookIsRefused(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toApproval()
		r.Inject(emulator.Fault{Method: "usergroups.list", Late: 5 * time.Second})
		looked := make(chan error)
		go func() {
			_, err := r.bot.people.Resolve(r.ctx())
			looked <- err
		}()
		time.Sleep(time.Second) // the list is made, and on its way
		r.Inject(emulator.Fault{Method: "usergroups.users.list", Error: "internal_error", Count: 1000})
		r.SetGroupMembers("tech-leads", "eve")
		r.eventually("rosa is out", func() bool { return len(r.bot.people.Held("UROSA")) == 0 })
		if err := <-looked; err != nil {
			t.Fatal(err)
		}
		if roles, err := r.bot.people.Roles(r.ctx(), "UROSA"); err != nil || len(roles) > 0 {
			t.Errorf("rosa holds %q, %v", roles, err)
		}
	}, subscribed)
}

// usergroups.users.list is tier 2. A hundred clicks at once, with Slack's limits
// on, are not refused once; who is taken out of the group meanwhile is.
func TestAHundredClicksCauseNoRefusedCall(t *testing.T) {
	t.Parallel()
	const people = 100
	name := func(i int) string { return fmt.Sprintf("lead%d", i) }
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toApproval()
		m := r.card("Approve")
		press := func(user string) {
			r.must(r.Act(r.ctx(), emulator.Action{User: user, Channel: deploys, MessageTS: m.TS, Button: "Approve", Stale: true}))
		}
		for i := range people {
			press(name(i))
		}
		if n := r.approvals(); n != people {
			t.Errorf("%d approvals of %d people", n, people)
		}
		var without []string
		for i := range people {
			without = append(without, name(i))
		}
		r.SetGroupMembers("tech-leads", without...)
		r.eventually("they are out", func() bool { return len(r.bot.people.Held(r.UserID(name(people)))) == 0 })
		press(name(people))
		r.hears(name(people), "Only tech-lead can decide")
		if strings.Contains(r.log.String(), "rate limit") {
			t.Error("Slack refused a call")
		}
		for _, c := range r.Calls() {
			if strings.HasPrefix(c.Method, "user") && c.Error != "" {
				t.Errorf("%s: %s", c.Method, c.Error)
			}
		}
	}, subscribed, func(s *setup) {
		s.slack.RateLimits = true
		var members []string
		for i := range people + 1 {
			s.slack.Users = append(s.slack.Users, emulator.User{Name: name(i)})
			members = append(members, name(i))
		}
		s.slack.UserGroups = []emulator.UserGroup{{Handle: "tech-leads", Members: members}}
		p := s.bot.Procedures["deployment"]
		p.Steps = slices.Clone(p.Steps)
		p.Steps[1].With = p.Steps[1].With.Set("count", deployer.Value{Number: 2 * people})
		s.bot.Procedures = map[string]deployer.Procedure{"deployment": p}
	})
}

// Slack's name for somebody, and for a channel, reaches the bot by the event.
func TestNamesOfPeopleAndChannelsFollowEvents(t *testing.T) {
	t.Parallel()
	r := newFixture(t, subscribed)
	r.types("ana", "/deploy web v2")
	r.SetDisplayName("bob", "Robert")
	r.eventually("bob is called Robert", func() bool {
		return slices.ContainsFunc(r.bot.people.Role("tech-lead"), func(p deployer.Actor) bool { return p.Name == "Robert" })
	})

	known := func(name string) bool { _, ok := r.bot.channels.Known(name); return ok }
	r.RenameChannel("announcements-change-control", "changes")
	r.eventually("the channel has its name", func() bool { return known("changes") && !known("announcements-change-control") })
	r.Archive("changes", true)
	r.eventually("the archived channel is gone", func() bool { return !known("changes") })
	r.Archive("changes", false)
	r.eventually("it is back", func() bool { return known("changes") })
	r.SetBotMember("lemon-deploys", true)
	r.eventually("the bot is in lemon-deploys", func() bool { return known("lemon-deploys") })
	r.SetBotMember("lemon-deploys", false)
	r.eventually("and no more", func() bool { return !known("lemon-deploys") })
	r.SetBotMember("secret", true)
	r.eventually("and in a private one", func() bool { return known("secret") })
	r.SetBotMember("secret", false)
	r.eventually("and no more there either", func() bool { return !known("secret") })
}

// Slack takes its time to say how somebody is called: an order does not wait for
// that, and the name comes onto the card by itself, even onto one that is on its
// way meanwhile.
func TestALateNameComesOntoTheCard(t *testing.T) {
	t.Parallel()
	for what, post := range map[string]time.Duration{"a card that is there": 0, "a card on its way": 600 * time.Millisecond} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			r := newFixture(t)
			r.Inject(emulator.Fault{Method: "users.info", Delay: 300 * time.Millisecond})
			r.Inject(emulator.Fault{Method: "chat.postMessage", Late: post})
			r.types("ana", "/deploy web v2")
			r.eventually("the card calls her by her name", func() bool {
				return slices.ContainsFunc(r.Messages(deploys), func(m emulator.Message) bool {
					return strings.Contains(string(m.Blocks), "Waiting for Ana: ")
				})
			})
		})
	}
}

// An event is acknowledged before anything is done about it: Slack switches off
// the events of an app that is slow. Delivered again it does nothing.
func TestEventsAreAcknowledgedAtOnceAndHeardOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.Inject(emulator.Fault{Method: "conversations.info", Delay: 5 * time.Second, Count: 1})
		before := r.CallCount("conversations.info")
		r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Type: "events_api", Copies: 2, NewID: true})
		r.SetBotMember("lemon-deploys", true)
		r.eventually("the channel is known", func() bool { _, ok := r.bot.channels.Known("lemon-deploys"); return ok })
		if n := r.CallCount("conversations.info") - before; n != 1 {
			t.Errorf("%d calls for one event", n)
		}
		if strings.Contains(r.log.String(), "too late") {
			t.Error("the acknowledgement was late")
		}
	}, subscribed, func(s *setup) { s.slack.Timing.EventRetry = []time.Duration{0, 0} })
}

// After a time without a socket everything is read again: events may have been
// lost (python-slack-sdk 1701).
func TestWhatWasMissedIsReadAgain(t *testing.T) {
	t.Parallel()
	r := newFixture(t) // it subscribes to nothing, so every event is lost
	r.RenameChannel("announcements-change-control", "changes")
	r.SetGroupMembers("tech-leads", "eve")
	r.bot.reread(r.ctx(), socketmode.Outage{From: time.Now().Add(-time.Minute), To: time.Now()})
	if _, ok := r.bot.channels.Known("changes"); !ok {
		t.Error("the channel's new name is not known")
	}
	roles, err := r.bot.people.Roles(r.ctx(), "UROSA")
	r.must(err)
	if len(roles) != 0 {
		t.Errorf("rosa still holds %v", roles)
	}
}
