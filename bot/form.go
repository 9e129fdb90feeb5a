package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// Slack's limits on a menu.
const (
	optionsMax = 100
	optionMost = 75  // units of an option's text
	valueMost  = 150 // of its value
	labelMost  = 150
)

// formDeploy is the callback id of the form of a deployment.
const formDeploy = "deploy"

// The form's blocks. Those of a procedure's inputs have their ids behind
// "input/".
const (
	blockService = "service"
	blockTag     = "tag"
	blockEnv     = "env"
	blockReason  = "reason"
	blockInput   = "input/"
)

// ordering is what the form remembers.
type ordering struct {
	Channel  string `json:"c"`
	Retailer string `json:"r"`
}

// openForm shows the form of a deployment.
func (b *Bot) openForm(ctx context.Context, c slack.SlashCommand) answer {
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.no(err)
	}
	view, err := b.form(ordering{st.channel, st.retailer}, "")
	if err != nil {
		return b.no(err)
	}
	return b.open(ctx, c.TriggerID, view)
}

// form draws it. The procedure's inputs are there once a service is chosen, or
// where all services follow the same procedure.
func (b *Bot) form(o ordering, service string) (slack.ModalViewRequest, error) {
	memo, err := json.Marshal(o)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	tag := slack.NewPlainTextInputBlockElement(plainText("such as v1.2.3"), "text")
	tag.MaxLength = 128
	reason := slack.NewPlainTextInputBlockElement(plainText("Why now?"), "text")
	reason.MaxLength = reasonMax
	why := slack.NewInputBlock(blockReason, plainText("Reason"), nil, reason)
	why.Optional = true
	blocks := []slack.Block{
		b.serviceBlock(), slack.NewInputBlock(blockTag, plainText("Tag"), nil, tag), b.envBlock(o.Retailer), why,
	}
	for _, in := range b.inputsOf(service) {
		blocks = append(blocks, inputBlock(in))
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formDeploy, PrivateMetadata: string(memo),
		Title: plainText("Deploy"), Submit: plainText("Start"), Close: plainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: blocks},
	}, nil
}

// serviceBlock is a menu that can be searched; beyond Slack's limit the search
// is ours.
func (b *Bot) serviceBlock() slack.Block {
	kind, options := slack.OptTypeStatic, optionsOf(sorted(b.cfg.Services))
	if len(options) > optionsMax {
		kind, options = slack.OptTypeExternal, nil
	}
	menu := slack.NewOptionsSelectBlockElement(kind, plainText("Which service?"), "menu", options...)
	if options == nil {
		menu.MinQueryLength = new(1)
	}
	block := slack.NewInputBlock(blockService, plainText("Service"), nil, menu)
	block.DispatchAction = !b.oneProcedure()
	return block
}

// oneProcedure reports whether the form is the same for all services.
func (b *Bot) oneProcedure() bool {
	ids := map[string]bool{}
	for _, s := range b.cfg.Services {
		ids[s.Procedure] = true
	}
	return len(ids) == 1
}

// inputsOf are the inputs to ask for, with the service chosen so far.
func (b *Bot) inputsOf(service string) []deployer.Input {
	if service == "" && b.oneProcedure() {
		service = sorted(b.cfg.Services)[0]
	}
	return b.cfg.Procedures[b.cfg.Services[service].Procedure].Inputs
}

func (b *Bot) envBlock(retailer string) slack.Block {
	options := optionsOf(sorted(b.cfg.Retailers[retailer].Environments))
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "menu", options...)
	if name, err := b.environment(retailer, ""); err == nil {
		menu.InitialOption = option(name)
	}
	return slack.NewInputBlock(blockEnv, plainText("Environment"), nil, menu)
}

func inputBlock(in deployer.Input) slack.Block {
	label := plainText(plain(in.Label, labelMost))
	if in.Label == "" {
		label = plainText(plain(in.ID, labelMost))
	}
	var element slack.BlockElement
	if len(in.Options) > 0 {
		menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "menu", optionsOf(in.Options)...)
		if in.Default != "" {
			menu.InitialOption = option(in.Default)
		}
		element = menu
	} else {
		text := slack.NewPlainTextInputBlockElement(nil, "text")
		text.InitialValue, text.MaxLength = in.Default, valueMax
		element = text
	}
	block := slack.NewInputBlock(blockInput+in.ID, label, nil, element)
	block.Optional = !in.Required
	return block
}

func option(value string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(clip(value, valueMost), plainText(plain(value, optionMost)), nil)
}

