package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
)

// A line is one of a checklist with its number, from 1.
type line struct {
	n int
	deployer.Item
}

// ticksLater reports whether what is ticked of a checklist can be kept before all of it
// is: a person's own, not what a system would have looked at.
func (f StepForm) ticksLater() bool {
	return !f.Step.Hand && len(deployer.Checklist(f.Step, f.Item)) > 0
}

// boxed are the lines of a checklist that nobody has ticked, in as many blocks as they
// need. What has to be given as evidence is a field of its own.
func (f StepForm) boxed() [][]line {
	var out [][]line
	ticked := deployer.TicksOf(f.Step, f.Item)
	for i, it := range deployer.Checklist(f.Step, f.Item) {
		if _, was := ticked[i+1]; was || it.Evident() || mrkdwn.Plain(it.Title, field.OptionMax) == "" {
			continue
		}
		if n := len(out); n == 0 || len(out[n-1]) == boxesMax {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], line{i + 1, it})
	}
	return out[:min(len(out), boxesMax)]
}

// boxBlock is the id of one of the blocks of boxes.
func (f StepForm) boxBlock(i int) string { return BlockCheck + f.Of + strconv.Itoa(i) }

// boxes are those blocks. What does not fit on a box's first line stands on its second.
func (f StepForm) boxes() []slack.Block {
	var out []slack.Block
	for i, some := range f.boxed() {
		var options []*slack.OptionBlockObject
		for _, l := range some {
			options = append(options, option(l))
		}
		block := slack.NewInputBlock(f.boxBlock(i), mrkdwn.PlainText("Looked at"), nil, slack.NewCheckboxGroupsBlockElement(field.Menu, options...))
		block.Optional = f.Of != "" || f.ticksLater()
		out = append(out, block)
	}
	return out
}

func option(l line) *slack.OptionBlockObject {
	out := field.OptionAs(strconv.Itoa(l.n), l.Title)
	if words := mrkdwn.OneLine(l.Title); mrkdwn.Units(words) > field.OptionMax {
		first := mrkdwn.Cut(words, field.OptionMax)
		if at := strings.LastIndexByte(first, ' '); at > 0 {
			first = first[:at]
		}
		out.Text = mrkdwn.PlainText(first)
		out.Description = mrkdwn.PlainText(mrkdwn.Plain(words[len(first):], field.OptionMax))
	}
	return out
}

// linesOf are the lines of a checklist that its boxes don't show: those that somebody has
// ticked, and by whom, and the links of the others.
func (r Renderer) linesOf(f StepForm) []string {
	var out []string
	ticked := deployer.TicksOf(f.Step, f.Item)
	for i, it := range deployer.Checklist(f.Step, f.Item) {
		switch t, was := ticked[i+1]; {
		case was:
			out = append(out, "✓ "+mrkdwn.Link(it.Link, mrkdwn.Escape(it.Title, mrkdwn.TitleMax))+" · "+name(r.Names, t.By))
		case it.Link != "":
			out = append(out, "• "+mrkdwn.Link(it.Link, mrkdwn.Escape(it.Title, mrkdwn.TitleMax)))
		}
	}
	return out
}

// ticks are the lines that somebody ticks now in a form, as the core takes them, and
// whether none is open any more.
func (f StepForm) ticks(state *slack.ViewState, values map[string]string) (given map[string]string, all bool) {
	given, all = f.ticked(state), true
	for _, some := range f.boxed() {
		all = all && !slices.ContainsFunc(some, func(l line) bool { return given[deployer.TickOf(l.n)] == "" })
	}
	if whole := deployer.EvidenceOf(0); values[whole] != "" {
		given[whole] = values[whole]
	}
	for i, it := range deployer.Checklist(f.Step, f.Item) {
		if id := deployer.EvidenceOf(i + 1); it.Evident() {
			all = all && values[id] != ""
			if values[id] != "" {
				given[id] = values[id]
			}
		}
	}
	return given, all
}

