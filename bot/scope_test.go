package bot

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/overview"
	"github.com/stationmaster/stationmaster/bot/view/trail"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestDeploymentsStartInTheirRetailersChannelAlone(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.slack.Channels = append(s.slack.Channels, emulator.Channel{Name: "bob-and-ana", Private: true})
	})
	bottest.Contains(t, r.typesIn("ana", "random", "/deploy web v2"), "not started from here", "Type it in #tangerine-deploys.")
	bottest.Contains(t, r.typesIn("ana", "secret", "/deploy web v2"), "not in this channel", "/invite @stationmaster")
	bottest.Contains(t, r.typesIn("ana", "bob-and-ana", "/deploy web v2"), "not started from here")
	bottest.Contains(t, r.typesIn("ana", "plum-deploys", "/deploy web v2"), "plum", "not configured")
	bottest.Contains(t, r.typesIn("ana", "lemon-deploys", "/deploy web v2"), "not in #lemon-deploys", "/invite @stationmaster")
	r.SetBotMember("lemon-deploys", true)
	if said := r.typesIn("ana", "lemon-deploys", "/deploy web v2"); said != "" {
		t.Errorf("just invited, it says %q", said)
	}
	if said := r.typesIn("ana", "quiet-deploys", "/deploy web v2"); said != "" {
		t.Errorf("in a private channel it says %q", said)
	}
	if n := len(r.engine.all()); n != 2 {
		t.Errorf("%d deployments", n)
	}
}

func TestNothingStartsWhereTheBotCannotAnnounceIt(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) { s.slack.Channels[1].WithoutBot = true })
	bottest.Contains(t, r.types("ana", "/deploy web v2"), "not in #announcements-change-control", "/invite @stationmaster")
	if n := len(r.engine.all()); n != 0 {
		t.Errorf("%d deployments", n)
	}
}

// What somebody types in a channel is about that channel's retailer: another
// one's deployment is dealt with where its people see it.
func TestDeploymentsOfOtherRetailersAreDealtWithInTheirChannel(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		for i, c := range s.slack.Channels {
			if c.Name == "lemon-deploys" {
				s.slack.Channels[i].WithoutBot = false
			}
		}
	})
	r.typesIn("ana", "lemon-deploys", "/deploy web v2")
	for _, verb := range []string{"status", "stop", "rollback"} {
		bottest.Contains(t, r.types("ana", "/deploy "+verb+" lemon-1"), "lemon-1 is a deployment of lemon", "Type it in #lemon-deploys", "/deploy "+verb+" lemon-1")
	}
	bottest.Contains(t, r.types("ana", "/deploy stop lemon-2"), "There is no deployment", "Nothing is under way")
	if s := r.engine.all()[0].Status; s != deployer.Running {
		t.Errorf("it is %s", s)
	}
	r.typesIn("ana", "quiet-deploys", "/deploy web v2")
	bottest.Contains(t, r.types("ana", "/deploy status quiet-1"), "in the channel of quiet’s deployments")
	r.typesIn("ana", "lemon-deploys", "/deploy stop lemon-1")
	if s := r.engine.all()[0].Status; s != deployer.Stopped {
		t.Errorf("it is %s", s)
	}
	r.typesIn("ana", "lemon-deploys", "/deploy status lemon-1") // what became of it
	list := r.Ephemerals("ana")
	bottest.Contains(t, string(list[len(list)-1].Blocks), "Stopped by Ana", `"Audit trail"`)
}

// A command in a channel that was renamed while no event came: the payload has the
// new name, so that Slack is asked before anything is done.
func TestARenamedChannelIsNotItsOldRetailers(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) { s.bot.Retailers["mandarin"] = s.bot.Retailers["tangerine"] })
	r.must(r.RenameChannel(deploys, "mandarin-deploys"))
	if said := r.typesIn("ana", "mandarin-deploys", "/deploy web v2"); said != "" {
		t.Errorf("it says %q", said)
	}
	if all := r.engine.all(); len(all) != 1 || all[0].Site.Name != "mandarin" {
		t.Errorf("deployments: %v", all)
	}
	r.must(r.RenameChannel("mandarin-deploys", "chatter"))
	bottest.Contains(t, r.typesIn("ana", "chatter", "/deploy api v2"), "not started from here")
	if n := len(r.engine.all()); n != 1 {
		t.Errorf("%d deployments", n)
	}
}

// Slack hides the names of private channels, so that it is asked.
func TestARenamedPrivateChannelIsNotItsOldRetailers(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.must(r.RenameChannel("quiet-deploys", "chatter"))
	bottest.Contains(t, r.typesIn("ana", "chatter", "/deploy web v2"), "not started from here")
	if n := len(r.engine.all()); n != 0 {
		t.Errorf("%d deployments", n)
	}
}

