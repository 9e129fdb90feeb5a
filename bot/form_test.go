package bot

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// What fields of a form hold, as Slack sends it.
func chosen(v string) map[string]any {
	return map[string]any{"menu": map[string]any{"selected_option": picked(v)}}
}

func picked(v string) map[string]any {
	return map[string]any{"value": v, "text": map[string]any{"type": "plain_text", "text": v}}
}

func typed(v string) map[string]any { return map[string]any{"text": map[string]any{"value": v}} }

// view is the id of the form that somebody sees.
func (r *fixture) view(user string) string {
	r.t.Helper()
	views := r.Views(user)
	if len(views) == 0 {
		r.t.Fatalf("%s has no form open", user)
	}
	return views[len(views)-1]["id"].(string)
}

// form is what somebody sees of forms, as JSON.
func (r *fixture) form(user string) string {
	b, err := json.Marshal(r.Views(user))
	r.must(err)
	return string(b)
}

// chooses chooses in a field of the form, which is redrawn.
func (r *fixture) chooses(user, block, value string) {
	r.t.Helper()
	r.must(r.Act(r.ctx(), emulator.Action{User: user, ViewID: r.view(user), BlockID: block, ActionID: "menu",
		Choice: map[string]any{"selected_option": picked(value)}}))
}

// sends sends the form that somebody sees, and returns what it says against it.
func (r *fixture) sends(user string, values map[string]any) map[string]string {
	r.t.Helper()
	invalid, err := r.Submit(r.ctx(), user, r.view(user), values)
	r.must(err)
	return invalid
}

// fills opens a form and fills it in as far as what will happen is shown.
func (r *fixture) fills(user, service, tag string) {
	r.t.Helper()
	if said := r.types(user, "/deploy"); said != "" {
		r.t.Errorf("it said %q", said)
	}
	if invalid := r.sends(user, map[string]any{"service": chosen(service), "tag": typed(tag)}); len(invalid) > 0 {
		r.t.Fatalf("it was refused: %v", invalid)
	}
}

func TestFormStartsWhatItSays(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy")
	view := r.view("ana")
	invalid := r.sends("ana", map[string]any{"service": chosen("web"), "tag": typed("v 2"), "input/risk": chosen("high")})
	bottest.Contains(t, invalid["tag"], "not a tag")
	if invalid = r.sends("ana", map[string]any{"tag": typed(" v2 "), "reason": typed("orders & more")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	if n := len(r.engine.all()); n != 0 {
		t.Fatalf("%d deployments before Start", n)
	}
	bottest.Contains(t, r.form("ana"), "Start this?", "*web* · tangerine prod", "`v1` → `v2`", "To be approved by *bob or rosa*.",
		"1. Change control is followed – *you*", "2. Tech lead approves – *bob or rosa*", "Reason: orders", "Risk: high", `"Back"`)
	if invalid = r.sends("ana", nil); len(invalid) > 0 || len(r.Views("ana")) > 0 {
		t.Fatalf("it was refused: %v, %s", invalid, r.form("ana"))
	}
	d := r.only()
	if d.Releases[0] != (deployer.Release{Service: "web", Tag: "v2"}) || d.Environment != "prod" || d.Inputs["risk"] != "high" || d.Reason != "orders & more" {
		t.Errorf("it is %+v", d)
	}
	if d.Origin != "slack/T0LOCAL/view/"+view {
		t.Errorf("the origin is %q", d.Origin)
	}
	r.types("eve", "/deploy")
	invalid = r.sends("eve", map[string]any{"service": chosen("web"), "tag": typed("v3")})
	bottest.Contains(t, invalid["service"], "web in tangerine prod is being deployed by Ana since", "waiting for Ana to confirm “Change control is followed”", "/deploy status tangerine-1")
}

// only is the only deployment.
func (r *fixture) only() deployer.Deployment {
	r.t.Helper()
	all := r.engine.all()
	if len(all) != 1 {
		r.t.Fatalf("%d deployments", len(all))
	}
	return all[0]
}

// Whoever goes back finds the form as it was, and starts what it says then.
func TestFormIsKeptOnTheWayBackFromTheConfirmation(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.fills("ana", "web", "v2")
	r.must(r.CloseView("ana", r.view("ana"), false))
	if invalid := r.sends("ana", map[string]any{"tag": typed("v3")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	bottest.Contains(t, r.form("ana"), "→ `v3`")
	r.sends("ana", nil)
	if d := r.only(); d.Releases[0].Tag != "v3" {
		t.Errorf("it is %+v", d.Releases)
	}
}

// Start delivered three times with new ids, and pressed twice: one deployment.
func TestFormStartsOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.fills("ana", "web", "v2")
		view := r.view("ana")
		r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Type: "interactive", Copies: 2, NewID: true})
		var presses sync.WaitGroup
		for range 2 {
			presses.Go(func() {
				_, err := r.Submit(r.ctx(), "ana", view, nil)
				if err != nil && !strings.Contains(err.Error(), "not open any more") {
					t.Error(err)
				}
			})
		}
		presses.Wait()
		r.card("Done")
		time.Sleep(time.Minute) // the copies
		r.only()
	})
}

