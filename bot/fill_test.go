package bot

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// fillsIn is a setup whose system for tickets is not there, and in which the requester
// is asked for a few things before the approval.
func fillsIn(s *setup) {
	p := standard()
	p.Kinds = append(deployer.CoreKinds(), deployer.Kind{
		Name: "jira.ticket", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
		Outputs: []deployer.Param{{Name: "key", Type: deployer.TypeText, Doc: "such as CC-123"}},
	}, deployer.Kind{
		Name: "ask", Work: deployer.WorkPeople, Scope: deployer.ScopeOnce, Params: []deployer.Param{{Name: "inputs", Type: deployer.TypeInputs}},
		Asks: &deployer.Asks{Choices: []deployer.Option{{Choice: deployer.ChoiceDone, Leads: deployer.LeadDone}}},
	})
	p.Steps = append([]deployer.Step{
		{ID: "ticket", Title: "The ticket is linked", Uses: "jira.ticket", How: "Make it in `CC`"},
		{ID: "ask", Title: "It is known how", Uses: "ask", Needs: []string{"ticket"}, With: deployer.Values{"inputs": {Inputs: []deployer.Input{
			{ID: "soak", Label: "Soak", Kind: deployer.InputDuration, Required: true},
			{ID: "way", Label: "Way", Options: []string{"pipeline", "hand"}, Default: "pipeline"},
			{ID: "why", Label: "Why", When: `inputs.way == "hand"`},
		}}}},
	}, p.Steps...)
	p.Steps[2].Needs = []string{"ask"}
	p.Messages["starting"] = "{what} is starting, see {steps.ticket.key}"
	s.bot.Procedures["deployment"] = p
	s.bot.Has = func(kind deployer.Kind, _, _ string) bool { return kind.Name != "jira.ticket" }
	s.ports = func(p *Ports) { p.Language = byHandLanguage{} }
}

// byHandLanguage knows whether a way is by hand.
type byHandLanguage struct{ deployer.Language }

func (byHandLanguage) Compute(_ string, _ deployer.ParamType, at deployer.Moment) (deployer.Value, error) {
	return deployer.Value{Flag: at.Deployment.Inputs["way"] == "hand"}, nil
}

// What a machine would have done, a person does and fills in what later steps name;
// what is asked is filled in likewise. What is wrong is said at its field, by whoever
// may, once.
func TestAStepIsFilledInByHand(t *testing.T) {
	t.Parallel()
	r := newFixture(t, fillsIn)
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Done by hand")
	bottest.Contains(t, r.form("ana"), "The ticket is linked", "How: Make it in `CC`", "input/key")
	if invalid := r.sends("ana", map[string]any{"input/key": typed("  ")}); invalid["input/key"] == "" {
		t.Errorf("nothing is filled in, and it says %v", invalid)
	}
	r.clicks("eve", "Done by hand")
	r.hears("eve", "Only Ana")
	if form := r.form("eve"); form != "[]" {
		t.Errorf("somebody who may not answer has a form: %s", form)
	}
	old := r.card("Done by hand")
	r.clicks("bob", "Done by hand") // a tech lead may, too
	if invalid := r.sends("ana", map[string]any{"input/key": typed("CC-1")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.card("Done")
	bottest.Contains(t, r.sends("bob", map[string]any{"input/key": typed("CC-3")})["input/key"], "done already")
	_ = r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: old.TS, ActionID: view.ActionFill, Stale: true})

	r.clicks("ana", "Done")
	if form := r.form("ana"); !strings.Contains(form, "input/way") || strings.Contains(form, "input/why") {
		t.Errorf("it asks %s", form)
	}
	r.chooses("ana", "input/way", "hand")
	bottest.Contains(t, r.form("ana"), "input/why")
	bottest.Contains(t, r.sends("ana", map[string]any{"input/soak": typed("soon")})["input/soak"], "is a duration")
	if invalid := r.sends("ana", map[string]any{"input/soak": typed("1d"), "input/why": typed("the <pipeline> is down")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.eventually("the answers are written down", func() bool { d := r.only(); return d.Step("ask").Status == deployer.Done })
	d := r.only()
	ticket, ask := d.Step("ticket"), d.Step("ask")
	if key := deployer.Outputs(d, *ticket, "")["key"].Text; key != "CC-1" || ticket.By.Name != "Ana" {
		t.Errorf("the ticket is %q, by %s", key, ticket.By.Name)
	}
	out := deployer.Outputs(d, *ask, "")
	if out["soak"].Duration.Hours() != 24 || out["way"].Text != "hand" || out["why"].Text != "the <pipeline> is down" {
		t.Errorf("the answers are %v", out)
	}
}
