package bot

import (
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
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
