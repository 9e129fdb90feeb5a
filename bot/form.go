package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// The forms of a deployment, by callback id.
const (
	formDeploy  = "deploy"
	formConfirm = "confirm"
)

// The form's blocks. Those of a procedure's inputs have their ids behind
// "input/". A note stands under the block that it is about.
const (
	blockService = "service"
	blockTag     = "tag"
	blockMore    = "more"
	blockEnv     = "env"
	blockAt      = "at"
	blockReason  = "reason"
	blockInput   = "input/"
	blockNote    = "note/"
)

// formTarget is where a form deploys to.
type formTarget struct {
	Channel  string `json:"c"`
	Retailer string `json:"r"`
}

// A formState is what stands in a form of a deployment so far.
type formState struct {
	formTarget
	Service string            `json:"s,omitempty"`
	Tag     string            `json:"t,omitempty"`
	More    string            `json:"m,omitempty"` // other services with their tags, as in a command
	Env     string            `json:"e,omitempty"`
	At      string            `json:"a,omitempty"`
	Reason  string            `json:"w,omitempty"`
	Inputs  map[string]string `json:"i,omitempty"`
}

// fieldNotes are what is said about fields while the form is open, in mrkdwn, by
// their blocks.
type fieldNotes map[string]string

// openForm shows the form of a deployment.
func (b *Bot) openForm(ctx context.Context, c slack.SlashCommand) answer {
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	view, err := b.form(formTarget{st.channel, st.retailer})
	if err != nil {
		return b.refuse(err)
	}
	return b.open(ctx, c.TriggerID, view)
}

// form is an empty form.
func (b *Bot) form(o formTarget) (slack.ModalViewRequest, error) {
	return b.guide.draw(formState{formTarget: o}, false, nil)
}

// draw draws a form. Slack keeps what was typed or chosen as long as a field
// keeps its ids, so fields are preset only where they are new. The procedure's
// inputs are there once a service is chosen, or where all services follow the
// same procedure. Listed says that there is a list of the service's tags.
func (g guide) draw(s formState, listed bool, said fieldNotes) (slack.ModalViewRequest, error) {
	memo, err := json.Marshal(formState{formTarget: s.formTarget, Service: s.Service})
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	fields := []slack.Block{g.serviceField(), g.tagField(s, listed)}
	if len(g.services) > 1 {
		fields = append(fields, moreField())
	}
	fields = append(fields, g.envField(s.Retailer))
	for _, in := range g.inputsOf(s.Service) {
		fields = append(fields, inputField(in))
	}
	if canWait(g.procedureOf(s.Service)) {
		fields = append(fields, atField())
	}
	fields = append(fields, reasonField())
	var blocks []slack.Block
	for _, f := range fields {
		blocks = append(blocks, f)
		if text := said[f.ID()]; text != "" {
			blocks = append(blocks, slack.NewContextBlock(blockNote+f.ID(), markdownText(cut(text, sectionMax))))
		}
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formDeploy, PrivateMetadata: string(memo),
		Title: plainText(plain("Deploy to "+capital(s.Retailer), 24)), Submit: plainText("Next"), Close: plainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: blocks},
	}, nil
}

// sheetOf reads what stands in a form, and its memo.
func (g guide) sheetOf(c slack.InteractionCallback) (formState, error) {
	var s formState
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &s); err != nil {
		return s, fmt.Errorf("read a form's memo: %w", err)
	}
	s.Service = field(c, blockService).SelectedOption.Value
	tag := field(c, blockTag)
	s.Tag = strings.TrimSpace(tag.SelectedOption.Value + tag.Value)
	s.More = strings.TrimSpace(field(c, blockMore).Value)
	s.Env = field(c, blockEnv).SelectedOption.Value
	s.Reason = strings.TrimSpace(field(c, blockReason).Value)
	s.At = strings.TrimSpace(field(c, blockAt).Value)
	s.Inputs = map[string]string{}
	for _, in := range g.inputsOf(s.Service) {
		f := field(c, blockInput+in.ID)
		if value := strings.TrimSpace(f.Value + f.SelectedOption.Value); value != "" {
			s.Inputs[in.ID] = value
		}
	}
	return s, nil
}

// request is what the same would be as a command.
func (b *Bot) requestOf(ctx context.Context, s formState) (request, error) {
	more, err := b.more(ctx, s)
	return request{
		Verb: verbDeploy, Env: s.Env, At: s.At, Reason: s.Reason, Inputs: s.Inputs,
		Wants: append([]deployer.Release{{Service: s.Service, Tag: s.Tag}}, more...),
	}, err
}

// more are the services that go with the first one, as somebody typed them. What
// is wrong with them belongs to their field.
func (b *Bot) more(ctx context.Context, s formState) ([]deployer.Release, error) {
	words := strings.FieldsFunc(s.More, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(words) == 0 {
		return nil, nil
	}
	var r request
	if err := r.pairs(words); err != nil {
		return nil, fieldError{blockMore, b.explain(err)}
	}
	named := map[string]bool{s.Service: true}
	for i, w := range r.Wants {
		name, err := b.service(w.Service)
		if err != nil {
			return nil, fieldError{blockMore, err}
		}
		if named[name] {
			return nil, fieldError{blockMore, refuse("Name it once.", "%s is named twice.", name)}
		}
		if tags := b.tags.lacks(ctx, name, w.Tag); len(tags) > 0 {
			return nil, fieldError{blockMore, noTag(name, w.Tag, tags)}
		}
		named[name], r.Wants[i].Service = true, name
	}
	return r.Wants, nil
}

// readSubmission finds out which form was sent.
func (b *Bot) readSubmission(c slack.InteractionCallback) (task, error) {
	switch id := c.View.CallbackID; {
	case strings.HasPrefix(id, reasonFormPrefix):
		return b.readReason(c)
	case id == formReview:
		return b.readReview(c)
	case id == formDeploy:
		return b.readForm(c)
	case id == formConfirm:
		return b.readStart(c)
	}
	return task{}, nil
}
