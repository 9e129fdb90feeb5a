package bot

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

// homeOf is what somebody's home tab says; "" before it was published.
func (r *fixture) homeOf(user string) (id, said string) {
	r.t.Helper()
	for _, v := range r.Views(user) {
		if v["type"] == "home" {
			return v["id"].(string), bottest.JSON(r.t, v["blocks"])
		}
	}
	return "", ""
}

// home waits until somebody's tab says something, and returns its id.
func (r *fixture) home(user, part string) string {
	r.t.Helper()
	id, said := "", ""
	defer func() {
		if r.t.Failed() {
			r.t.Logf("the tab of %s says %s", user, said)
		}
	}()
	r.eventually("the tab of "+user+" says "+part, func() bool {
		id, said = r.homeOf(user)
		return strings.Contains(said, part)
	})
	return id
}

// The whole way in the home tab: it is drawn when it is opened, drawn again when
// something changes, and its buttons do what those of the card do.
func TestHomeShowsAndAnswersWhatWaits(t *testing.T) {
	t.Parallel()
	r := newFixture(t, subscribed, withShortcuts)
	r.OpenHome("ana")
	r.home("ana", "Nothing waits for you.")
	r.home("ana", "#tangerine-deploys")
	r.OpenHome("bob")
	r.OpenHome("eve")
	r.types("ana", "/deploy web v2")

	id := r.home("ana", "Change control is followed")
	r.must(r.Act(r.ctx(), emulator.Action{User: "ana", ViewID: id, Button: "Done"}))
	r.home("ana", "You started")
	r.delivered("tangerine-1")
	id = r.home("bob", "Waiting for you · 1")
	r.home("bob", "/archives/"+r.ChannelID(deploys)+"/p")
	if _, said := r.homeOf("eve"); strings.Contains(said, `"approve"`) {
		t.Error("eve may approve nothing, and has the button")
	}

	// A refusal is read where the click was.
	r.must(r.Act(r.ctx(), emulator.Action{User: "bob", ViewID: id, Button: "Approve"}))
	r.home("bob", "Nothing waits for you.")
	if n := r.approvals(); n != 1 {
		t.Fatalf("%d approvals", n)
	}
	r.must(r.Act(r.ctx(), emulator.Action{User: "bob", ViewID: id, Button: "Deploy a service"}))
	r.modal("bob", "For whom?")
	r.types("bob", "/deploy lock api --reason 'stock-taking'")
	r.home("ana", "stock-taking")
}

// The tab of somebody who has lost the role is old for a moment; what counts is
// who they are when they press.
func TestAnOldHomeDecidesNothing(t *testing.T) {
	t.Parallel()
	r := atApproval(t, subscribed)
	r.OpenHome("rosa")
	id := r.home("rosa", "Waiting for you · 1")
	r.Inject(emulator.Fault{Method: "views.publish", Error: "internal_error", Count: 1000})
	r.SetGroupMembers("tech-leads", "eve")
	r.eventually("she is out", func() bool { return len(r.bot.people.Held("UROSA")) == 0 })
	r.must(r.Act(r.ctx(), emulator.Action{User: "rosa", ViewID: id, Button: "Approve"}))
	r.modal("rosa", "Only")
	if n := r.approvals(); n != 0 {
		t.Errorf("%d approvals", n)
	}
}

// What is posted to a private channel is not shown to those who have no part in
// it.
func TestPrivateDeploymentsStayPrivate(t *testing.T) {
	t.Parallel()
	r := newFixture(t, subscribed)
	r.OpenHome("eve")
	r.OpenHome("bob")
	r.typesIn("ana", "quiet-deploys", "/deploy web v2")
	r.eventually("it begins", func() bool { return len(r.engine.all()) == 1 })
	r.home("bob", "quiet prod") // he will be asked to approve
	r.typesIn("ana", deploys, "/deploy api v2")
	r.home("eve", "tangerine prod")
	if _, said := r.homeOf("eve"); strings.Contains(said, "quiet") {
		t.Errorf("eve reads %s", said)
	}
}

// Many tabs, many changes: no call is refused, and the last state is shown.
func TestHomesKeepSlacksPace(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		for i := range 8 {
			r.OpenHome(fmt.Sprint("user", i))
		}
		r.eventually("everybody has a tab", func() bool { return r.CallCount("views.publish") >= 8 })
		r.types("ana", "/deploy web v2")
		r.types("ana", "/deploy stop tangerine-1")
		for i := range 8 {
			r.home(fmt.Sprint("user", i), "stopped")
		}
		for _, c := range r.Calls() {
			if c.Method == "views.publish" && c.Error != "" {
				t.Errorf("views.publish: %s", c.Error)
			}
		}
	}, subscribed, func(s *setup) {
		s.slack.RateLimits = true
		for i := range 8 {
			s.slack.Users = append(s.slack.Users, emulator.User{Name: fmt.Sprint("user", i)})
		}
	})
}

// An answer that was lost, or somebody else's tab in between, stops nothing.
func TestHomeIsDrawnAgainAfterTroubles(t *testing.T) {
	t.Parallel()
	r := newFixture(t, subscribed)
	r.OpenHome("ana")
	r.home("ana", "Nothing waits for you.")
	r.Inject(emulator.Fault{Method: "views.publish", Lost: true})
	r.types("ana", "/deploy web v2")
	r.home("ana", "Waiting for you · 1")
	r.Inject(emulator.Fault{Method: "views.publish", Status: 429, RetryAfter: 1})
	r.types("ana", "/deploy api v2")
	r.home("ana", "Waiting for you · 2")
	r.types("ana", "/deploy stop tangerine-1")
	r.home("ana", "Waiting for you · 1")
}
