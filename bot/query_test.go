package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestHelpIsGivenEverywhereUnderTheCommandsName(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.slack.Commands = []emulator.Command{{Name: "/ship"}}
		s.bot.Command = "/ship"
	})
	said := r.typesIn("ana", "random", "/ship help") // help is given everywhere
	bottest.Contains(t, said, "`/ship api v1.2.3`", "--dry-run", "web", "Home tab")
	bottest.Contains(t, r.types("ana", "/ship web v2 api"), "api has no tag", "/ship api v1.2.3")
}

func TestStatusShowsButtonsToThoseWhoMayPressThem(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	bottest.Contains(t, r.types("ana", "/deploy status"), "Nothing is under way for tangerine")
	r.types("ana", "/deploy web v2")
	r.card("Done")

	// One: its card, with buttons that work, and a copy that goes away.
	r.types("ana", "/deploy status")
	list := r.Ephemerals("ana")
	m := list[len(list)-1]
	bottest.Contains(t, string(m.Blocks), `"Done"`)
	r.must(r.Act(r.ctx(), emulator.Action{User: "ana", Channel: deploys, MessageTS: m.TS, Button: "Done"}))
	if s := r.engine.all()[0].Step("ready"); s.Status != deployer.Done {
		t.Errorf("the step is %s", s.Status)
	}
	r.eventually("the copy is gone", func() bool {
		for _, e := range r.Ephemerals("ana") {
			if e.TS == m.TS {
				return false
			}
		}
		return true
	})

	r.delivered("tangerine-1")

	// Several: a line each, and how to get the buttons.
	r.types("eve", "/deploy api v2 --env staging")
	bottest.Contains(t, r.types("ana", "/deploy status"), "2 are under way", "|tangerine-1>", "Waiting for bob or rosa to approve",
		"tangerine-2", "*api* · tangerine staging", "/deploy status tangerine-1")
	list = r.Ephemerals("ana")
	if strings.Contains(string(list[len(list)-1].Blocks), `"approve"`) {
		t.Error("ana may not approve, and has the button")
	}

	// What waits for whoever asks has its buttons in the list.
	r.types("bob", "/deploy status")
	list = r.Ephemerals("bob")
	m = list[len(list)-1]
	r.must(r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: m.TS, Button: "Approve"}))
	if n := r.approvals(); n != 1 {
		t.Errorf("%d approvals", n)
	}
	r.types("ana", "/deploy status --env staging")
	list = r.Ephemerals("ana")
	bottest.Contains(t, string(list[len(list)-1].Blocks), "tangerine-2")
	bottest.Contains(t, r.types("ana", "/deploy status tangerine-7"), "There is no deployment", "tangerine-1 and tangerine-2")
}

// delivered waits until it is written down where a deployment's card is.
func (r *fixture) delivered(id string) {
	r.t.Helper()
	r.eventually("the card of "+id+" has its place", func() bool {
		d, err := r.engine.Load(r.ctx(), id)
		return err == nil && d.Card.TS != ""
	})
}

func TestHistoryNamesDeploymentsAndRevisions(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.systems.revisions = []deployer.Revision{
			{State: deployer.State{Revision: "8", Version: "v2"}, Current: true, Created: time.Unix(1e9, 0), By: "tangerine-1"},
			{State: deployer.State{Revision: "7", Version: "v1"}, Created: time.Unix(1e9, 0)},
		}
	})
	bottest.Contains(t, r.types("ana", "/deploy history"), "None yet")
	r.types("ana", "/deploy web v2 --reason 'orders are stuck <!here>'")
	r.delivered("tangerine-1")
	r.types("ana", "/deploy stop tangerine-1 --reason 'wrong one'")
	said := r.types("eve", "/deploy history")
	bottest.Contains(t, said, "|tangerine-1>", "web `v2`", "prod", "Ana", "stopped after", "“orders are stuck &lt;!here&gt;”", "wrong one")
	said = r.types("eve", "/deploy history web")
	bottest.Contains(t, said, "|tangerine-1>", "`8` `v2`", "*runs now*", "`7` `v1`", "/deploy rollback web --to REVISION")
	bottest.Contains(t, r.types("eve", "/deploy history api"), "None yet")
	bottest.Contains(t, r.types("eve", "/deploy history wbe"), "Did you mean web?")
}

func TestVersionsShowWhatRuns(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	bottest.Contains(t, r.types("ana", "/deploy versions"), "*Tangerine prod*", "*web* `v1` · 3 of 3 ready", "*api*")
	said := r.types("ana", "/deploy versions web --env staging")
	bottest.Contains(t, said, "*Tangerine staging*", "*web*")
	if strings.Contains(said, "api") {
		t.Errorf("too much: %s", said)
	}
}

// A system that takes its time: the command is answered within a second, with
// what is known, and the rest follows.
func TestASlowSystemDelaysNoAnswer(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.types("ana", "/deploy web v2")
		for command, first := range map[string]string{
			"/deploy versions": "follows in a moment", "/deploy history web": "web `v2`", "/deploy status": "web", "/deploy help": "/deploy api v1.2.3",
		} {
			begun := time.Now()
			bottest.Contains(t, r.types("ana", command), first)
			if took := time.Since(begun); took > time.Second {
				t.Errorf("%s was answered after %s", command, took)
			}
		}
		r.hears("ana", "*web* `v1` · 3 of 3 ready")
		r.hears("ana", "`8` `v2`")
	}, func(s *setup) {
		s.systems.slow = 2500 * time.Millisecond
		s.systems.revisions = []deployer.Revision{{State: deployer.State{Revision: "8", Version: "v2"}, Current: true}}
	})
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
