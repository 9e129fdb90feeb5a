// Package field is what people fill in in Slack's forms: an input of a procedure or
// of a step is a field, drawn as the element that its kind has in Slack, and read
// back as the text of that kind.
//
// A menu answers what somebody types into it with what [Suggestions] makes of
// [Matching] or [TagOptions].
package field

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// Slack's limits on a field.
const (
	OptionsMax     = 100 // in a menu
	OptionMax      = 75  // units of an option's text
	OptionValueMax = 150 // of its value
	TextMax        = 500 // characters of an answer, for people to read; Slack takes 3,000
	ManyMax        = 2000
	labelMax       = 150
	helpMax        = 300
	radiosMax      = 4 // options that are all seen at once; Slack takes 10
)

// The action ids of the fields. A menu and a line of text differ, since Slack keeps
// what stands in a field by both of its ids.
const (
	Menu = "menu"
	Text = "text"
)

// Prefix begins the ids of the blocks of fields; the input's id stands behind it.
const Prefix = "input/"

// A Field is one input as a form asks for it. The zero values of all but the input
// are what most have.
type Field struct {
	deployer.Input
	Of      string            // of which question of a form it is, where that has several: begins the input's id; else ""
	Labels  map[string]string // by option: how it reads; an option without one reads as it is
	Set     string            // what stands in it when it is new, as its kind writes it; "": its default
	Redraws bool              // the form changes with it
}

// BlockID is the id of the field's block.
func (f Field) BlockID() string { return Prefix + f.Of + f.ID }

// Block draws the field.
func (f Field) Block() *slack.InputBlock {
	var hint *slack.TextBlockObject
	if help := mrkdwn.Plain(f.Help, helpMax); help != "" {
		hint = mrkdwn.PlainText(help)
	}
	block := slack.NewInputBlock(f.BlockID(), mrkdwn.PlainText(cmp.Or(mrkdwn.Plain(f.Label, labelMax), f.ID)), hint, f.element())
	block.Optional, block.DispatchAction = !f.Required, f.Redraws
	return block
}

// element is the one that Slack has for the field's kind: a few options stand there
// all, more are a menu, and what no menu takes is typed.
func (f Field) element() slack.BlockElement {
	set := cmp.Or(f.Set, f.Default)
	switch {
	case f.hasMenu():
		return f.menu(set)
	case f.Kind == deployer.InputBoolean:
		yes := slack.NewCheckboxGroupsBlockElement(Menu, OptionAs(yes, "Yes"))
		if set == "true" {
			yes.InitialOptions = yes.Options
		}
		return yes
	case f.Kind == deployer.InputPerson && f.Many:
		people := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeUser, mrkdwn.PlainText("Who?"), Menu)
		for _, id := range lines(set) {
			people.InitialUsers = append(people.InitialUsers, firstWord(id))
		}
		return people
	case f.Kind == deployer.InputPerson:
		person := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, mrkdwn.PlainText("Who?"), Menu)
		person.InitialUser = firstWord(set)
		return person
	case f.Many:
		return f.text(set, true)
	case f.Kind == deployer.InputTime:
		at := slack.NewDateTimePickerBlockElement(Menu)
		if t, err := time.Parse(time.RFC3339, set); err == nil {
			at.InitialDateTime = t.Unix()
		}
		return at
	case f.Kind == deployer.InputNumber:
		number := slack.NewNumberInputBlockElement(nil, Text, false)
		number.InitialValue, number.DispatchActionConfig = set, f.onEnter()
		return number
	case f.Kind == deployer.InputLink:
		link := slack.NewURLTextInputBlockElement(mrkdwn.PlainText("https://…"), Text)
		link.InitialValue, link.DispatchActionConfig = set, f.onEnter()
		return link
	}
	return f.text(set, false)
}

// yes is the value of a box that is ticked.
const yes = "true"

func (f Field) text(set string, many bool) slack.BlockElement {
	var such *slack.TextBlockObject
	if f.Kind == deployer.InputDuration {
		such = mrkdwn.PlainText("such as 30m, 1h30m or 2d")
	}
	if many && such == nil {
		such = mrkdwn.PlainText("One a line")
	}
	text := slack.NewPlainTextInputBlockElement(such, Text)
	text.InitialValue, text.MaxLength, text.Multiline = set, TextMax, many
	if many {
		text.MaxLength = ManyMax
	}
	text.DispatchActionConfig = f.onEnter()
	return text
}

// onEnter has a line of text redraw the form when it is left with Enter.
func (f Field) onEnter() *slack.DispatchActionConfig {
	if !f.Redraws {
		return nil
	}
	return &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_enter_pressed"}}
}

