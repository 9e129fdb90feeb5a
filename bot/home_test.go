package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// numbered gives a deployment of a test an id of its own.
func numbered(n *night, number int) deployer.Deployment {
	d := n.d()
	d.ID = fmt.Sprintf("tangerine-%d", number)
	d.Card = deployer.Post{DedupKey: "card", Channel: deploysID, TS: fmt.Sprintf("17703288%02d.000100", number)}
	return d
}

// aHome is a tab at eleven at night.
func aHome(me deployer.Person, roles ...string) homeView {
	return homeView{
		guide: noted, me: me, roles: roles, where: []string{"#tangerine-deploys"}, now: tenPM.Add(time.Hour),
		link: func(d deployer.Deployment) string {
			return "https://tangerine.slack.com/archives/" + d.Card.Channel + "/p" + strings.ReplaceAll(d.Card.TS, ".", "")
		},
	}
}

func fourHomes(t *testing.T) map[string]homeView {
	live := []deployer.Deployment{
		numbered(rollingOut(t, web), 4), numbered(confirmedNight(t), 3),
		numbered(newNight(t, startOf(orders, stock)).resolved(targetsOf(orders, stock)...), 2), numbered(failedNight(t), 1),
	}
	ended := []deployer.Deployment{numbered(completeNight(t), 8), numbered(failedNight(t).does(bob, deployer.Stop{Reason: "tomorrow"}), 7)}
	locks := []deployer.Locks{{Retailer: "tangerine", Environment: "prod", All: []deployer.Lock{
		{Service: "stock", By: bob, Reason: "stock-taking <!channel>", At: tenPM, Until: tenPM.Add(4 * time.Hour)},
	}}}
	with := func(t homeView) homeView {
		t.live, t.ended = live, ended
		t.locks = lockLines(locks, t.now, func(deployer.Locks) bool { return true })
		return t
	}
	return map[string]homeView{
		"empty": aHome(ana), "requester": with(aHome(ana)), "tech-lead": with(aHome(bob, "tech-lead")), "onlooker": with(aHome(rosa)),
	}
}

func TestHomeReads(t *testing.T) {
	for name, tab := range fourHomes(t) {
		golden(t, filepath.Join("home", name), "", tab.view().Blocks.BlockSet)
	}
}

// However much there is of it, Slack takes the tab: one that it refuses shows
// what was so before.
func TestMonstersFitIntoAHome(t *testing.T) {
	_, w := slackOnWire(t, smallWorkspace())
	api := clientOfWire(t, w)
	for seed := range 2 {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		h := aHome(deployer.Person{ID: "U1"}, nasty...)
		h.guide = guide{names: loud{rng}, command: "/deploy"}
		for i := range 30 {
			d := monster(rng)
			d.ID = fmt.Sprintf("tangerine-%d", i+1)
			if d.Status.Ended() {
				h.ended = append(h.ended, d)
			} else {
				h.live = append(h.live, d)
			}
		}
		view := h.view()
		if n := len(view.Blocks.BlockSet); n > 100 {
			t.Fatalf("seed %d: %d blocks", seed, n)
		}
		if said := jsonOf(t, view); strings.Contains(said, "<!channel") || strings.Contains(said, "<@") {
			t.Fatalf("seed %d: the tab calls people", seed)
		}
		if _, err := api.PublishViewContext(context.Background(), slack.PublishViewContextRequest{UserID: "UANA", View: view}); err != nil {
			b, _ := json.MarshalIndent(view, "", " ")
			t.Fatalf("seed %d: Slack refuses it: %v, %v\n%s", seed, err, errorDetails(err), b)
		}
	}
}

// homeOf is what somebody's home tab says; "" before it was published.
func (r *rig) homeOf(user string) (id, said string) {
	r.t.Helper()
	for _, v := range r.Views(user) {
		if v["type"] == "home" {
			return v["id"].(string), jsonOf(r.t, v["blocks"])
		}
	}
	return "", ""
}

// home waits until somebody's tab says something, and returns its id.
func (r *rig) home(user, part string) string {
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
func TestHome(t *testing.T) {
	r := newRig(t, subscribed, withShortcuts)
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
	r.types("eve", "/deploy lock api --reason 'stock-taking'")
	r.home("ana", "stock-taking")
}

// The tab of somebody who has lost the role is old for a moment; what counts is
// who they are when they press.
func TestAnOldHomeDecidesNothing(t *testing.T) {
	r := atApproval(t, subscribed)
	r.OpenHome("rosa")
	id := r.home("rosa", "Waiting for you · 1")
	r.Inject(emulator.Fault{Method: "views.publish", Error: "internal_error", Count: 1000})
	r.SetGroupMembers("tech-leads", "eve")
	r.eventually("she is out", func() bool { return len(r.bot.people.held("UROSA")) == 0 })
	r.must(r.Act(r.ctx(), emulator.Action{User: "rosa", ViewID: id, Button: "Approve"}))
	r.modal("rosa", "Only")
	if n := r.approvals(); n != 0 {
		t.Errorf("%d approvals", n)
	}
}

// What is posted to a private channel is not shown to those who have no part in
// it.
func TestPrivateDeploymentsStayPrivate(t *testing.T) {
	r := newRig(t, subscribed)
	r.OpenHome("eve")
	r.OpenHome("bob")
	r.typesIn("ana", "quiet-deploys", "/deploy web v2")
	r.eventually("it begins", func() bool { return len(r.book.all()) == 1 })
	r.home("bob", "quiet prod") // he will be asked to approve
	r.typesIn("ana", deploys, "/deploy api v2")
	r.home("eve", "tangerine prod")
	if _, said := r.homeOf("eve"); strings.Contains(said, "quiet") {
		t.Errorf("eve reads %s", said)
	}
}

// Many tabs, many changes: no call is refused, and the last state is shown.
func TestHomesKeepSlacksPace(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
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
func TestHomeAfterTroubles(t *testing.T) {
	r := newRig(t, subscribed)
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
