package view

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
)

// formOf is the form of the last step of a deployment.
func formOf(d deployer.Deployment) StepForm {
	return StepForm{Deployment: d, Step: d.Steps[len(d.Steps)-1], Memo: ButtonMemo{Value: "v", Channel: "C1"}, Now: bottest.TenPM}
}

// A confirmation with a checklist of which some lines want evidence.
func evident() deployer.StepState {
	return active(deployer.Step{ID: "tested", Title: "It was tested", Uses: deployer.KindConfirm, Expect: "All is well", With: deployer.Values{
		"items": {Items: []deployer.Item{{Title: "Login works"}, {Title: "Uploads work", Link: "https://wiki.example/u"}, {Title: "The report", Evidence: "link"},
			{Title: "What a rollback does to it is known: Prisma has none but the backup, Alembic goes one version down"}}},
	}})
}

func TestFormsOfStepsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]deployer.StepState{"by-hand": byHand(), "ask": asked(), "decide": decides(), "evidence": evident()} {
		form, err := linkedRenderer.StepForm(formOf(stepped(t, s)))
		bottest.GoldenView(t, "step-"+name, form, err)
	}
}

// What is filled in comes back as the texts of its kinds.
func TestWhatAStepsFormHoldsIsReadBack(t *testing.T) {
	t.Parallel()
	state := &slack.ViewState{Values: map[string]map[string]slack.BlockAction{}}
	fill := func(block string, a slack.BlockAction) {
		state.Values[block] = map[string]slack.BlockAction{"x": a}
	}
	fill("input/way", slack.BlockAction{SelectedOption: slack.OptionBlockObject{Value: "hand"}})
	fill("input/pods", slack.BlockAction{Value: " 12 "})
	fill("input/backup", slack.BlockAction{SelectedOptions: []slack.OptionBlockObject{{Value: "true"}}})
	fill("input/soak", slack.BlockAction{Value: "1d"})
	fill("input/who", slack.BlockAction{SelectedUser: "UBOB"})
	fill("input/fixes", slack.BlockAction{Value: " one\n\n two "})
	fill("input/retailers", slack.BlockAction{SelectedOptions: []slack.OptionBlockObject{{Value: "lemon"}, {Value: "plum"}}})
	fill("input/unknown", slack.BlockAction{Value: "nobody asked"})
	r := linkedRenderer
	r.Names = SayAll{Name: "Bob"}
	values, wrong := r.Read(formOf(stepped(t, asked())), state)
	want := map[string]string{"way": "hand", "pods": "12", "backup": "true", "soak": "24h0m0s", "who": "UBOB Bob", "fixes": "one\ntwo", "retailers": "lemon\nplum"}
	if diff := cmp.Diff(want, values); diff != "" || len(wrong) > 0 {
		t.Errorf("%s\nwrong: %v", diff, wrong)
	}
	fill("input/soak", slack.BlockAction{Value: "soon"})
	fill("input/backup", slack.BlockAction{})
	if values, wrong = r.Read(formOf(stepped(t, asked())), state); !strings.Contains(wrong["input/soak"], "is a duration such as 1h30m") || values["backup"] != "false" || len(wrong) != 1 {
		t.Errorf("wrong are %v; a box that is not ticked is %q", wrong, values["backup"])
	}
	fill("input/due", slack.BlockAction{SelectedDateTime: bottest.TenPM.Unix()})
	fill("input/key", slack.BlockAction{Value: "cc 1"})
	if values, wrong = r.Read(formOf(stepped(t, byHand())), state); values["due"] != bottest.TenPM.Format(time.RFC3339) || !strings.Contains(wrong["input/key"], "It has to match") {
		t.Errorf("a time is %q; wrong are %v", values["due"], wrong)
	}
}

// Whoever has not ticked all boxes has not looked at all.
func TestEveryBoxHasToBeTicked(t *testing.T) {
	t.Parallel()
	f := formOf(stepped(t, evident()))
	boxes := func(n int) *slack.ViewState {
		return &slack.ViewState{Values: map[string]map[string]slack.BlockAction{
			BlockCheck + "0":   {field.Menu: {SelectedOptions: make([]slack.OptionBlockObject, n)}},
			"input/evidence-3": {field.Text: {Value: "https://report.example"}},
		}}
	}
	if values, wrong := plainRenderer.Read(f, boxes(3)); len(wrong) > 0 || values["evidence-3"] != "https://report.example" {
		t.Errorf("all ticked: %v, wrong are %v", values, wrong)
	}
	if _, wrong := plainRenderer.Read(f, boxes(2)); len(wrong) != 1 || wrong[BlockCheck+"0"] == "" {
		t.Errorf("one is not ticked: wrong are %v", wrong)
	}
	if _, wrong := plainRenderer.Read(f, nil); len(wrong) != 1 {
		t.Errorf("without a state: wrong are %v", wrong)
	}
}

