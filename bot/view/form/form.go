// Package form is the form of a deployment and what lies over it once it was sent: what is asked, what was typed, and what
// would happen, as a rehearsal says it too. What a step or a button of a card asks for stands in package view.
package form

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
)

// The callback ids of the forms.
const (
	CallbackWhere   = "where" // asks for whom, when a form is not opened from a channel
	CallbackDeploy  = "deploy"
	CallbackConfirm = "confirm"
)

// The ids of the blocks that hold the fields; the reason stands in [view.BlockReason].
const (
	BlockWhere     = "where"
	BlockProcedure = "procedure"
	BlockService   = "service"
	BlockTag       = "tag"
	BlockMore      = "more"
	BlockEnv       = "env"
	BlockAt        = "at"
	BlockWait      = "wait"
	BlockInput     = field.Prefix // the input's id stands behind it
	blockNote      = "note/"      // the id of the field that it is about stands behind it
)

// ActionWhere is the action id of the menu in BlockWhere.
const ActionWhere = "menu"

// Target is where a form deploys to.
type Target struct {
	Channel  string `json:"c"`
	Retailer string `json:"r"`
}

// A State is what stands in a form of a deployment so far.
type State struct {
	Target
	Procedure string            `json:"p,omitempty"` // of one without services; "": the one that the service follows
	Service   string            `json:"s,omitempty"`
	Tag       string            `json:"t,omitempty"`
	More      string            `json:"m,omitempty"` // other services with their tags, as in a command
	Env       string            `json:"e,omitempty"`
	At        string            `json:"a,omitempty"`
	Wait      bool              `json:"q,omitempty"` // until its places are free
	Taken     bool              `json:"-"`           // they are not now
	Reason    string            `json:"w,omitempty"`
	Inputs    map[string]string `json:"i,omitempty"`
}

// Site is where it is about; without an environment as long as none is chosen.
func (s State) Site() deployer.Site { return deployer.Site{Name: s.Retailer, Environment: s.Env} }

// Notes are what is said about fields while the form is open, in mrkdwn, by
// their blocks.
type Notes map[string]string

// Draw draws the form of a deployment as it is at a time. Slack keeps what was typed or chosen as
// long as a field keeps its ids, so fields are preset only where they are new. The procedure's
// inputs are there once a service is chosen, or where all services follow the
// same procedure. Listed says that there is a list of the service's tags.
func Draw(r view.Renderer, s State, listed bool, notes Notes, now time.Time) (slack.ModalViewRequest, error) {
	memo, err := json.Marshal(State{Target: s.Target, Procedure: s.Procedure, Service: s.Service})
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	p := procedureOf(r, s)
	var fields []slack.Block
	if alone := withoutServices(r.Procedures); len(alone) > 0 {
		fields = append(fields, procedureField(alone))
	}
	if p.Services != deployer.ServicesNone {
		fields = append(fields, serviceField(Offered(r, s.Retailer)), tagField(s, listed))
	}
	if len(r.Services) > 1 && p.Services == deployer.ServicesMany {
		fields = append(fields, moreField())
	}
	fields = append(fields, envField(r.Retailers[s.Retailer].Environments))
	d := deployer.Deployment{Site: s.Site(), Procedure: p, Releases: []deployer.Release{{Service: s.Service, Tag: s.Tag}}}
	for _, f := range field.Asked(r.Language, d, p.Inputs, s.Inputs, now) {
		fields = append(fields, f.Block())
	}
	if p.HasPlannedStart() {
		fields = append(fields, atField())
	}
	if s.Taken {
		fields = append(fields, waitField())
	}
	fields = append(fields, reasonField())
	var blocks []slack.Block
	for _, f := range fields {
		blocks = append(blocks, f)
		if text := notes[f.ID()]; text != "" {
			blocks = append(blocks, slack.NewContextBlock(blockNote+f.ID(), mrkdwn.Text(mrkdwn.Cut(text, mrkdwn.SectionMax))))
		}
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: CallbackDeploy, PrivateMetadata: string(memo),
		Title: mrkdwn.PlainText(mrkdwn.Plain("Deploy to "+mrkdwn.Capital(s.Retailer), 24)), Submit: mrkdwn.PlainText("Next"), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: blocks},
	}, nil
}

// Parse reads what stands in a form, and its memo.
func Parse(r view.Renderer, c slack.InteractionCallback) (State, error) {
	var s State
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &s); err != nil {
		return s, fmt.Errorf("read a form's memo: %w", err)
	}
	s.Procedure = field.In(c, BlockProcedure).SelectedOption.Value
	s.Service = field.In(c, BlockService).SelectedOption.Value
	tag := field.In(c, BlockTag)
	s.Tag = strings.TrimSpace(tag.SelectedOption.Value + tag.Value)
	s.More = strings.TrimSpace(field.In(c, BlockMore).Value)
	s.Env = field.In(c, BlockEnv).SelectedOption.Value
	s.Reason = strings.TrimSpace(field.In(c, view.BlockReason).Value)
	s.At = strings.TrimSpace(field.In(c, BlockAt).Value)
	s.Wait = len(field.In(c, BlockWait).SelectedOptions) > 0
	var inputs []field.Field
	for _, in := range procedureOf(r, s).Inputs {
		inputs = append(inputs, field.Field{Input: in})
	}
	s.Inputs = field.ReadAll(inputs, c.View.State, r.NameOf)
	return s, nil
}

// RunsNow is what stands under the environment: what the service runs there. A
// run that is nil is not known; where no environment is chosen it is "".
func RunsNow(s State, run *deployer.Serving) string {
	switch {
	case s.Env == "":
		return ""
	case run == nil:
		return "What runs there now is not known: its system does not answer."
	}
	return "Runs now: " + view.Runs(*run)
}

// Where asks for whom; the answer turns it into the form of a deployment.
func Where(scopes []view.Scope) slack.ModalViewRequest {
	var options []*slack.OptionBlockObject
	for _, scope := range scopes[:min(len(scopes), field.OptionsMax)] {
		options = append(options, slack.NewOptionBlockObject(scope.Channel, mrkdwn.PlainText(mrkdwn.Plain(mrkdwn.Capital(scope.Retailer)+" · #"+scope.Name, field.OptionMax)), nil))
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, mrkdwn.PlainText("For whom?"), ActionWhere, options...)
	block := slack.NewInputBlock(BlockWhere, mrkdwn.PlainText("Retailer"), mrkdwn.PlainText("The card is posted to the retailer’s channel."), menu)
	block.DispatchAction = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: CallbackWhere, Title: mrkdwn.PlainText("Deploy"), Submit: mrkdwn.PlainText("Next"), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{block}},
	}
}

// Notice is a form that only says something.
func Notice(title, text string) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: mrkdwn.PlainText(title), Close: mrkdwn.PlainText("Close"),
		Blocks: slack.Blocks{BlockSet: mrkdwn.Sections([]string{text})},
	}
}
