package view

import (
	"maps"
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

// ShownTicks are the lines of a checklist, by their numbers, that a form shows as ticked. It
// remembers them: what somebody has taken back is told by it from what others have ticked
// since.
func ShownTicks(s deployer.StepState, item string) []int {
	return slices.Sorted(maps.Keys(deployer.TicksOf(s, item)))
}

// boxed are the lines of a checklist, in as many blocks as they need. What has to be given
// as evidence is a field of its own.
func (f StepForm) boxed() [][]line {
	var out [][]line
	for i, it := range deployer.Checklist(f.Step, f.Item) {
		if it.Evident() || mrkdwn.Plain(it.Title, field.OptionMax) == "" {
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
		var options, ticked []*slack.OptionBlockObject
		for _, l := range some {
			options = append(options, option(l))
			if slices.Contains(f.Memo.Ticked, l.n) {
				ticked = append(ticked, option(l))
			}
		}
		boxes := slack.NewCheckboxGroupsBlockElement(field.Menu, options...)
		boxes.InitialOptions = ticked
		block := slack.NewInputBlock(f.boxBlock(i), mrkdwn.PlainText("Looked at"), nil, boxes)
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

// linesOf are what the boxes of a checklist don't show: who has ticked a line, and the links
// of the others.
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

// ticks are the lines that somebody ticks or takes back now in a form, as the core takes
// them, and whether none is open any more. What others have done since it was shown stays.
func (f StepForm) ticks(state *slack.ViewState, values map[string]string) (given map[string]string, all bool) {
	given, all = map[string]string{}, true
	set, was := f.ticked(state), deployer.TicksOf(f.Step, f.Item)
	for i, some := range f.boxed() {
		sent := holds(state, f.boxBlock(i))
		for _, l := range some {
			_, ticked := was[l.n]
			shown, id := slices.Contains(f.Memo.Ticked, l.n), deployer.TickOf(l.n)
			switch {
			case set[l.n] && !shown:
				given[id], ticked = deployer.Ticked, true
			case sent && !set[l.n] && shown && ticked:
				given[id], ticked = deployer.Unticked, false
			}
			all = all && ticked
		}
	}
	lines := append([]deployer.Item{{}}, deployer.Checklist(f.Step, f.Item)...)
	for n, it := range lines {
		id := deployer.EvidenceOf(n)
		_, ticked := was[n]
		switch {
		case n > 0 && !it.Evident():
		case values[id] != "":
			given[id] = values[id]
		case ticked && slices.Contains(f.Memo.Ticked, n) && holds(state, field.Field{Input: deployer.Input{ID: id}, Of: f.Of}.BlockID()):
			given[deployer.TickOf(n)], all = deployer.Unticked, false
		default:
			all = all && n == 0
		}
	}
	return given, all
}

// holds reports whether a form that was sent had a block.
func holds(state *slack.ViewState, block string) bool {
	return state != nil && state.Values[block] != nil
}

// Read is the answer that somebody gives by a form, and what is wrong with it, by the
// blocks. Whether it is what the step asks for, the core says in any case. Of a checklist
// that is not done yet it keeps what is ticked.
func (r Renderer) Read(f StepForm, state *slack.ViewState) (a deployer.Answer, wrong map[string]string) {
	values, wrong := r.Filled(f, state)
	given, all := f.ticks(state, values)
	set := f.ticked(state)
	a = deployer.Answer{Step: f.Step.ID, Attempt: f.Step.Attempt, Item: f.Item, Choice: deployer.ChoiceDone, Values: values}
	switch {
	case !all && f.ticksLater():
		a.Choice, a.Values = deployer.ChoiceSave, given
	case f.ticksLater():
		maps.Copy(a.Values, given)
	}
	for i, some := range f.boxed() {
		switch {
		case a.Choice == deployer.ChoiceSave && len(given) == 0:
			wrong[f.boxBlock(i)] = "Tick what is so, or take back what is not."
			return a, wrong
		case !f.ticksLater() && slices.ContainsFunc(some, func(l line) bool { return !set[l.n] }):
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
func (f StepForm) ticked(state *slack.ViewState) map[int]bool {
	out := map[int]bool{}
	for i := 0; state != nil && i < boxesMax; i++ {
		for _, a := range state.Values[f.boxBlock(i)] {
			for _, o := range a.SelectedOptions {
				if n, err := strconv.Atoi(o.Value); err == nil {
					out[n] = true
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