// Whatever a procedure asks, in whatever words, Slack takes its form.
func TestSlackTakesTheFormOfAnyStep(t *testing.T) {
	t.Parallel()
	for _, words := range bottest.NastyTexts {
		s := byHand()
		s.With = deployer.Values{"checks": {}, "items": {Items: []deployer.Item{{Title: words, Link: words}, {Title: strings.Repeat(words, 5), Evidence: words}}}}
		s.How, s.Expect, s.Seen.Texts = words, words, map[string]string{deployer.TextTitle: words, deployer.TextLink + "How we do it": words}
		for kind := range 40 {
			s.Fields = append(s.Fields, deployer.Input{ID: fmt.Sprint("f", kind), Label: words, Help: words, Options: []string{"a", "b"}[:kind%3], Many: kind%2 == 0, Default: words,
				Kind: []deployer.InputKind{deployer.InputText, deployer.InputBoolean, deployer.InputNumber, deployer.InputTime, deployer.InputPerson, deployer.InputLink, deployer.InputDuration}[kind%7]})
		}
		form, err := linkedRenderer.StepForm(formOf(stepped(t, s)))
		if err != nil {
			t.Fatal(err)
		}
		if e := bottest.BlockFaults(form.Blocks.BlockSet); e != "" || len(form.Blocks.BlockSet) > 100 {
			t.Errorf("%.20q: %d blocks, %s", words, len(form.Blocks.BlockSet), e)
		}
		if said := bottest.JSON(t, form); strings.Contains(said, "<!channel") {
			t.Errorf("%.20q calls people", words)
		}
	}
}

// A deployment of many steps fits its card, and is drawn at once.
func TestADeploymentOfManyStepsFitsItsCard(t *testing.T) {
	t.Parallel()
	d := manySteps(t, 500)
	began := time.Now()
	text, blocks := Card(d, nil, linkedRenderer, bottest.TenPM.Add(time.Hour))
	took := time.Since(began)
	if e := bottest.BlockFaults(blocks); e != "" || len(blocks) > mrkdwn.BlocksMax || mrkdwn.TextUnits(blocks) > mrkdwn.AllTextMax {
		t.Errorf("%d blocks of %d units: %s", len(blocks), mrkdwn.TextUnits(blocks), e)
	}
	if took > time.Second { // a few ms; a machine that is busy may take longer
		t.Errorf("it takes %v", took)
	}
	for _, n := range []int{len(text), len(bottest.JSON(t, blocks))} {
		if n == 0 {
			t.Error("nothing is drawn")
		}
	}
	t.Logf("%d steps take %v and %d blocks", len(d.Steps), took, len(blocks))
}

func BenchmarkCardOfManySteps(b *testing.B) {
	d := manySteps(b, 500)
	for b.Loop() {
		Card(d, nil, linkedRenderer, bottest.TenPM.Add(time.Hour))
	}
}

// manySteps is a deployment of so many steps of every state, each with more than enough
// to say.
func manySteps(t testing.TB, n int) deployer.Deployment {
	var steps []deployer.StepState
	for i := range n {
		s := []func() deployer.StepState{byHand, asked, decides, calls, inWaves, retried, checkedByHand, notNeeded, failedButNoted, evident}[i%10]()
		s.ID, s.Title = fmt.Sprint(s.ID, i), strings.Repeat(s.Title+" ", 8)
		s.Background = i%7 == 0
		if i%11 == 0 {
			s.Part = deployer.PartAfter
		}
		if i%3 == 0 {
			s.Status = deployer.Done
		}
		steps = append(steps, s)
	}
	return stepped(t, steps...)
}

// Memos are read back by whoever reads the buttons'.
func TestTheFormOfAStepRemembersItsButton(t *testing.T) {
	t.Parallel()
	form, err := plainRenderer.StepForm(formOf(stepped(t, byHand())))
	var memo ButtonMemo
	if err != nil || json.Unmarshal([]byte(form.PrivateMetadata), &memo) != nil || memo.Channel != "C1" {
		t.Errorf("it remembers %q, %v", form.PrivateMetadata, err)
	}
}