func optionsOf(values []string) []*slack.OptionBlockObject {
	var out []*slack.OptionBlockObject
	for _, v := range values {
		out = append(out, option(v))
	}
	return out
}

// readSuggestion answers what somebody types into the menu of services.
func (b *Bot) readSuggestion(c slack.InteractionCallback) task {
	return task{key: "person/" + c.User.ID, user: c.User.ID, do: func(context.Context) answer {
		found := []*slack.OptionBlockObject{}
		for _, s := range sorted(b.cfg.Services) {
			if strings.Contains(s, strings.ToLower(c.Value)) && len(found) < optionsMax {
				found = append(found, option(s))
			}
		}
		return answer{payload: slack.OptionsResponse{Options: found}}
	}}
}

// readChoice redraws the form for the service that was chosen.
func (b *Bot) readChoice(c slack.InteractionCallback) (task, error) {
	if c.View.CallbackID != formDeploy || len(c.ActionCallback.BlockActions) == 0 {
		return task{}, nil
	}
	var o ordering
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &o); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	service := c.ActionCallback.BlockActions[0].SelectedOption.Value
	return task{key: "person/" + c.User.ID, user: c.User.ID, do: func(ctx context.Context) answer {
		view, err := b.form(o, service)
		if err == nil {
			_, err = b.api.UpdateViewContext(ctx, view, "", c.View.Hash, c.View.ID)
		}
		if word, _ := slackWord(err); err != nil && word != "hash_conflict" {
			b.log.Warn("a form could not be redrawn", "err", err)
		}
		return answer{}
	}}, nil
}

// readForm starts what the form says. A refusal stands in the form, at the
// field it is about, so that nothing has to be typed again.
func (b *Bot) readForm(c slack.InteractionCallback) (task, error) {
	var o ordering
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &o); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	by := b.people.meet(c.User.ID, c.User.Name)
	r := b.requestOf(c)
	t := task{key: "channel/" + o.Channel, channel: o.Channel, user: c.User.ID}
	t.do = func(ctx context.Context) answer {
		if !validTag(r.Wants[0].Tag) {
			return inForm(blockTag, "That is not a tag: letters, digits and . _ - only.")
		}
		start, err := b.start(ctx, station{o.Channel, o.Retailer}, r)
		if err == nil {
			start.Origin = strings.Join([]string{"slack", c.Team.ID, "view", c.View.ID}, "/")
			_, err = b.order(ctx, deployer.Order{By: by, Command: start})
		}
		if refusal, ok := errors.AsType[*deployer.Refusal](err); ok {
			return inForm(b.blockOf(c, refusal), refusal.Error())
		}
		if err != nil {
			return b.no(err)
		}
		return answer{}
	}
	return t, nil
}

// requestOf reads the form's fields.
func (b *Bot) requestOf(c slack.InteractionCallback) request {
	r := request{
		Verb: verbDeploy, Env: field(c, blockEnv).SelectedOption.Value, Reason: clip(field(c, blockReason).Value, reasonMax),
		Wants: []deployer.Want{{
			Service: field(c, blockService).SelectedOption.Value, Tag: strings.TrimSpace(field(c, blockTag).Value),
		}},
		Inputs: map[string]string{},
	}
	for _, in := range b.inputsOf(r.Wants[0].Service) {
		f := field(c, blockInput+in.ID)
		if value := f.Value + f.SelectedOption.Value; value != "" {
			r.Inputs[in.ID] = value
		}
	}
	return r
}

// blockOf is the field that a refusal is shown at.
func (b *Bot) blockOf(c slack.InteractionCallback, r *deployer.Refusal) string {
	for _, block := range c.View.Blocks.BlockSet {
		in, ok := block.(*slack.InputBlock)
		if ok && strings.HasPrefix(in.BlockID, blockInput) && strings.Contains(r.Why, strings.TrimPrefix(in.BlockID, blockInput)) {
			return in.BlockID
		}
	}
	if strings.Contains(r.Why, "no tag") {
		return blockTag
	}
	return blockService
}

func inForm(block, text string) answer {
	return answer{payload: slack.NewErrorsViewSubmissionResponse(map[string]string{block: clip(text, 300)})}
}

// readSubmission finds out which form was sent.
func (b *Bot) readSubmission(c slack.InteractionCallback) (task, error) {
	switch {
	case strings.HasPrefix(c.View.CallbackID, whyForm):
		return b.readWhy(c)
	case c.View.CallbackID == formDeploy:
		return b.readForm(c)
	}
	return task{}, nil
}
