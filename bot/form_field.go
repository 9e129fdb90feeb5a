package bot

import (
	"cmp"
	"maps"
	"slices"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// Slack's limits on a menu.
const (
	optionsMax     = 100
	optionMax      = 75  // units of an option's text
	optionValueMax = 150 // of its value
	labelMax       = 150
	radiosMax      = 4 // options that are all seen at once; Slack takes 10
)

// The action ids of the fields. A menu and a line of text differ, since Slack
// keeps what stands in a field by both of its ids.
const (
	fieldMenu = "menu"
	fieldText = "text"
)

// serviceField is a menu that can be searched; beyond Slack's limit the search
// is ours.
func (g guide) serviceField() *slack.InputBlock {
	kind, options := slack.OptTypeStatic, optionsOf(slices.Sorted(maps.Keys(g.services)))
	if len(options) > optionsMax {
		kind, options = slack.OptTypeExternal, nil
	}
	menu := slack.NewOptionsSelectBlockElement(kind, plainText("Which service?"), fieldMenu, options...)
	if options == nil {
		menu.MinQueryLength = new(1)
	}
	block := slack.NewInputBlock(blockService, plainText("Service"), nil, menu)
	block.DispatchAction = true
	return block
}

// oneProcedure reports whether the form is the same for all services.
func (g guide) oneProcedure() bool {
	ids := map[string]bool{}
	for _, s := range g.services {
		ids[s.Procedure] = true
	}
	return len(ids) == 1
}

// inputsOf are the inputs to ask for, with the service chosen so far.
func (g guide) inputsOf(service string) []deployer.Input { return g.procedureOf(service).Inputs }

// procedureOf is what a service follows; with none chosen, what all follow.
func (g guide) procedureOf(service string) deployer.Procedure {
	if service == "" && g.oneProcedure() {
		service = slices.Sorted(maps.Keys(g.services))[0]
	}
	return g.procedures[g.services[service].Procedure]
}

// tagField has suggestions where the service has a list of tags, and is a line
// of text elsewhere. What was chosen in the one stands in the other when the
// service changes.
func (g guide) tagField(s formState, listed bool) *slack.InputBlock {
	var element slack.BlockElement
	if listed {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plainText("Type to search, or any tag"), fieldMenu)
		menu.MinQueryLength = new(0)
		if validTag(s.Tag) {
			menu.InitialOption = option(s.Tag)
		}
		element = menu
	} else {
		text := slack.NewPlainTextInputBlockElement(plainText("such as v1.2.3"), fieldText)
		text.MaxLength, text.InitialValue = tagMax, s.Tag
		text.DispatchActionConfig = &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_enter_pressed"}}
		element = text
	}
	block := slack.NewInputBlock(blockTag, plainText("Tag"), nil, element)
	block.DispatchAction = true
	return block
}

// moreField takes the other services of a deployment as a command does: they
// share its card.
func moreField() *slack.InputBlock {
	more := slack.NewPlainTextInputBlockElement(plainText("such as: api v1.2.3 cron v4"), fieldText)
	more.MaxLength = reasonTextMax
	more.DispatchActionConfig = &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_enter_pressed"}}
	block := slack.NewInputBlock(blockMore, plainText("More services"), plainText("Each with its tag. All go together, on one card."), more)
	block.Optional, block.DispatchAction = true, true
	return block
}

func (g guide) envField(retailer string) *slack.InputBlock {
	options := optionsOf(slices.Sorted(maps.Keys(g.retailers[retailer].Environments)))
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plainText("Which environment?"), fieldMenu, options...)
	if name, ok := defaultEnvironment(g.retailers[retailer].Environments); ok {
		menu.InitialOption = option(name)
	}
	block := slack.NewInputBlock(blockEnv, plainText("Environment"), nil, menu)
	block.DispatchAction = true
	return block
}

func reasonField() *slack.InputBlock {
	reason := slack.NewPlainTextInputBlockElement(plainText("Such as: orders are stuck"), fieldText)
	reason.MaxLength = reasonTextMax
	block := slack.NewInputBlock(blockReason, plainText("Reason"), plainText("Everybody in the channel can read it."), reason)
	block.Optional = true
	return block
}

// inputField asks for an input of the procedure: a few options stand there all,
// more are a menu, and what no menu takes is typed.
func inputField(in deployer.Input) *slack.InputBlock {
	label := cmp.Or(plain(in.Label, labelMax), in.ID)
	block := slack.NewInputBlock(blockInput+in.ID, plainText(label), nil, inputElement(in))
	block.Optional = !in.Required
	return block
}

func inputElement(in deployer.Input) slack.BlockElement {
	odd := slices.ContainsFunc(in.Options, func(o string) bool { return plain(o, optionMax) == "" || units(o) > optionValueMax })
	switch n := len(in.Options); {
	case n == 0 || n > optionsMax || odd:
		text := slack.NewPlainTextInputBlockElement(nil, fieldText)
		text.InitialValue, text.MaxLength = in.Default, reasonTextMax
		return text
	case n <= radiosMax:
		radios := slack.NewRadioButtonsBlockElement(fieldMenu, optionsOf(in.Options)...)
		if in.Default != "" {
			radios.InitialOption = option(in.Default)
		}
		return radios
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, fieldMenu, optionsOf(in.Options)...)
	if in.Default != "" {
		menu.InitialOption = option(in.Default)
	}
	return menu
}

func option(value string) *slack.OptionBlockObject { return optionAs(value, value) }

// optionAs is an option that reads otherwise than its value.
func optionAs(value, text string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, plainText(plain(text, optionMax)), nil)
}

func optionsOf(values []string) []*slack.OptionBlockObject {
	var out []*slack.OptionBlockObject
	for _, v := range values {
		out = append(out, option(v))
	}
	return out
}
