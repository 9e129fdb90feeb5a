package view

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
)

// FormTogether is the callback id of the form that answers several questions at once.
const FormTogether = "together"

// What begins the ids of its blocks that no other form has; behind it stands which of
// the questions it is about.
const (
	blockDone  = "done/"  // the box that says that a question is answered
	blockWords = "words/" // what is told
)

// A TogetherMemo is what the form remembers: its button, and what it asks, in order.
type TogetherMemo struct {
	ButtonMemo
	Asked []AskedAt `json:"q"`
}

// An AskedAt is a question as it was shown.
type AskedAt struct {
	Step    string `json:"s"`
	Attempt int    `json:"a"`
	Item    string `json:"i,omitempty"`
	Ticked  []int  `json:"t,omitempty"` // as of a ButtonMemo
}

// A TogetherForm is what somebody fills in who answers several questions at once. What
// they tick is answered, and the rest stays as it is.
type TogetherForm struct {
	Deployment deployer.Deployment
	Memo       TogetherMemo
	Open       map[int]deployer.StepState // those of the memo that are still asked
	More       int                        // how many wait besides, which do not fit
	Given      map[int]map[string]string  // what is filled in so far
	Now        time.Time
}

// Slack's limits on a form, with some room.
const (
	blocksMax = 95
	memoMax   = 2900
)

// NewTogether is the form of as many of the questions as fit.
func (r Renderer) NewTogether(d deployer.Deployment, all []deployer.Question, memo ButtonMemo, now time.Time) TogetherForm {
	f := TogetherForm{Deployment: d, Memo: TogetherMemo{ButtonMemo: memo}, Open: map[int]deployer.StepState{}, Now: now}
	blocks := 2
	for i, q := range all {
		next := f
		next.Memo.Asked = append(slices.Clone(f.Memo.Asked), AskedAt{q.Step.ID, q.Step.Attempt, q.Item, ShownTicks(q.Step, q.Item)})
		f.Open[i] = q.Step
		blocks += len(r.part(next, i))
		written, err := json.Marshal(next.Memo)
		if i > 0 && (err != nil || len(written) > memoMax || blocks > blocksMax) {
			delete(f.Open, i)
			f.More = len(all) - i
			break
		}
		f.Memo = next.Memo
	}
	return f
}

// stepForm is the part of one question, as a form of its own.
func (f TogetherForm) stepForm(i int) StepForm {
	memo := f.Memo.ButtonMemo
	memo.Ticked = f.Memo.Asked[i].Ticked
	return StepForm{Deployment: f.Deployment, Step: f.Open[i], Item: f.Memo.Asked[i].Item, Memo: memo, Of: strconv.Itoa(i) + "/", Given: f.Given[i], Now: f.Now}
}

// open are the questions that are still asked, in order.
func (f TogetherForm) open() []int {
	var out []int
	for i := range f.Memo.Asked {
		if _, ok := f.Open[i]; ok {
			out = append(out, i)
		}
	}
	return out
}

// TogetherForm draws it.
func (r Renderer) TogetherForm(f TogetherForm) (slack.ModalViewRequest, error) {
	memo, err := json.Marshal(f.Memo)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	head := card{Renderer: r, d: f.Deployment, now: f.Now, cardBudget: cardBudgets[0]}.title() + "\nTick what is done. The rest stays open."
	if f.More > 0 {
		head += " " + deployer.Count(f.More, "more question") + " after these."
	}
	blocks := mrkdwn.Sections([]string{head})
	for _, i := range f.open() {
		blocks = append(blocks, r.part(f, i)...)
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: FormTogether, PrivateMetadata: string(memo),
		Title: mrkdwn.PlainText(confirmLabel(len(f.Memo.Asked))), Submit: mrkdwn.PlainText(string(deployer.ChoiceSave)), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: blocks},
	}, nil
}

// confirmLabel is what stands on the button that opens it.
func confirmLabel(n int) string { return "Confirm " + strconv.Itoa(n) }

// part draws one question.
func (r Renderer) part(f TogetherForm, i int) []slack.Block {
	one := f.stepForm(i)
	about := r.aboutStep(one)
	if one.Step.Reviewed() {
		about = append(about, posted(f.Deployment, one.Step, "."))
	}
	blocks := append([]slack.Block{slack.NewDividerBlock()}, mrkdwn.Sections([]string{mrkdwn.Cut(strings.Join(about, "\n"), mrkdwn.SectionMax)})...)
	if one.Step.Reviewed() {
		words := wordsBlock(one.Step, blockWords+one.Of, Proposal(f.Deployment, one.Step, r.Zone(f.Deployment.Site.Name)))
		words.Optional = true
		return append(blocks, words, doneBox(one))
	}
	blocks = append(blocks, one.boxes()...)
	for _, in := range r.fields(one) {
		if in.Required && in.Help == "" {
			in.Help = "Needed once it is done."
		}
		block := in.Block()
		block.Optional = true
		blocks = append(blocks, block)
	}
	if !one.ticksLater() {
		blocks = append(blocks, doneBox(one))
	}
	return blocks
}

