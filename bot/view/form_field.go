package view

import (
	"cmp"
	"maps"
	"slices"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
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
func (r Renderer) serviceField() *slack.InputBlock {
	kind, options := slack.OptTypeStatic, Options(slices.Sorted(maps.Keys(r.Services)))
	if len(options) > optionsMax {
		kind, options = slack.OptTypeExternal, nil
	}
	menu := slack.NewOptionsSelectBlockElement(kind, mrkdwn.PlainText("Which service?"), fieldMenu, options...)
	if options == nil {
		menu.MinQueryLength = new(1)
	}
	block := slack.NewInputBlock(BlockService, mrkdwn.PlainText("Service"), nil, menu)
	block.DispatchAction = true
	return block
}

// procedureOf is what the service that is chosen follows in the environment that
// is; with no service chosen, what all follow there.
func (r Renderer) procedureOf(s FormState) deployer.Procedure {
	environments := r.Retailers[s.Retailer].Environments
	if s.Env == "" {
		s.Env, _ = DefaultEnvironment(environments)
	}
	follows := func(service string) string {
		return cmp.Or(environments[s.Env].Follows[service], r.Services[service].Procedure)
	}
	if s.Service != "" {
		return r.Procedures[follows(s.Service)]
	}
	ids := map[string]bool{}
	for name := range r.Services {
		ids[follows(name)] = true
	}
	if len(ids) != 1 {
		return deployer.Procedure{}
	}
	return r.Procedures[slices.Collect(maps.Keys(ids))[0]]
}

// tagField has suggestions where the service has a list of tags, and is a line
// of text elsewhere. What was chosen in the one stands in the other when the
// service changes.
func (r Renderer) tagField(s FormState, listed bool) *slack.InputBlock {
	var element slack.BlockElement
	if listed {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, mrkdwn.PlainText("Type to search, or any tag"), fieldMenu)
		menu.MinQueryLength = new(0)
		if deployer.ValidTag(s.Tag) {
			menu.InitialOption = option(s.Tag)
		}
		element = menu
	} else {
		text := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("such as v1.2.3"), fieldText)
		text.MaxLength, text.InitialValue = deployer.TagMax, s.Tag
		text.DispatchActionConfig = &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_enter_pressed"}}
		element = text
	}
	block := slack.NewInputBlock(BlockTag, mrkdwn.PlainText("Tag"), nil, element)
	block.DispatchAction = true
	return block
}

// moreField takes the other services of a deployment as a command does: they
// share its card.
func moreField() *slack.InputBlock {
	more := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("such as: api v1.2.3 cron v4"), fieldText)
	more.MaxLength = ReasonTextMax
	more.DispatchActionConfig = &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_enter_pressed"}}
	block := slack.NewInputBlock(BlockMore, mrkdwn.PlainText("More services"), mrkdwn.PlainText("Each with its tag. All go together, on one card."), more)
	block.Optional, block.DispatchAction = true, true
	return block
}

func (r Renderer) envField(retailer string) *slack.InputBlock {
	options := Options(slices.Sorted(maps.Keys(r.Retailers[retailer].Environments)))
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, mrkdwn.PlainText("Which environment?"), fieldMenu, options...)
	if name, ok := DefaultEnvironment(r.Retailers[retailer].Environments); ok {
		menu.InitialOption = option(name)
	}
	block := slack.NewInputBlock(BlockEnv, mrkdwn.PlainText("Environment"), nil, menu)
	block.DispatchAction = true
	return block
}

func reasonField() *slack.InputBlock {
	reason := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("Such as: orders are stuck"), fieldText)
	reason.MaxLength = ReasonTextMax
	block := slack.NewInputBlock(BlockReason, mrkdwn.PlainText("Reason"), mrkdwn.PlainText("Everybody in the channel can read it."), reason)
	block.Optional = true
	return block
}

// inputField asks for an input of the procedure: a few options stand there all,
// more are a menu, and what no menu takes is typed.
func inputField(in deployer.Input) *slack.InputBlock {
	label := cmp.Or(mrkdwn.Plain(in.Label, labelMax), in.ID)
	block := slack.NewInputBlock(BlockInput+in.ID, mrkdwn.PlainText(label), nil, inputElement(in))
	block.Optional = !in.Required
	return block
}

func inputElement(in deployer.Input) slack.BlockElement {
	noMenu := slices.ContainsFunc(in.Options, func(o string) bool { return mrkdwn.Plain(o, optionMax) == "" || mrkdwn.Units(o) > optionValueMax })
	switch n := len(in.Options); {
	case n == 0 || n > optionsMax || noMenu:
		text := slack.NewPlainTextInputBlockElement(nil, fieldText)
		text.InitialValue, text.MaxLength = in.Default, ReasonTextMax
		return text
	case n <= radiosMax:
		radios := slack.NewRadioButtonsBlockElement(fieldMenu, Options(in.Options)...)
		if in.Default != "" {
			radios.InitialOption = option(in.Default)
		}
		return radios
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, fieldMenu, Options(in.Options)...)
	if in.Default != "" {
		menu.InitialOption = option(in.Default)
	}
	return menu
}

func option(value string) *slack.OptionBlockObject { return optionAs(value, value) }

// optionAs is an option that reads otherwise than its value.
func optionAs(value, text string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, mrkdwn.PlainText(mrkdwn.Plain(text, optionMax)), nil)
}

// Options are the options of a menu, each reading as its value.
func Options(values []string) []*slack.OptionBlockObject {
	var out []*slack.OptionBlockObject
	for _, v := range values {
		out = append(out, option(v))
	}
	return out
}

// atField asks when it starts.
func atField() *slack.InputBlock {
	at := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("At once, or such as: tomorrow 22:00"), fieldText)
	at.MaxLength = 60
	block := slack.NewInputBlock(BlockAt, mrkdwn.PlainText("Start"), mrkdwn.PlainText("Retailer's time, unless UTC stands behind it. It can be approved ahead."), at)
	block.Optional = true
	return block
}
