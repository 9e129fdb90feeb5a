package bot

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// asksSeveral is a setup in which the requester is asked for three things at once, before the approval: one with a
// checklist, one that a system would do, and one that is one tap.
func asksSeveral(s *setup) {
	fillsIn(s)
	p := s.bot.Procedures["deployment"]
	p.Steps[1] = deployer.Step{ID: "list", Title: "It was tried", Uses: deployer.KindConfirm, Needs: []string{}, With: deployer.Values{"items": {Items: []deployer.Item{
		{Title: "Login works"}, {Title: "Uploads work"}, {Title: "The report is there", Evidence: "link"},
	}}}}
	p.Steps[0].Needs, p.Steps[2].Needs = []string{}, []string{}
	p.Steps[3].Needs = []string{"ticket", "list", "ready"}
	s.bot.Procedures["deployment"] = p
}

// boxes are ticked ones of a form's block.
func boxes(values ...string) map[string]any {
	var all []any
	for _, v := range values {
		all = append(all, map[string]any{"value": v, "text": map[string]any{"type": "plain_text", "text": v}})
	}
	return map[string]any{"menu": map[string]any{"selected_options": all}}
}

// everything is what answers all three.
func everything() map[string]any {
	return map[string]any{
		"input/0/key": typed("CC-1"), "done/0/": boxes("true"),
		"check/1/0": boxes("1", "2"), "input/1/evidence-3": typed("https://report.example"),
		"done/2/": boxes("true"),
	}
}

// told are the answers that were written down.
func (r *fixture) told() (out []string) {
	for _, e := range r.engine.Events(r.only().ID) {
		switch e := e.(type) {
		case deployer.Answered:
			out = append(out, e.By.Name+" "+string(e.Choice)+" "+e.Step)
		case deployer.OrderSeen:
			out = append(out, "order")
		}
	}
	return out
}

// What waits for the same person is one button, one form and one order. What is wrong is said at its field, and nothing
// is written down then; what is sent twice counts once.
func TestSeveralQuestionsAreOneFormAndOneOrder(t *testing.T) {
	t.Parallel()
	r := newFixture(t, asksSeveral)
	r.types("ana", "/deploy web v2")
	card := r.card("Confirm 3")
	if strings.Contains(string(card.Blocks), `"Done"`) || strings.Contains(string(card.Blocks), `"Done by hand"`) {
		t.Errorf("there are other buttons besides: %s", card.Blocks)
	}
	r.clicks("eve", "Confirm 3")
	r.hears("eve", "Only Ana")
	if form := r.form("eve"); form != "[]" {
		t.Errorf("somebody who may not answer has a form: %s", form)
	}
	r.clicks("ana", "Confirm 3")
	bottest.Contains(t, r.form("ana"), "The ticket is linked", "It was tried", "Change control is followed", "Tick what is done.")
	if invalid := r.sends("ana", nil); invalid["done/0/"] != "Tick what is done." {
		t.Errorf("nothing is ticked, and it says %v", invalid)
	}
	wrong := everything()
	delete(wrong, "input/0/key")
	bottest.Contains(t, r.sends("ana", wrong)["input/0/key"], "is missing")
	if said := r.told(); len(said) > 0 {
		t.Errorf("what was refused is written down: %v", said)
	}
	r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Type: "interactive", Copies: 2, NewID: true})
	if invalid := r.sends("ana", everything()); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.card("Approve")
	if want := []string{"Ana Done ticket", "Ana Done list", "Ana Done ready", "order"}; !slices.Equal(r.told(), want) {
		t.Errorf("said is %v, want %v", r.told(), want)
	}
	d := r.only()
	if key := deployer.Outputs(d, *d.Step("ticket"), "")["key"].Text; key != "CC-1" {
		t.Errorf("the ticket is %q", key)
	}
}

// What is ticked of a checklist is kept before all of it is, also for somebody else, and the card says how far it is.
// What was answered meanwhile by somebody else is left out, and said.
func TestWhatIsTickedIsKeptAndWhatOthersAnsweredIsSaid(t *testing.T) {
	t.Parallel()
	r := newFixture(t, asksSeveral)
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Confirm 3")
	r.clicks("bob", "Confirm 3")
	if invalid := r.sends("bob", map[string]any{"check/1/0": boxes("2"), "done/2/": boxes("true")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	card := r.card("Confirm 2")
	bottest.Contains(t, string(card.Blocks), "1 of 3", "✓ Uploads work · bob", "• Login works")
	if invalid := r.sends("ana", everything()); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	bottest.Contains(t, r.form("ana"), "Answered meanwhile", "“Change control is followed” is done already, by bob.")
	r.card("Approve")
	if want := []string{"bob Save list", "bob Done ready", "order", "Ana Done ticket", "Ana Done list", "order"}; !slices.Equal(r.told(), want) {
		t.Errorf("said is %v, want %v", r.told(), want)
	}
}

// A checklist alone is a form, too: what is ticked stays, and whoever comes next sees by whom.
func TestAChecklistIsTickedByTwo(t *testing.T) {
	t.Parallel()
	r := newFixture(t, asksSeveral)
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Confirm 3")
	first := everything()
	maps.DeleteFunc(first, func(block string, _ any) bool { return strings.Contains(block, "/1/") })
	if invalid := r.sends("ana", first); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.clicks("ana", "Done")
	if invalid := r.sends("ana", map[string]any{"check/0": boxes("1"), "input/evidence-3": typed("https://report.example")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.eventually("the card says how far it is", func() bool { return strings.Contains(string(r.card("Done").Blocks), "2 of 3") })
	r.clicks("bob", "Done")
	bottest.Contains(t, r.form("bob"), "✓ Login works · Ana", "https://report.example", `"initial_value":"https://report.example"`)
	bottest.Contains(t, r.form("bob"), `"initial_options":[{`) // what is ticked can be taken back
	if invalid := r.sends("bob", map[string]any{"check/0": boxes("2")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.eventually("one is taken back", func() bool { return strings.Contains(string(r.card("Done").Blocks), "• Login works") })
	r.clicks("bob", "Done")
	if invalid := r.sends("bob", map[string]any{"check/0": boxes("1", "2")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.card("Approve")
	if want := []string{"Ana Done ticket", "Ana Done ready", "order", "Ana Save list", "order", "bob Save list", "order", "bob Done list", "order"}; !slices.Equal(r.told(), want) {
		t.Errorf("said is %v, want %v", r.told(), want)
	}
	if d := r.only(); d.Step("list").By.Name != "bob" {
		t.Errorf("it was done by %s", d.Step("list").By.Name)
	}
}

// The process may be another one by the time the form is sent.
func TestAFormOfSeveralOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	r := newFixture(t, asksSeveral)
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Confirm 3")
	r.restart(r.engine)
	if invalid := r.sends("ana", everything()); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	r.card("Approve")
	if want := []string{"Ana Done ticket", "Ana Done list", "Ana Done ready", "order"}; !slices.Equal(r.told(), want) {
		t.Errorf("said is %v, want %v", r.told(), want)
	}
}
