package view

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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

// A machine's step that somebody has done instead.
func instead() deployer.StepState {
	s := active(deployer.Step{ID: "build", Title: "The build has run", Uses: builds.Name, Expect: "It is green", How: "Start the job on its page."})
	s.Fields = []deployer.Input{{ID: "number", Label: "Number", Kind: deployer.InputNumber, Required: true}}
	return s
}

func TestFormsOfStepsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]deployer.StepState{"by-hand": byHand(), "ask": asked(), "decide": decides(), "evidence": evident(), "instead": deployer.ByHand(instead())} {
		form, err := linkedRenderer.StepForm(formOf(stepped(t, s)))
		bottest.GoldenView(t, "step-"+name, form, err)
	}
}

// The questions that wait for the same people are one form.
func TestTheFormOfSeveralQuestionsReadsAsInItsFile(t *testing.T) {
	t.Parallel()
	form, err := linkedRenderer.TogetherForm(togetherForm(together(t)))
	bottest.GoldenView(t, "together", form, err)
}

func togetherForm(d deployer.Deployment) TogetherForm {
	return linkedRenderer.NewTogether(d, deployer.WaitingFor(d, ""), ButtonMemo{Value: "v", Channel: "C1"}, bottest.TenPM)
}

// What is ticked is answered, and what is not stays open: nothing that somebody has filled in is lost on the way.
func TestTheFormOfSeveralQuestionsAnswersWhatIsTicked(t *testing.T) {
	t.Parallel()
	f := togetherForm(together(t))
	state := &slack.ViewState{Values: map[string]map[string]slack.BlockAction{}}
	read := func() (said []string, wrong map[string]string) {
		all, wrong := linkedRenderer.ReadTogether(f, state)
		for _, a := range all {
			said = append(said, fmt.Sprint(a.Choice, " ", a.Step, " ", a.Values))
		}
		return said, wrong
	}
	tick := func(block string, options ...string) {
		var chosen []slack.OptionBlockObject
		for _, o := range options {
			chosen = append(chosen, slack.OptionBlockObject{Value: o})
		}
		state.Values[block] = map[string]slack.BlockAction{"menu": {SelectedOptions: chosen}}
	}
	fill := func(block, value string) { state.Values[block] = map[string]slack.BlockAction{"text": {Value: value}} }
	for _, step := range []struct {
		does  func()
		said  []string
		wrong map[string]string
	}{
		{func() {}, nil, map[string]string{"done/0/": "Tick what is done."}},
		{func() { fill("input/0/key", "CC-1") }, nil, map[string]string{"done/0/": "Tick it as well, or empty what you have filled in."}},
		{func() { fill("input/0/key", ""); tick("done/0/", "true") }, []string{"Done ticket map[]"}, map[string]string{"input/0/key": "“Key” is missing. Fill it in."}},
		{func() { fill("input/0/key", "CC-1") }, []string{"Done ticket map[key:CC-1]"}, map[string]string{}},
		{func() { tick("check/1/0", "1", "2") }, []string{"Done ticket map[key:CC-1]", "Save tested map[tick-2:true]"}, map[string]string{}},
		{func() { fill("input/1/evidence-3", "https://report.example"); tick("check/1/0", "1", "2", "4") },
			[]string{"Done ticket map[key:CC-1]", "Done tested map[evidence-3:https://report.example tick-2:true tick-4:true]"}, map[string]string{}},
		{func() { tick("done/3/", "true"); fill("words/3/", "Soon.") },
			[]string{"Done ticket map[key:CC-1]", "Done tested map[evidence-3:https://report.example tick-2:true tick-4:true]", "Send clients map[words:Soon.]"}, map[string]string{}},
	} {
		step.does()
		said, wrong := read()
		if diff := cmp.Diff(step.said, said); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(step.wrong, wrong); diff != "" {
			t.Error(diff)
		}
	}
	delete(f.Open, 0) // somebody else was quicker
	if said, wrong := read(); len(said) != 2 || len(wrong) > 0 {
		t.Errorf("of what is still open, %v is said; wrong are %v", said, wrong)
	}
}