// Whoever takes the freed name of a retailer's channel gets nothing by it, neither
// commands nor what is posted there by name, until the configuration names its id.
func TestAFreedChannelNameGivesNothing(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.must(r.RenameChannel(deploys, "tangerine-old"))
	id, err := r.CreateChannel("eve", emulator.Channel{ID: "CEVES", Name: deploys})
	r.must(err)
	bottest.Contains(t, r.types("eve", "/deploy web v2"), "#tangerine-deploys is not the channel that had this name before", "retailers.tangerine.channels.deploys: "+id)
	bottest.Contains(t, r.typesIn("eve", "random", "/deploy web v2"), "Invite stationmaster to a channel")
	bottest.Contains(t, r.log.String(), "a channel bears the name of another one")
	r.must(r.bot.channels.RefreshWithin(r.ctx(), 0))
	if found := fmt.Sprint(r.bot.Check(r.ctx())); !strings.Contains(found, "check the channel CEVES: #tangerine-deploys is not the channel that had this name before") {
		t.Errorf("check says %s", found)
	}

	r.must(r.RenameChannel(deploys, "eves-own"))
	r.must(r.RenameChannel("tangerine-old", deploys))
	if said := r.types("ana", "/deploy web v2"); said != "" {
		t.Errorf("under its old name again, it says %q", said)
	}
	r.must(r.RenameChannel("announcements-change-control", "something-else"))
	_, err = r.CreateChannel("eve", emulator.Channel{ID: "CEVEN", Name: "announcements-change-control"})
	r.must(err)
	r.must(r.bot.channels.RefreshWithin(r.ctx(), 0))
	bottest.Contains(t, r.types("ana", "/deploy api v2"), "#announcements-change-control is not the channel that had this name before")
	if n := len(r.engine.all()); n != 1 {
		t.Errorf("%d deployments", n)
	}
}

// The configuration names a retailer's channel by its id: that one alone counts,
// whatever it is called, and no other of that name.
func TestAPinnedChannelIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.slack.Channels = append(s.slack.Channels, emulator.Channel{ID: "CPINNED", Name: "lemon-people"})
		lemon := s.bot.Retailers["lemon"]
		lemon.Channels = map[string]string{"deploys": "CPINNED", "change": "#announcements-change-control"}
		s.bot.Retailers["lemon"] = lemon
		for i, c := range s.slack.Channels {
			s.slack.Channels[i].WithoutBot = c.WithoutBot && c.Name != "lemon-deploys"
		}
	})
	bottest.Contains(t, r.typesIn("ana", "lemon-deploys", "/deploy web v2"), "#lemon-deploys is not the channel of lemon’s deployments", "Type it in #lemon-people")
	if said := r.typesIn("ana", "lemon-people", "/deploy web v2"); said != "" {
		t.Errorf("in the pinned one it says %q", said)
	}
	r.must(r.RenameChannel("lemon-people", "tangerine-people"))
	if said := r.typesIn("ana", "tangerine-people", "/deploy api v2"); said != "" {
		t.Errorf("under another name it says %q", said)
	}
	for _, d := range r.engine.all() {
		if d.Site.Name != "lemon" || d.Channels[deployer.ChannelDeploys] != "CPINNED" {
			t.Errorf("%s is %s’s, in %s", d.ID, d.Site.Name, d.Channels[deployer.ChannelDeploys])
		}
	}
	if found := r.bot.Check(r.ctx()); len(found) != 1 || !strings.Contains(found[0].Error(), "#lemon-deploys is not the channel of lemon’s deployments") {
		t.Errorf("check says %v", found)
	}
}

// What is shared with another organization takes no commands, unless the
// configuration allows it, and neither do direct messages.
func TestSharedAndDirectChannelsTakeNoCommands(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.slack.Channels = append(s.slack.Channels, emulator.Channel{Name: "melon-deploys", Shared: true})
		melon := s.bot.Retailers["tangerine"]
		melon.SharedChannel = true
		s.bot.Retailers["melon"] = melon
		s.bot.Retailers["directmessage"] = melon
		s.bot.Channels = regexp.MustCompile(`^(?P<retailer>[a-z0-9]+)(-deploys)?$`)
		s.slack.App.Events = []string{"channel_shared", "channel_unshared"}
	})
	if said := r.typesIn("ana", "melon-deploys", "/deploy web v2"); said != "" {
		t.Errorf("where it is allowed, it says %q", said)
	}
	r.SetShared(deploys, true)
	r.eventually("the bot knows", func() bool { c, _ := r.bot.channels.Known(deploys); return c.Shared })
	bottest.Contains(t, r.types("ana", "/deploy web v2"), "#tangerine-deploys is shared with another organization", "retailers.tangerine.shared_channel: true")
	if found := r.bot.Check(r.ctx()); len(found) != 1 || !strings.Contains(found[0].Error(), "is shared with another organization") {
		t.Errorf("check says %v", found)
	}
	r.SetShared(deploys, false)
	r.eventually("the bot knows", func() bool { c, _ := r.bot.channels.Known(deploys); return !c.Shared })
	if said := r.types("ana", "/deploy web v2"); said != "" {
		t.Errorf("alone again, it says %q", said)
	}
	if n := len(r.engine.all()); n != 2 {
		t.Errorf("%d deployments", n)
	}
}

