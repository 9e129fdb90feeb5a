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

// Services with different procedures: the inputs come with the service.
func TestFormAsksForTheInputsOfTheService(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.bot.Procedures["hotfix"] = deployer.Procedure{ID: "hotfix", Steps: standard().Steps[:1],
			Inputs: []deployer.Input{{ID: "incident", Label: "Incident", Required: true}}}
		s.bot.Services["cron"] = view.Service{Procedure: "hotfix"}
	})
	r.types("ana", "/deploy")
	if strings.Contains(r.form("ana"), "input/") {
		t.Errorf("inputs before there is a service: %s", r.form("ana"))
	}
	r.chooses("ana", "service", "cron")
	bottest.Contains(t, r.form("ana"), "input/incident")
}

// Slack's own word that the form was redrawn since: it is drawn again, since
// choices of one person come one after the other.
func TestFormIsDrawnAgainAfterAHashConflict(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy")
	r.Inject(emulator.Fault{Method: "views.update", Error: "hash_conflict", Count: 1})
	r.chooses("ana", "service", "web")
	bottest.Contains(t, r.form("ana"), "Runs now: `v1` · 3 of 3 ready")
}

// What is wrong is said while the form is open, and what was typed stays.
func TestFormSaysWhatIsWrongWhileItIsOpen(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) { s.systems.tags = []string{"v2.0.1", "v2.0.0", "v1"} })
	r.eventually("the tags are known", func() bool { return len(r.bot.tags.LastRead("web")) > 0 })
	r.types("eve", "/deploy web v2.0.0 --env staging")
	r.types("ana", "/deploy")
	r.chooses("ana", "service", "web")
	r.chooses("ana", "tag", "v2.0.2")
	bottest.Contains(t, r.form("ana"), `web has no tag \"v2.0.2\". Did you mean v2.0.0?`, "Runs now: `v1`")
	r.chooses("ana", "tag", "v1")
	bottest.Contains(t, r.form("ana"), "`v1` runs in prod already.")
	r.chooses("ana", "env", "staging")
	bottest.Contains(t, r.form("ana"), "web in tangerine staging is being deployed by eve since \\u003c!date^")
	if invalid := r.sends("ana", nil); !strings.Contains(invalid["service"], "being deployed by eve") {
		t.Errorf("it was sent, and says %v", invalid)
	}
	r.chooses("ana", "env", "prod")
	r.chooses("ana", "service", "api")
	if invalid := r.sends("ana", map[string]any{"tag": chosen("v2.0.1")}); len(invalid) > 0 {
		t.Errorf("it was refused: %v", invalid)
	}
	bottest.Contains(t, r.form("ana"), "Start this?", "*api*", "`v1` → `v2.0.1`")
}

// A system that does not answer holds up no form, and what is not known is said.
func TestFormWaitsForNoSystem(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.types("ana", "/deploy")
		r.chooses("ana", "service", "web")
		bottest.Contains(t, r.form("ana"), "What runs there now is not known")
		if invalid := r.sends("ana", map[string]any{"tag": typed("v2")}); len(invalid) > 0 {
			t.Fatalf("it was refused: %v", invalid)
		}
		bottest.Contains(t, r.form("ana"), "from what is not known")
		r.sends("ana", nil)
		r.only()
	}, func(s *setup) { s.systems.slow = time.Minute })
}