// However many wait, and in whatever words: what fits is asked, and the others are counted.
func TestTheFormOfManyQuestionsFits(t *testing.T) {
	t.Parallel()
	for _, words := range append(bottest.NastyTexts, "short") {
		var steps []deployer.StepState
		for i := range 60 {
			steps = append(steps, active(deployer.Step{ID: strings.Repeat("step-", 8) + fmt.Sprint(i), Title: words, Expect: words, Uses: deployer.KindConfirm}))
		}
		d := stepped(t, steps...)
		f := togetherForm(d)
		form, err := linkedRenderer.TogetherForm(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(form.Blocks.BlockSet) > 100 || len(form.PrivateMetadata) > 3000 {
			t.Errorf("%.20q: %d blocks, %d characters of memo", words, len(form.Blocks.BlockSet), len(form.PrivateMetadata))
		}
		for some := range slices.Chunk(form.Blocks.BlockSet, 30) { // a form may have more of them than a message
			if e := bottest.BlockFaults(some); e != "" {
				t.Errorf("%.20q: %s", words, e)
			}
		}
		if len(f.Open) < 20 || len(f.Open)+f.More != 60 {
			t.Errorf("%.20q: %d are asked, and %d wait", words, len(f.Open), f.More)
		}
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
	values, wrong := r.Filled(formOf(stepped(t, asked())), state)
	want := map[string]string{"way": "hand", "pods": "12", "backup": "true", "soak": "24h0m0s", "who": "UBOB Bob", "fixes": "one\ntwo", "retailers": "lemon\nplum"}
	if diff := cmp.Diff(want, values); diff != "" || len(wrong) > 0 {
		t.Errorf("%s\nwrong: %v", diff, wrong)
	}
	fill("input/soak", slack.BlockAction{Value: "soon"})
	fill("input/backup", slack.BlockAction{})
	if values, wrong = r.Filled(formOf(stepped(t, asked())), state); !strings.Contains(wrong["input/soak"], "is a duration such as 1h30m") || values["backup"] != "false" || len(wrong) != 1 {
		t.Errorf("wrong are %v; a box that is not ticked is %q", wrong, values["backup"])
	}
	fill("input/due", slack.BlockAction{SelectedDateTime: bottest.TenPM.Unix()})
	fill("input/key", slack.BlockAction{Value: "cc 1"})
	if values, wrong = r.Filled(formOf(stepped(t, byHand())), state); values["due"] != bottest.TenPM.Format(time.RFC3339) || !strings.Contains(wrong["input/key"], "It has to match") {
		t.Errorf("a time is %q; wrong are %v", values["due"], wrong)
	}
}

// Whoever has not ticked all boxes has not looked at all, and what they have is kept.
func TestEveryBoxHasToBeTicked(t *testing.T) {
	t.Parallel()
	f := formOf(stepped(t, evident()))
	boxes := func(ns ...int) *slack.ViewState {
		var options []slack.OptionBlockObject
		for _, n := range ns {
			options = append(options, slack.OptionBlockObject{Value: fmt.Sprint(n)})
		}
		return &slack.ViewState{Values: map[string]map[string]slack.BlockAction{
			BlockCheck + "0":   {field.Menu: {SelectedOptions: options}},
			"input/evidence-3": {field.Text: {Value: "https://report.example"}},
		}}
	}
	if a, wrong := plainRenderer.Read(f, boxes(1, 2, 4)); len(wrong) > 0 || a.Choice != deployer.ChoiceDone || a.Values["evidence-3"] != "https://report.example" {
		t.Errorf("all ticked: %v, wrong are %v", a, wrong)
	}
	if a, wrong := plainRenderer.Read(f, boxes(1, 4)); len(wrong) > 0 || a.Choice != deployer.ChoiceSave ||
		!maps.Equal(a.Values, map[string]string{"tick-1": "true", "tick-4": "true", "evidence-3": "https://report.example"}) {
		t.Errorf("one is not ticked: %v, wrong are %v", a, wrong)
	}
	if _, wrong := plainRenderer.Read(f, nil); len(wrong) != 1 || wrong[BlockCheck+"0"] == "" {
		t.Errorf("without a state: wrong are %v", wrong)
	}
	f.Step.Ticks = []deployer.Tick{{N: 1, By: bottest.Bob}, {N: 4, By: bottest.Bob}} // of somebody else, since it was shown
	if a, wrong := plainRenderer.Read(f, boxes(2)); len(wrong) > 0 || a.Choice != deployer.ChoiceDone {
		t.Errorf("the rest is ticked: %v, wrong are %v", a, wrong)
	}
	f.Memo.Ticked = []int{1, 4} // before it was shown
	if a, wrong := plainRenderer.Read(f, boxes(1)); len(wrong) > 0 || a.Choice != deployer.ChoiceSave ||
		!maps.Equal(a.Values, map[string]string{"tick-4": "false", "evidence-3": "https://report.example"}) {
		t.Errorf("one is taken back: %v, wrong are %v", a, wrong)
	}
	f.Step.Ticks = f.Step.Ticks[1:] // somebody else has taken back the first meanwhile
	if a, wrong := plainRenderer.Read(f, boxes(1, 2, 4)); len(wrong) > 0 || a.Choice != deployer.ChoiceSave || a.Values["tick-1"] != "" {
		t.Errorf("what others have taken back stays so: %v, wrong are %v", a, wrong)
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