// Read is the answer that somebody gives by a form, and what is wrong with it, by the
// blocks. Whether it is what the step asks for, the core says in any case. Of a checklist
// that is not done yet it keeps what is ticked.
func (r Renderer) Read(f StepForm, state *slack.ViewState) (a deployer.Answer, wrong map[string]string) {
	values, wrong := r.Filled(f, state)
	given, all := f.ticks(state, values)
	a = deployer.Answer{Step: f.Step.ID, Attempt: f.Step.Attempt, Item: f.Item, Choice: deployer.ChoiceDone, Values: values}
	if !all && f.ticksLater() {
		a.Choice, a.Values = deployer.ChoiceSave, given
	}
	for i, some := range f.boxed() {
		switch {
		case a.Choice == deployer.ChoiceSave && len(given) == 0:
			wrong[f.boxBlock(i)] = "Tick what is so."
			return a, wrong
		case !f.ticksLater() && slices.ContainsFunc(some, func(l line) bool { return given[deployer.TickOf(l.n)] == "" }):
			wrong[f.boxBlock(i)] = "All of it has to be so. Where something is not, leave the form and say it in the thread."
		}
	}
	return a, r.missing(f, a, wrong)
}

// missing adds what has to be filled in and is not, where Slack does not ask for it.
func (r Renderer) missing(f StepForm, a deployer.Answer, wrong map[string]string) map[string]string {
	if a.Choice != deployer.ChoiceDone || f.Of == "" && !f.ticksLater() {
		return wrong
	}
	f.Given = a.Values
	for _, one := range r.fields(f) {
		if err := deployer.CheckInput(one.Input, a.Values[one.ID]); err != nil {
			wrong[one.BlockID()] = err.Error()
		}
	}
	return wrong
}

// ticked are the boxes that are ticked in a form, wherever they stood when it was drawn.
func (f StepForm) ticked(state *slack.ViewState) map[string]string {
	out := map[string]string{}
	for i := 0; state != nil && i < boxesMax; i++ {
		for _, a := range state.Values[f.boxBlock(i)] {
			for _, o := range a.SelectedOptions {
				if n, err := strconv.Atoi(o.Value); err == nil {
					out[deployer.TickOf(n)] = "true"
				}
			}
		}
	}
	return out
}

// Filled is what stands in the fields of a form, by their ids, and what can't be read of
// it, by the blocks.
func (r Renderer) Filled(f StepForm, state *slack.ViewState) (values, wrong map[string]string) {
	var all []field.Field // whether one is asked, what stands in another says
	for _, in := range deployer.FieldsOf(f.Step, f.Item) {
		all = append(all, field.Field{Input: in, Of: f.Of})
	}
	f.Given = field.ReadAll(all, state, r.NameOf)
	values, wrong = map[string]string{}, map[string]string{}
	for _, one := range r.fields(f) {
		value := f.Given[one.ID]
		if value == "" {
			continue
		}
		values[one.ID] = value
		if err := deployer.CheckInput(one.Input, value); err != nil {
			wrong[one.BlockID()] = err.Error()
		}
	}
	return values, wrong
}

// checklist shows what is confirmed together, and what of it is ticked.
func (c cardStep) checklist(s deployer.StepState, item string) []string {
	lines, ticked := deployer.Checklist(s, item), deployer.TicksOf(s, item)
	var out []string
	if delete(ticked, 0); len(ticked) > 0 {
		out = append(out, strconv.Itoa(len(ticked))+" of "+strconv.Itoa(len(lines)))
	}
	for i, it := range lines {
		if i == c.items {
			return append(out, "• and "+deployer.Count(len(lines)-i, "more line"))
		}
		mark, by := "• ", ""
		if t, was := ticked[i+1]; was {
			mark, by = "✓ ", " · "+name(c.Names, t.By)
		}
		out = append(out, mark+mrkdwn.Link(it.Link, mrkdwn.Escape(it.Title, mrkdwn.TitleMax))+by)
	}
	return out
}
