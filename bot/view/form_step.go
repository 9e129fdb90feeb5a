package view

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
)

// FormStep is the callback id of the form that whoever does or answers a step fills in.
const FormStep = "step"

// FormByHand is that of the form of whoever has done a step instead of its machine, and
// says what was done. It is the action id of the button, too.
const FormByHand = ActionByHand

// BlockCheck begins the ids of the blocks of boxes in the form of a step.
const BlockCheck = "check/"

const (
	boxesMax  = 10 // of one block
	fieldsMax = 80 // of a form, which takes 100 blocks
)

// HasForm reports whether a step is answered by a form, and not with one tap.
func HasForm(s deployer.StepState) bool {
	return s.Confirms() && (len(deployer.FieldsOf(s, "")) > 0 || !s.Hand && len(deployer.Checklist(s, "")) > 0)
}

// A StepForm is what somebody fills in who does or answers a step.
type StepForm struct {
	Deployment deployer.Deployment
	Step       deployer.StepState
	Item       string // what of it is answered: see deployer.AskedOf
	Of         string // which question of a form it is, where that has several: begins the ids of its blocks
	Memo       ButtonMemo
	Given      map[string]string // what is filled in so far
	Now        time.Time
}

// Action is the button that opens the form.
func (f StepForm) Action() string {
	if f.Step.Machine != nil {
		return ActionByHand
	}
	return ActionFill
}

// Says is what somebody says by the form in any case; "": what it comes to.
func (f StepForm) Says() deployer.Choice {
	if f.Step.Machine != nil {
		return deployer.ChoiceByHand
	}
	return ""
}

// fields are those that are asked now.
func (r Renderer) fields(f StepForm) []field.Field {
	out := field.Asked(r.Language, f.Deployment, deployer.FieldsOf(f.Step, f.Item), f.Given, f.Now)
	with, ticks := f.Step.WithOf(f.Item), deployer.TicksOf(f.Step, f.Item)
	for i := range out {
		out[i].Of = f.Of
		for n, t := range ticks {
			if out[i].ID == deployer.EvidenceOf(n) {
				out[i].Set = t.Evidence
			}
		}
		out[i].Labels = labels(with, out[i].Input)
		if out[i].ID == "reason" && out[i].Help == "" {
			out[i].Help = reasonHelp(with)
		}
	}
	return out[:min(len(out), fieldsMax)]
}

// reasonHelp says with which of the choices a reason is needed; "": with none.
func reasonHelp(with deployer.Values) string {
	var need []string
	for _, row := range with["choices"].Rows {
		if row["reason"] == "true" {
			need = append(need, "“"+cmp.Or(row["label"], row["id"])+"”")
		}
	}
	if len(need) == 0 {
		return ""
	}
	return "Needed with " + mrkdwn.Join(need, "or", 4) + "."
}

// labels are how the choices of a step read, by their ids.
func labels(with deployer.Values, in deployer.Input) map[string]string {
	out := map[string]string{}
	for _, row := range with["choices"].Rows {
		if in.Kind == deployer.InputChoice {
			out[row["id"]] = row["label"]
		}
	}
	return out
}

// StepForm draws it: what should be seen and how it is done, a box for each thing that
// is looked at, and the fields.
func (r Renderer) StepForm(f StepForm) (slack.ModalViewRequest, error) {
	memo, err := json.Marshal(f.Memo)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	blocks := mrkdwn.Sections([]string{mrkdwn.Cut(card{Renderer: r, d: f.Deployment}.marked(strings.Join(r.aboutStep(f), "\n")), mrkdwn.SectionMax)})
	later := f.ticksLater()
	blocks = append(blocks, f.boxes()...)
	for _, one := range r.fields(f) {
		block := one.Block()
		block.Optional = block.Optional || later
		blocks = append(blocks, block)
	}
	callback, submit := FormStep, string(deployer.ChoiceDone)
	if later {
		submit = string(deployer.ChoiceSave)
	}
	switch q, ok := deployer.AwaitingAt(f.Deployment, f.Step); {
	case f.Step.Machine != nil:
		callback, blocks = FormByHand, append(blocks, whatWasDone())
	case ok && q.Passed(deployer.LevelBreakGlass):
		blocks = append(blocks, GlassReason())
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, PrivateMetadata: string(memo),
		Title: mrkdwn.PlainText(doneLabel(f.Step)), Submit: mrkdwn.PlainText(submit), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: blocks},
	}, nil
}

// GlassReason is the field for whoever answers in the place of those who did not come.
func GlassReason() slack.Block {
	reason := slack.NewPlainTextInputBlockElement(nil, field.Text)
	reason.Multiline, reason.MaxLength = true, ReasonTextMax
	block := slack.NewInputBlock(BlockReason, mrkdwn.PlainText("Why, if you are not awaited"), mrkdwn.PlainText(glassForm.hint), reason)
	block.Optional = true
	return block
}

// whatWasDone is the field in which somebody says how they have done what a machine would
// have.
func whatWasDone() slack.Block {
	said := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("Such as: started it on its own page, and it ended well"), field.Text)
	said.Multiline, said.MinLength, said.MaxLength = true, 1, ReasonTextMax
	return slack.NewInputBlock(BlockReason, mrkdwn.PlainText("What was done?"), mrkdwn.PlainText("It counts as done, and stays in the record under your name."), said)
}

// aboutStep says what is done or asked, how, and how one sees that it went well.
func (r Renderer) aboutStep(f StepForm) []string {
	c := card{Renderer: r, d: f.Deployment, now: f.Now, cardBudget: cardBudgets[0]}
	head := "*" + StepTitle(f.Step) + "*"
	if f.Item != "" {
		head += " · " + mrkdwn.Escape(f.Item, mrkdwn.NameMax)
	}
	lines := []string{head}
	if f.Of == "" {
		lines = append(lines, c.title())
	}
	if asks := (cardStep{c}).asksWhat(f.Step, f.Item); asks != "" {
		lines = append(lines, asks)
	}
	lines = append(lines, cardStep{c}.instructions(f.Step)...)
	return append(lines, r.linesOf(f)...)
}

// asksWhat is the question of a step that has one besides its title.
func (c cardStep) asksWhat(s deployer.StepState, item string) string {
	return mrkdwn.Escape(s.WithOf(item)["question"].Text, c.text)
}

// doneLabel is what stands on the button that says that a step is done.
func doneLabel(s deployer.StepState) string {
	switch {
	case s.Hand:
		return "Done by hand"
	case awaited.CallsRoles(s):
		return "I'm here"
	}
	return string(deployer.ChoiceDone)
}

// ofItem is a label for one of several things.
func ofItem(label, item string, of int) string {
	if item == "" || of < 2 {
		return label
	}
	return label + ": " + mrkdwn.Plain(cmp.Or(item, label), 40)
}
