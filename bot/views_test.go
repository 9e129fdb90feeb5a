package bot

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/deployer"
)

// advised has tam called in as an expert whenever something fails.
func advised(s *setup) {
	checks(s)
	p := s.bot.Procedures["deployment"]
	p.Failure.Experts = []string{"dba"}
	s.bot.Procedures["deployment"] = p
	s.bot.Roles["dba"] = directory.Role{Users: []string{"tam"}}
}

// An expert says what they would decide, which stands on the card and in the message about
// the problem; whoever decides before that is asked why.
func TestExpertsViewsStandOnTheCard(t *testing.T) {
	t.Parallel()
	r := newFixture(t, advised)
	r.toBrokenCheck()
	r.onCard("View", "dba has not said anything yet.")
	r.clicks("bob", "View")
	r.hears("bob", "Only dba can give a view here.")

	r.clicks("bob", "Retry")
	bottest.Contains(t, r.form("bob"), "Decide now", "dba has not said anything about it yet", "Pods run it")
	bottest.Contains(t, r.because("bob", " "), "Say in a few words why.")

	r.clicks("tam", "View")
	bottest.Contains(t, r.form("tam"), "1 of 3 pods restarts", "What would you decide?", "This decides nothing.")
	said := r.sends("tam", map[string]any{
		"input/choice": chosen("Skip"),
		"reason":       typed("the <check> is broken"),
	})
	if len(said) > 0 {
		t.Fatalf("it said %q", said)
	}
	r.onCard("View", "tam (dba): *Skip*, the ")
	r.says("tam (dba): *Skip*, the ")
	if d := r.engine.all()[0]; d.Status != deployer.Deciding {
		t.Fatalf("it is %s", d.Status)
	}

	r.clicks("bob", "Retry")
	r.eventually("it is tried again", func() bool { return r.engine.all()[0].Step("pods").Attempt == 2 })
	r.fails("pods")
	r.onCard("View", "dba has not said anything yet.")
	r.clicks("ana", "Stop")
	if said := r.because("ana", "enough for today"); said != "" {
		t.Fatalf("it said %q", said)
	}
	r.says("Decided without dba: enough for today.")
}

// onCard waits until the card with a button says something.
func (r *fixture) onCard(button, part string) {
	r.t.Helper()
	r.eventually("the card says "+part, func() bool { return strings.Contains(string(r.card(button).Blocks), part) })
}
