package bot

import (
	"encoding/json"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
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
	bottest.Contains(t, r.form("ana"), "Start this?", "*web* · tangerine prod", "`v1` → `v2`", "To be approved by *bob or rosa (tech-lead)*.",
		"✓ Change control is followed – would ask *you*", "✓ Tech lead approves – would ask *bob or rosa (tech-lead)*", "Reason: orders", "Risk: high", `"Back"`)
	if invalid = r.sends("ana", nil); len(invalid) > 0 || len(r.Views("ana")) > 0 {
		t.Fatalf("it was refused: %v, %s", invalid, r.form("ana"))
	}
	d := r.only()
	if d.Releases[0] != (deployer.Release{Service: "web", Tag: "v2"}) || d.Site.Environment != "prod" || d.Inputs["risk"] != "high" || d.Reason != "orders & more" {
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