// hasMenu reports whether Slack takes the options as a menu.
func (f Field) hasMenu() bool {
	no := func(o string) bool {
		return mrkdwn.Plain(f.label(o), OptionMax) == "" || mrkdwn.Units(o) > OptionValueMax
	}
	return len(f.Options) > 0 && len(f.Options) <= OptionsMax && !slices.ContainsFunc(f.Options, no)
}

func (f Field) label(option string) string { return cmp.Or(f.Labels[option], option) }

func (f Field) menu(set string) slack.BlockElement {
	var options, chosen []*slack.OptionBlockObject
	for _, o := range f.Options {
		options = append(options, OptionAs(o, f.label(o)))
		if o == set || f.Many && slices.Contains(lines(set), o) {
			chosen = append(chosen, options[len(options)-1])
		}
	}
	switch {
	case f.Many:
		menu := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, nil, Menu, options...)
		menu.InitialOptions = chosen
		return menu
	case len(options) <= radiosMax:
		radios := slack.NewRadioButtonsBlockElement(Menu, options...)
		if len(chosen) > 0 {
			radios.InitialOption = chosen[0]
		}
		return radios
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, Menu, options...)
	if len(chosen) > 0 {
		menu.InitialOption = chosen[0]
	}
	return menu
}

// Read is what somebody has filled in: what was chosen is written as the field's kind
// has it, and what was typed stands as it is. Name is how a person is called. "" where
// nothing is there.
func (f Field) Read(a slack.BlockAction, name func(id string) string) string {
	var out []string
	for _, o := range a.SelectedOptions {
		out = append(out, o.Value)
	}
	for _, id := range append(slices.Clone(a.SelectedUsers), a.SelectedUser) {
		if id != "" {
			out = append(out, strings.TrimSpace(id+" "+mrkdwn.OneLine(name(id))))
		}
	}
	switch {
	case f.Kind == deployer.InputBoolean:
		return strconv.FormatBool(len(out) > 0)
	case len(out) > 0:
		return strings.Join(out, "\n")
	case a.SelectedDateTime != 0:
		return time.Unix(a.SelectedDateTime, 0).UTC().Format(time.RFC3339)
	case f.Many:
		all := lines(a.Value)
		for i := range all {
			all[i] = f.typed(all[i])
		}
		return strings.Join(all, "\n")
	}
	return f.typed(strings.TrimSpace(a.SelectedOption.Value + a.Value))
}

// typed is what somebody has typed, as the field's kind writes it. What can't be read
// stays as it is: whoever takes it says what is wrong with it.
func (f Field) typed(words string) string {
	if f.Kind == deployer.InputDuration {
		if span, err := spelling.ParseSpan(words); err == nil {
			return span.String()
		}
	}
	return words
}

// ReadAll reads those of the fields that are in a form, by their ids.
func ReadAll(fields []Field, state *slack.ViewState, name func(id string) string) map[string]string {
	out := map[string]string{}
	if state == nil {
		return out
	}
	for _, f := range fields {
		for _, a := range state.Values[f.BlockID()] {
			if value := f.Read(a, name); value != "" {
				out[f.ID] = value
			}
		}
	}
	return out
}

// Asked are the fields of those inputs that are asked, given what is filled in so far:
// their conditions hold. These may name whatever is known of the deployment. Without a
// language, and where it can't tell, an input is asked. A field on which what comes
// after it may rest has the form redrawn.
func Asked(l deployer.Language, d deployer.Deployment, inputs []deployer.Input, given map[string]string, now time.Time) []Field {
	known := maps.Clone(d.Inputs)
	if known == nil {
		known = map[string]string{}
	}
	d.Inputs = known
	at := deployer.Moment{Deployment: &d, Now: now}
	var out []Field
	for i, in := range inputs {
		in, asked, _ := deployer.InputAt(l, in, at) // what it can be that can't be told is said when it is sent
		if !asked {
			continue
		}
		if known[in.ID] = in.Default; given[in.ID] != "" {
			known[in.ID] = given[in.ID]
		}
		if known[in.ID] == "" {
			delete(known, in.ID)
		}
		out = append(out, Field{Input: in, Redraws: slices.ContainsFunc(inputs[i+1:], rests)})
	}
	return out
}

// rests reports whether whether an input is asked, or what it can be, rests on others.
func rests(in deployer.Input) bool { return in.When != "" || in.OptionsOf != "" }

// lines are those of a text in which something stands.
func lines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// In is what stands in a block of a form that holds one element.
func In(c slack.InteractionCallback, block string) slack.BlockAction {
	if c.View.State != nil {
		for _, value := range c.View.State.Values[block] {
			return value
		}
	}
	return slack.BlockAction{}
}