// A form stays open while its channel is archived, left by the bot or by its person,
// or gets another name, and no event comes. Then it is sent, or started.
func TestAFormPassesTheGateOfACommand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happens func(r *fixture) error
		says    string // "": it is carried out
	}{
		"archived":       {func(r *fixture) error { r.Archive("quiet-deploys", true); return nil }, "#quiet-deploys is archived"},
		"bot left":       {func(r *fixture) error { r.SetBotMember("quiet-deploys", false); return nil }, "stationmaster is not in this channel"},
		"person left":    {func(r *fixture) error { return r.Leave("ana", "quiet-deploys") }, "Its channel is private, and you are not in it"},
		"another's name": {func(r *fixture) error { return r.RenameChannel("quiet-deploys", "lemon-deploys2") }, "is for lemon now, and this form is for quiet"},
		"nobody's name":  {func(r *fixture) error { return r.RenameChannel("quiet-deploys", "chatter") }, "not started from here"},
		"nothing":        {func(*fixture) error { return nil }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newFixture(t, func(s *setup) {
				s.bot.Channels = regexp.MustCompile(`^(?P<retailer>[a-z]+)-deploys2?$`)
			})
			values := map[string]any{"service": chosen("web"), "tag": typed("v2")}
			r.typesIn("ana", "quiet-deploys", "/deploy")
			r.typesIn("ana", "quiet-deploys", "/deploy")
			if invalid := r.sends("ana", values); len(invalid) > 0 {
				t.Fatalf("it was refused: %v", invalid)
			}
			r.must(c.happens(r))
			r.sends("ana", nil)
			if c.says == "" {
				if d := r.only(); d.Site.Name != "quiet" {
					t.Errorf("it is for %s", d.Site.Name)
				}
				return
			}
			bottest.Contains(t, r.form("ana"), c.says)
			r.must(r.CloseView("ana", r.view("ana"), false))
			if said := r.sends("ana", values)["service"]; !strings.Contains(said, c.says) {
				t.Errorf("the form itself says %q", said)
			}
			if n := len(r.engine.all()); n != 0 {
				t.Errorf("%d deployments", n)
			}
		})
	}
}

// Somebody leaves a private channel while they have a form open that a button of its
// card has opened, and their home tab is still there.
func TestAnOldFormAndHomeTabShowNothingOfAPrivateChannel(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.typesIn("ana", "quiet-deploys", "/deploy web v2")
	m, err := r.WaitMessage(r.ctx(), "quiet-deploys", func(m emulator.Message) bool {
		return strings.Contains(string(m.Blocks), `"Audit trail"`) || strings.Contains(string(m.Blocks), `"Done"`)
	})
	r.must(err)
	d := r.only()
	r.must(r.Leave("eve", "quiet-deploys"))
	click := func(user, kind string) *request {
		q := &request{kind: kindClick, id: view.ActionTrail, user: user, channel: r.ChannelID("quiet-deploys"), message: m.TS}
		q.button.Deployment, q.home = d.ID, kind == "home"
		if kind == "form" {
			q.kind = kindSubmit
		}
		return q
	}
	for _, c := range []struct {
		user, kind string
		sees       bool
	}{
		{"eve", "home", false}, {"eve", "form", false}, {"eve", "message", true}, // which Slack shows to members alone
		{"tam", "home", true}, {"tam", "form", true}, // a member
		{"ana", "home", true}, {"bob", "form", true}, // who asked, and who approves
	} {
		id := r.UserID(c.user)
		err := r.bot.sightOf(r.ctx(), click(id, c.kind))
		if (err == nil) != c.sees {
			t.Errorf("%s by a %s: %v", c.user, c.kind, err)
		}
	}
}

// Every button, and every form that one has opened, is checked for whoever sends it.
func TestEveryButtonIsCheckedForSight(t *testing.T) {
	t.Parallel()
	r := newColdFixture(t)
	for key, to := range r.bot.table {
		opened := key.kind == kindSubmit && (strings.HasPrefix(key.id, view.FormReasonPrefix) || key.id == view.FormReview) || key.kind == kindChange && key.id == trail.Callback
		if (key.kind == kindClick && key.id != overview.HomeDeploy || opened) && to.needs&needSight == 0 {
			t.Errorf("%s %s is not", key.kind, key.id)
		}
	}
}