// A restart between: nothing is in memory, the store knows what the form has
// started. One that was changed meanwhile says so, and starts nothing.
func TestFormStartsOnceAfterARestart(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.fills("ana", "web", "v2")
	form := r.Views("ana")[0]["id"].(string)
	_, err := r.engine.Do(r.ctx(), deployer.Order{By: bottest.Ana, Command: deployer.Start{
		Origin: "slack/T0LOCAL/view/" + form, Retailer: "tangerine", Environment: "prod", Procedure: standard(),
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Inputs: map[string]string{"risk": "low"},
	}})
	r.must(err) // and the answer is lost
	if invalid := r.sends("ana", nil); len(invalid) > 0 || len(r.Views("ana")) > 0 {
		t.Errorf("the second time it says %v, %s", invalid, r.form("ana"))
	}
	r.only()
}

func TestFormThatHasStartedSomethingElseStartsNothingMore(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.fills("ana", "web", "v3")
	form := r.Views("ana")[0]["id"].(string)
	_, err := r.engine.Do(r.ctx(), deployer.Order{By: bottest.Ana, Command: deployer.Start{
		Origin: "slack/T0LOCAL/view/" + form, Retailer: "tangerine", Environment: "prod", Procedure: standard(),
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Inputs: map[string]string{"risk": "low"},
	}})
	r.must(err)
	r.sends("ana", nil)
	bottest.Contains(t, r.form("ana"), "This form has started tangerine-1 already", "/deploy status tangerine-1")
	r.only()
}

// Somebody else was first between Next and Start: the confirmation says so, and
// stays open.
func TestConfirmationSaysWhoWasFirst(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.fills("ana", "web", "v2")
	r.types("eve", "/deploy web v3")
	r.sends("ana", nil)
	bottest.Contains(t, r.form("ana"), "web in tangerine prod is being deployed by", "date^", "`v1` → `v2`")
	r.types("eve", "/deploy stop tangerine-1")
	r.sends("ana", nil)
	if n := len(r.engine.all()); n != 2 || len(r.Views("ana")) > 0 {
		t.Errorf("%d deployments, and open: %s", n, r.form("ana"))
	}
}

// An engine that fails loses nothing that was typed, and Start works again.
func TestFormIsKeptWhereTheEngineFails(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.fills("ana", "web", "v2")
	r.engine.fail(deployer.ErrUnknown)
	r.sends("ana", nil)
	bottest.Contains(t, r.form("ana"), "It is not known whether that was written down")
	r.engine.fail(nil)
	r.sends("ana", nil)
	r.only()
}

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
	r.eventually("the tags are known", func() bool { return len(r.bot.tags.list("web").tags) > 0 })
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

// Slack takes 3,000 characters in a view's memo, which holds the whole form.
func TestFormTooLongForSlackIsRefused(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		p := standard()
		for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			p.Inputs = append(p.Inputs, deployer.Input{ID: id})
		}
		s.bot.Procedures["deployment"] = p
	})
	r.types("ana", "/deploy")
	values := map[string]any{"service": chosen("web"), "tag": typed("v2"), "reason": typed(strings.Repeat("ä", 500))}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		values["input/"+id] = typed(strings.Repeat("x", 400))
	}
	bottest.Contains(t, r.sends("ana", values)["reason"], "too long for Slack")
}

// Several services go in one form as in one command, and what is wrong with the
// others is said at their field.
func TestFormStartsSeveralServices(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy")
	for more, want := range map[string]string{
		"api":              "api has no tag behind it",
		"apu v3":           `There is no service "apu"`,
		"web v3":           "web is named twice",
		"api v3, api v4":   "api is named twice",
		"api v3/x":         `"v3/x" is not a tag`,
		"status api":       `There is no service "status"`,
		"api v3 --env foo": `There is no service "--env"`,
	} {
		invalid := r.sends("ana", map[string]any{"service": chosen("web"), "tag": typed("v2"), "more": typed(more)})
		if !strings.Contains(invalid["more"], want) {
			t.Errorf("%q: it says %v, want %q", more, invalid, want)
		}
	}
	if invalid := r.sends("ana", map[string]any{"more": typed("api v3, decanting-service:v4")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	bottest.Contains(t, r.form("ana"), "*3 services* · tangerine prod", "*web* · `v1` → `v2`", "*api* · `v1` → `v3`", "*decanting-service* · `v1` → `v4`")
	r.sends("ana", nil)
	want := []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Tag: "v3"}, {Service: "decanting-service", Tag: "v4"}}
	if d := r.only(); !slices.Equal(d.Releases, want) {
		t.Errorf("it is %+v", d.Releases)
	}
	r.types("eve", "/deploy")
	r.chooses("eve", "service", "web")
	invalid := r.sends("eve", map[string]any{"tag": typed("v2"), "more": typed("api v3")})
	bottest.Contains(t, invalid["service"], "is being deployed by Ana")
}
