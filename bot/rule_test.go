package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// shown is what people see of a message, as it was sent.
func shown(m emulator.Message) string {
	return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(m.Blocks))
}

// windowed has every time be as a window says.
func windowed(w deployer.Window) func(*setup) {
	return func(s *setup) {
		p := standard()
		p.Windows = []deployer.Window{w}
		s.bot.Procedures["deployment"] = p
	}
}

// What a window warns of is asked once more, by one tap, and stands on the card.
// Delivered again, it starts one.
func TestAWarningCostsOneTap(t *testing.T) {
	t.Parallel()
	r := newFixture(t, windowed(deployer.Window{Is: deployer.WindowWarn, Why: "It is <Friday>"}))
	if said := r.types("ana", "/deploy web v2 --reason \"a & b\""); said != "⚠ It is &lt;Friday&gt;. Nothing was started yet." || len(r.engine.all()) > 0 {
		t.Fatalf("%q, and %d are started", said, len(r.engine.all()))
	}
	bottest.Contains(t, r.types("ana", "/deploy web v2 --dry-run"), "nothing was started", "It is &lt;Friday&gt;.")
	asked := r.Ephemerals("ana")[0]
	r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Type: "interactive", Copies: 2, NewID: true})
	r.must(r.Act(r.ctx(), emulator.Action{User: "ana", Channel: deploys, MessageTS: asked.TS, Button: "Start all the same"}))
	m := r.card("Done")
	if d := r.only(); d.Reason != "a & b" || len(d.Warnings) != 1 || !strings.Contains(shown(m), "It is &lt;Friday&gt;.") {
		t.Errorf("%+v, %s", d.Warnings, m.Blocks)
	}
}

// A window that ended while people were awaited holds the rollout: the card says why and
// until when, those who may override it are called once, and go on with a reason; nobody
// else does. The channels are told.
func TestWhatAWindowHoldsIsOverriddenFromTheCard(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.engine.Rules = func(deployer.Deployment, time.Time) []deployer.Verdict {
		return []deployer.Verdict{{Rule: "window 1", Is: deployer.WindowRefuse, Why: "It is <night>.", Override: "tech-lead", Next: time.Now().Add(8 * time.Hour)}}
	}
	r.toApproval()
	r.clicks("bob", "Approve")
	look := deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}
	r.eventually("the rollout is wanted", func() bool {
		d := r.engine.all()[0]
		look.Observation.State = d.Targets[0].Before
		return d.Step("rollout").Status == deployer.Active
	})
	_, err := r.engine.Do(r.ctx(), deployer.Order{Deployment: "tangerine-1", Command: look})
	r.must(err)
	m := r.card("Override")
	bottest.Contains(t, shown(m), "waits until", "It is &lt;night&gt;.", "may override that, with a reason.")
	r.thread("may override that on the card above")
	r.clicks("ana", "Override")
	r.hears("ana", "tech-lead")
	if form := r.form("ana"); form != "[]" {
		t.Errorf("the requester, who may not, has a form: %s", form)
	}
	r.clicks("bob", "Override")
	if no := r.because("bob", " "); !strings.Contains(no, "Say in a few words why it can't wait.") {
		t.Errorf("without a reason: %q", no)
	}
	if no := r.because("bob", "nobody can <pay>"); no != "" {
		t.Errorf("bob is told %q", no)
	}
	for _, channel := range []string{deploys, "announcements-change-control"} {
		_, err := r.WaitMessage(r.ctx(), channel, func(m emulator.Message) bool {
			return strings.Contains(m.Text, "bob (tech-lead) overrides “It is &lt;night&gt;” for tangerine-1") && strings.Contains(m.Text, "nobody can &lt;pay&gt;.") && m.ThreadTS == ""
		})
		if err != nil {
			t.Errorf("#%s is not told: %v", channel, err)
		}
	}
	_, err = r.engine.Do(r.ctx(), deployer.Order{Deployment: "tangerine-1", Command: look})
	r.must(err)
	if d := r.only(); d.Effect("rollout/web") == nil || len(d.Overridden) != 1 {
		t.Errorf("it does not go on: %+v", d.Overridden)
	}
}

// The kill switch: one command for all services, with a reason that needs no quotes, for
// all retailers that have the environment.
func TestEverythingIsLockedByOneCommand(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	locked := func() (sites []string) {
		all, err := r.engine.AllLocks(r.ctx())
		r.must(err)
		for _, l := range all {
			for _, x := range l.InForce(time.Now()) {
				if x.Service == "" && x.Reason == "the payment system is down" {
					sites = append(sites, l.Site.String())
				}
			}
		}
		return sites
	}
	bottest.Contains(t, r.types("eve", "/deploy lock everything --for 2h the payment system is down"), "You can't lock everything")
	bottest.Contains(t, r.types("bob", "/deploy lock everything --for 2h"), "needs a reason")
	r.must(r.Type(r.ctx(), "bob", deploys, "/deploy lock everything --for 2h the payment system is down", ""))
	r.eventually("tangerine is locked", func() bool { return len(locked()) == 1 })
	bottest.Contains(t, r.types("rosa", "/deploy unlock everything --env staging"), "Everything is not locked in tangerine staging")
	r.must(r.Type(r.ctx(), "bob", deploys, "/deploy unlock everything", ""))
	r.eventually("it is unlocked", func() bool { return len(locked()) == 0 })
	r.must(r.Type(r.ctx(), "bob", deploys, "/deploy lock everything --all the payment system is down", ""))
	r.eventually("all are locked", func() bool { return len(locked()) == 3 })
	r.must(r.Type(r.ctx(), "bob", deploys, "/deploy unlock everything --all", ""))
	r.eventually("all are unlocked", func() bool { return len(locked()) == 0 })
}
