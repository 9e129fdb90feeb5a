package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestCommandStartsADeployment(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	if said := r.types("ana", `/deploy web v2 api:v3 --reason “orders are stuck”  —input risk=high`); said != "" {
		t.Errorf("a good command is answered by its card, not by %q", said)
	}
	all := r.engine.all()
	if len(all) != 1 {
		t.Fatalf("%d deployments", len(all))
	}
	d := all[0]
	if d.Retailer != "tangerine" || d.Environment != "prod" || d.TAM != "tam" || d.Reason != "orders are stuck" || d.Inputs["risk"] != "high" {
		t.Errorf("it is %+v", d)
	}
	if d.Requester.ID != "UANA" || d.Requester.Name != "Ana" { // as on the card, not the handle
		t.Errorf("the requester is %+v", d.Requester)
	}
	want := map[string]string{"deploys": r.ChannelID(deploys), "change": r.ChannelID("announcements-change-control")}
	if d.Channels["deploys"] != want["deploys"] || d.Channels["change"] != want["change"] {
		t.Errorf("the channels are %v, want %v", d.Channels, want)
	}
	if !strings.HasPrefix(d.Origin, "slack/T0LOCAL/") {
		t.Errorf("the origin is %q", d.Origin)
	}
	r.card("Done")
	r.eventually("the requester's own name is known", func() bool { return r.bot.people.Person(d.Requester) == "Ana" })
}

// The same command delivered up to three times (bolt-js 2188, 2487).
func TestCommandDeliveredAgainStartsNothingMore(t *testing.T) {
	t.Parallel()
	for name, newID := range map[string]bool{"same id": false, "new id": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newFixture(t)
			r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Copies: 2, NewID: newID})
			if said := r.types("ana", "/deploy web v2"); said != "" {
				t.Errorf("the person was told %q", said)
			}
			r.types("ana", "/deploy status") // behind the copies, most likely
			r.card("Done")
			if n := len(r.engine.all()); n != 1 {
				t.Errorf("%d deployments", n)
			}
			for _, m := range r.Ephemerals("ana") {
				if strings.Contains(m.Text, "being deployed") {
					t.Errorf("a copy was refused aloud: %q", m.Text)
				}
			}
		})
	}
}

// Delivered again after a restart: nothing is in memory, the store knows.
func TestCommandDeliveredAgainAfterARestartStartsNothingMore(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Copies: 1, NewID: true, After: time.Minute})
		r.must(r.Type(r.ctx(), "ana", deploys, "/deploy web v2", ""))
		r.bot.answered.mu.Lock()
		r.bot.answered.answers = map[string]answer{}
		r.bot.answered.mu.Unlock()
		r.eventually("the copy was given to the engine", func() bool {
			r.engine.mu.Lock()
			defer r.engine.mu.Unlock()
			return r.engine.orders == 2
		})
		if n := len(r.engine.all()); n != 1 {
			t.Errorf("%d deployments", n)
		}
	})
}

func TestRefusalsNameTheMistakeAndWhatWasMeant(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.bot.Procedures["hotfix"] = deployer.Procedure{ID: "hotfix", Title: "Hotfix", Steps: standard().Steps[:1]}
		s.bot.Services["cron"] = view.Service{Procedure: "hotfix"}
		s.systems.tags = []string{"v2.0.1", "v2.0.0", "v1.9.9"}
	})
	for text, parts := range map[string][]string{
		"/deploy wbe v2.0.1":                        {"wbe", "Did you mean web?"},
		"/deploy zzz v2.0.1":                        {"zzz", "There are: api, cron, decanting-service and web."},
		"/deploy statsu":                            {"statsu", "Did you mean: `/deploy status`"},
		"/deploy web":                               {"web has no tag behind it", "`/deploy web v1.2.3`"},
		"/deploy web v2.0.0 v2.0.1":                 {"v2.0.1", "has no partner"},
		"/deploy web v2.0.2":                        {"web has no tag", "v2.0.2", "Did you mean v2.0.0?"},
		"/deploy web v2.0.1 --evn prod":             {"--evn", "Did you mean --env?"},
		"/deploy web v2.0.1 --env prdo":             {"prdo", "Did you mean prod?"},
		"/deploy web v2.0.1 --procedure hotfxi":     {"hotfxi", "Did you mean hotfix?"},
		"/deploy web v2.0.1 --input rsik=low":       {"rsik", "Did you mean risk?"},
		"/deploy web v2.0.1 --input risk=hgih":      {"hgih", "Did you mean high?"},
		"/deploy web v2.0.1 cron v2.0.1":            {"web and cron follow different procedures"},
		"/deploy web v2.0.1 web v2.0.1":             {"web is named twice"},
		"/deploy web v2.0.1 --at 22:00":             {"The procedure deployment does not wait for a planned start", "uses: wait"},
		"/deploy hotfix web":                        {"not in this version"},
		"/deploy stop tangerine-9":                  {"There is no deployment", "tangerine-9"},
		"/deploy rollback web":                      {"nothing to go back to"},
		"/deploy <!channel> v2.0.1":                 {"&lt;!channel&gt;"},
		"/deploy web `v2`":                          {`has no tag "v2"`},
		"/deploy web v2.0.1 --reason " + long(5000): {"5000 characters", "1000 are the most"},
		"/deploy " + long(5000):                     {"neither a command nor a service"},
		`/deploy web v2.0.1 --reason "it is`:        {"is not closed"},
	} {
		said := r.types("ana", text)
		bottest.Contains(t, said, parts...)
		if strings.Contains(said, "<!") || strings.Contains(said, "@everyone") {
			t.Errorf("%s: the answer calls people: %q", text, said)
		}
		if len(said) > 4000 {
			t.Errorf("%s: the answer has %d characters", text, len(said))
		}
	}
	if n := len(r.engine.all()); n != 0 {
		t.Errorf("%d deployments", n)
	}
}