// doneBox is the box that says that a question is answered.
func doneBox(f StepForm) slack.Block {
	label := doneLabel(f.Step)
	if f.Step.Reviewed() {
		label = string(deployer.ChoiceSend)
	}
	block := slack.NewInputBlock(blockDone+f.Of, mrkdwn.PlainText(label), nil, slack.NewCheckboxGroupsBlockElement(field.Menu, field.OptionAs("true", "Yes")))
	block.Optional = true
	return block
}

// FillTogether puts in what stands in the form.
func (r Renderer) FillTogether(f TogetherForm, state *slack.ViewState) TogetherForm {
	f.Given = map[int]map[string]string{}
	for i := range f.Open {
		f.Given[i], _ = r.Filled(f.stepForm(i), state)
	}
	return f
}

// ReadTogether are the answers that somebody gives by it, and what is wrong with them, by
// the blocks.
func (r Renderer) ReadTogether(f TogetherForm, state *slack.ViewState) (all []deployer.Answer, wrong map[string]string) {
	wrong = map[string]string{}
	first := ""
	for _, i := range f.open() {
		a, answered, faults := r.readPart(f.stepForm(i), state)
		for block, why := range faults {
			wrong[block] = why
		}
		if answered {
			all = append(all, a)
		}
		if first == "" {
			first = f.stepForm(i).firstBox()
		}
	}
	if len(all) == 0 && len(wrong) == 0 && first != "" {
		wrong[first] = "Tick what is done."
	}
	return all, wrong
}

// firstBox is the id of the first block of a question that has boxes.
func (f StepForm) firstBox() string {
	if f.ticksLater() && len(f.boxed()) > 0 {
		return f.boxBlock(0)
	}
	if f.ticksLater() {
		return ""
	}
	return blockDone + f.Of
}

// readPart is the answer to one question, if there is one.
func (r Renderer) readPart(f StepForm, state *slack.ViewState) (a deployer.Answer, answered bool, wrong map[string]string) {
	if f.ticksLater() {
		a, wrong = r.Read(f, state)
		if a.Choice == deployer.ChoiceSave && !r.news(f, a) {
			return a, false, nil
		}
		return a, true, wrong
	}
	done := f.chosen(state, blockDone) != nil && len(f.chosen(state, blockDone).SelectedOptions) > 0
	if f.Step.Reviewed() {
		a = deployer.Answer{Step: f.Step.ID, Attempt: f.Step.Attempt, Choice: deployer.ChoiceSend}
		if words := f.chosen(state, blockWords); words != nil {
			a.Values = deployer.ClientWords(words.Value)
		}
		return a, done, nil
	}
	a, wrong = r.Read(f, state)
	switch {
	case done:
		return a, true, wrong
	case r.filledAnew(f, a.Values):
		return a, false, map[string]string{blockDone + f.Of: "Tick it as well, or empty what you have filled in."}
	}
	return a, false, nil
}

// chosen is what stands in a block of a question; nil: nothing.
func (f StepForm) chosen(state *slack.ViewState, block string) *slack.BlockAction {
	if state != nil {
		for _, a := range state.Values[block+f.Of] {
			return &a
		}
	}
	return nil
}

// news reports whether something is ticked, or given as evidence, that was not before.
func (r Renderer) news(f StepForm, a deployer.Answer) bool {
	ticked := deployer.TicksOf(f.Step, f.Item)
	for n := range len(deployer.Checklist(f.Step, f.Item)) + 1 {
		if evidence := a.Values[deployer.EvidenceOf(n)]; a.Values[deployer.TickOf(n)] != "" || evidence != "" && evidence != ticked[n].Evidence {
			return true
		}
	}
	return false
}

// filledAnew reports whether somebody has typed or chosen what did not stand there.
func (r Renderer) filledAnew(f StepForm, values map[string]string) bool {
	for _, in := range deployer.FieldsOf(f.Step, f.Item) {
		v := values[in.ID]
		if v != "" && v != in.Default && !(in.Kind == deployer.InputBoolean && v == "false") {
			return true
		}
	}
	return false
}
