package view

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
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

// BlockCheck begins the ids of the blocks of boxes in the form of a step.
const BlockCheck = "check/"

const (
	boxesMax  = 10 // of one block
	fieldsMax = 80 // of a form, which takes 100 blocks
)

// HasForm reports whether a step is answered by a form, and not with one tap.
func HasForm(d deployer.Deployment, s deployer.StepState) bool {
	return s.Confirms() && len(deployer.FieldsOf(d, s)) > 0
}

// A StepForm is what somebody fills in who does or answers a step.
type StepForm struct {
	Deployment deployer.Deployment
	Step       deployer.StepState
	Item       string // what of it is answered: see deployer.AskedOf
	Memo       ButtonMemo
	Given      map[string]string // what is filled in so far
	Now        time.Time
}

// fields are those that are asked now.
func (r Renderer) fields(f StepForm) []field.Field {
	out := field.Asked(r.Language, f.Deployment, deployer.FieldsOf(f.Deployment, f.Step), f.Given, f.Now)
	for i := range out {
		with := f.Step.WithOf(f.Item)
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
	blocks := mrkdwn.Sections([]string{mrkdwn.Cut(strings.Join(r.aboutStep(f), "\n"), mrkdwn.SectionMax)})
	for i, some := range boxed(checks(f.Step, f.Item)) {
		blocks = append(blocks, boxes(i, some))
	}
	for _, one := range r.fields(f) {
		blocks = append(blocks, one.Block())
	}
	submit := doneLabel(f.Step)
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: FormStep, PrivateMetadata: string(memo),
		Title: mrkdwn.PlainText(submit), Submit: mrkdwn.PlainText("Done"), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: blocks},
	}, nil
}

// aboutStep says what is done or asked, how, and how one sees that it went well.
func (r Renderer) aboutStep(f StepForm) []string {
	c := card{Renderer: r, d: f.Deployment, now: f.Now, cardBudget: cardBudgets[0]}
	head := "*" + StepTitle(f.Step) + "*"
	if f.Item != "" {
		head += " · " + mrkdwn.Escape(f.Item, mrkdwn.NameMax)
	}
	lines := []string{head, c.title()}
	if asks := (cardStep{c}).asksWhat(f.Step, f.Item); asks != "" {
		lines = append(lines, asks)
	}
	return append(lines, cardStep{c}.instructions(f.Step)...)
}

// asksWhat is the question of a step that has one besides its title.
func (c cardStep) asksWhat(s deployer.StepState, item string) string {
	return mrkdwn.Escape(s.WithOf(item)["question"].Text, c.text)
}

// boxed are the lines of a checklist in as many blocks as they need. What has to be
// given as evidence is a field of its own.
func boxed(items []deployer.Item) [][]deployer.Item {
	var out [][]deployer.Item
	for _, it := range items {
		if it.Evidence == "text" || it.Evidence == "link" || mrkdwn.Plain(it.Title, field.OptionMax) == "" {
			continue
		}
		if n := len(out); n == 0 || len(out[n-1]) == boxesMax {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], it)
	}
	return out[:min(len(out), boxesMax)]
}

// boxes are one block of them. What does not fit on a box's first line stands on its
// second.
func boxes(n int, items []deployer.Item) slack.Block {
	var options []*slack.OptionBlockObject
	for i, it := range items {
		option := field.OptionAs(strconv.Itoa(i), it.Title)
		if words := mrkdwn.OneLine(it.Title); mrkdwn.Units(words) > field.OptionMax {
			first := mrkdwn.Cut(words, field.OptionMax)
			if at := strings.LastIndexByte(first, ' '); at > 0 {
				first = first[:at]
			}
			option.Text = mrkdwn.PlainText(first)
			option.Description = mrkdwn.PlainText(mrkdwn.Plain(words[len(first):], field.OptionMax))
		}
		options = append(options, option)
	}
	block := slack.NewInputBlock(BlockCheck+strconv.Itoa(n), mrkdwn.PlainText("Looked at"), nil, slack.NewCheckboxGroupsBlockElement(field.Menu, options...))
	return block
}

// Read is what somebody has filled in, by the fields' ids, and what is wrong with it,
// by the blocks. Whether it is what the step asks for, the core says in any case.
func (r Renderer) Read(f StepForm, state *slack.ViewState) (values, wrong map[string]string) {
	var all []field.Field // whether one is asked, what stands in another says
	for _, in := range deployer.FieldsOf(f.Deployment, f.Step) {
		all = append(all, field.Field{Input: in})
	}
	f.Given = field.ReadAll(all, state, r.NameOf)
	wrong = map[string]string{}
	values = map[string]string{}
	for _, one := range r.fields(f) {
		value := f.Given[one.ID]
		if value == "" {
			continue
		}
		values[one.ID] = value
		if err := deployer.CheckInput(one.Input, value); err != nil {
			wrong[field.Prefix+one.ID] = err.Error()
		}
	}
	for i, some := range boxed(checks(f.Step, f.Item)) {
		ticked := 0
		if state != nil {
			for _, a := range state.Values[BlockCheck+strconv.Itoa(i)] {
				ticked = len(a.SelectedOptions)
			}
		}
		if ticked < len(some) {
			wrong[BlockCheck+strconv.Itoa(i)] = "All of it has to be so. Where something is not, leave the form and say it in the thread."
		}
	}
	return values, wrong
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