func long(n int) string { return strings.Repeat("x", n) }

func TestSecondToStartTheSameIsToldWhoWasFirst(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy web v2")
	bottest.Contains(t, r.types("eve", "/deploy web v3"), "web in tangerine prod is being deployed by", "tangerine-1")
}

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

// A command waits for nobody: with Slack's API out of reach it is acknowledged
// all the same.
func TestOrdinaryCommandAsksSlackNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.Inject(emulator.Fault{Method: "*", Delay: time.Second, Cut: true, Count: 1000})
		began := time.Now()
		r.must(r.Type(r.ctx(), "ana", deploys, "/deploy web v2", ""))
		if took := time.Since(began); took > 500*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		if n := len(r.engine.all()); n != 1 {
			t.Errorf("%d deployments", n)
		}
	})
}

func TestRehearsalStartsNothing(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	said := r.types("ana", "/deploy web v2 --dry-run")
	bottest.Contains(t, said, "nothing was started", "*web* to `v2`", "1. Change control is followed – *you*",
		"2. Tech lead approves – *bob or rosa*", "in <#"+r.ChannelID(deploys)+">")
	if n := len(r.engine.all()); n != 0 {
		t.Errorf("%d deployments", n)
	}
}

func TestRollbackGoesToTheRevisionBefore(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.systems.revisions = []deployer.Revision{
			{State: deployer.State{Revision: "8", Version: "v2", Image: "web:v2"}, Current: true},
			{State: deployer.State{Revision: "7", Version: "v1", Image: "web:v1"}}, {State: deployer.State{Revision: "5", Version: "v0", Image: "web:v0"}},
		}
	})
	bottest.Contains(t, r.types("ana", "/deploy rollback web --to 8"), "runs revision 8 already")
	bottest.Contains(t, r.types("ana", "/deploy rollback web --to 6"), "no revision", "It has: 8, 7 and 5.")
	if said := r.types("ana", "/deploy rollback web"); said != "" {
		t.Errorf("it said %q", said)
	}
	all := r.engine.all()
	if len(all) != 1 || all[0].Releases[0] != (deployer.Release{Service: "web", Revision: "7"}) {
		t.Fatalf("there are %+v", all)
	}
	bottest.Contains(t, r.types("ana", "/deploy rollback tangerine-1"), "can't be rolled back now")
	bottest.Contains(t, r.types("eve", "/deploy stop tangerine-1"), "or tech-lead can decide that")
	if said := r.types("ana", "/deploy stop tangerine-1 --reason 'wrong one'"); said != "" {
		t.Errorf("it said %q", said)
	}
	if d := r.engine.all()[0]; d.Status != deployer.Stopped || !strings.Contains(d.Why, "wrong one") {
		t.Errorf("it is %s: %s", d.Status, d.Why)
	}
	bottest.Contains(t, r.types("ana", "/deploy stop tangerine-1"), "has ended")
	bottest.Contains(t, r.types("ana", "/deploy rollback tangerine-1"), "has ended", "/deploy rollback web")
}
