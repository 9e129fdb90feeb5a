package form

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
)

// Offered are the services that a retailer has, in order.
func Offered(r view.Renderer, retailer string) []string {
	if only := r.Retailers[retailer].Services; only != nil {
		return only
	}
	return slices.Sorted(maps.Keys(r.Services))
}

// serviceField is a menu that can be searched; beyond Slack's limit the search
// is ours.
func serviceField(offered []string) *slack.InputBlock {
	kind, options := slack.OptTypeStatic, field.Options(offered)
	if len(options) > field.OptionsMax {
		kind, options = slack.OptTypeExternal, nil
	}
	menu := slack.NewOptionsSelectBlockElement(kind, mrkdwn.PlainText("Which service?"), field.Menu, options...)
	if options == nil {
		menu.MinQueryLength = new(1)
	}
	block := slack.NewInputBlock(BlockService, mrkdwn.PlainText("Service"), nil, menu)
	block.DispatchAction = true
	return block
}

// withoutServices are the procedures that are about no service, so that a form has to
// offer them by themselves, by their titles.
func withoutServices(all map[string]deployer.Procedure) []deployer.Procedure {
	var out []deployer.Procedure
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if p := all[id]; p.Services == deployer.ServicesNone && !p.Abstract {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b deployer.Procedure) int { return strings.Compare(a.Title, b.Title) })
	return out[:min(len(out), field.OptionsMax)]
}

// procedureField offers what is about no service.
func procedureField(alone []deployer.Procedure) *slack.InputBlock {
	var options []*slack.OptionBlockObject
	for _, p := range alone {
		options = append(options, field.OptionAs(p.ID, p.Title))
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, mrkdwn.PlainText("A deployment of services"), field.Menu, options...)
	block := slack.NewInputBlock(BlockProcedure, mrkdwn.PlainText("What"), nil, menu)
	block.Optional, block.DispatchAction = true, true
	return block
}

// procedureOf is the one that is chosen, or what the service that is chosen follows in the environment that
// is; with no service chosen, what all follow there.
func procedureOf(r view.Renderer, s State) deployer.Procedure {
	if s.Procedure != "" {
		return r.Procedures[s.Procedure]
	}
	environments := r.Retailers[s.Retailer].Environments
	if s.Env == "" {
		s.Env, _ = view.DefaultEnvironment(environments)
	}
	follows := func(service string) string {
		return cmp.Or(environments[s.Env].Follows[service], r.Services[service].Procedure)
	}
	if s.Service != "" {
		return r.Procedures[follows(s.Service)]
	}
	ids := map[string]bool{}
	for _, name := range Offered(r, s.Retailer) {
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
func tagField(s State, listed bool) *slack.InputBlock {
	var element slack.BlockElement
	if listed {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, mrkdwn.PlainText("Type to search, or any tag"), field.Menu)
		menu.MinQueryLength = new(0)
		if deployer.ValidTag(s.Tag) {
			menu.InitialOption = field.Option(s.Tag)
		}
		element = menu
	} else {
		text := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("such as v1.2.3"), field.Text)
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
	more := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("such as: api v1.2.3 cron v4"), field.Text)
	more.MaxLength = view.ReasonTextMax
	more.DispatchActionConfig = &slack.DispatchActionConfig{TriggerActionsOn: []string{"on_enter_pressed"}}
	block := slack.NewInputBlock(BlockMore, mrkdwn.PlainText("More services"), mrkdwn.PlainText("Each with its tag. All go together, on one card."), more)
	block.Optional, block.DispatchAction = true, true
	return block
}

func envField(all map[string]view.Environment) *slack.InputBlock {
	options := field.Options(slices.Sorted(maps.Keys(all)))
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, mrkdwn.PlainText("Which environment?"), field.Menu, options...)
	if name, ok := view.DefaultEnvironment(all); ok {
		menu.InitialOption = field.Option(name)
	}
	block := slack.NewInputBlock(BlockEnv, mrkdwn.PlainText("Environment"), nil, menu)
	block.DispatchAction = true
	return block
}

func reasonField() *slack.InputBlock {
	reason := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("Such as: orders are stuck"), field.Text)
	reason.MaxLength = view.ReasonTextMax
	block := slack.NewInputBlock(view.BlockReason, mrkdwn.PlainText("Reason"), mrkdwn.PlainText("Everybody in the channel can read it."), reason)
	block.Optional = true
	return block
}

// atField asks when it starts.
func atField() *slack.InputBlock {
	at := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText("At once, or such as: tomorrow 22:00"), field.Text)
	at.MaxLength = 60
	block := slack.NewInputBlock(BlockAt, mrkdwn.PlainText("Start"), mrkdwn.PlainText("Retailer's time, unless UTC stands behind it. It can be approved ahead."), at)
	block.Optional = true
	return block
}

// waitField asks whether it waits, where somebody else is at the place.
func waitField() *slack.InputBlock {
	yes := slack.NewCheckboxGroupsBlockElement(field.Menu, field.OptionAs("true", "Wait until it is free"))
	block := slack.NewInputBlock(BlockWait, mrkdwn.PlainText("Somebody is there already"), mrkdwn.PlainText("It gets its card at once, and begins by itself when it is its turn."), yes)
	block.Optional = true
	return block
}
