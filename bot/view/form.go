package view

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
)

// The callback ids of the forms.
const (
	FormWhere        = "where" // asks for whom, when a form is not opened from a channel
	FormDeploy       = "deploy"
	FormConfirm      = "confirm"
	FormReview       = "review"
	FormStep         = "step" // what whoever does or answers a step fills in
	FormTrail        = "trail"
	FormReasonPrefix = "why/" // the verb of the button that asks for a reason stands behind it
)

// The ids of the blocks that hold the fields.
const (
	BlockWhere     = "where"
	BlockProcedure = "procedure"
	BlockService   = "service"
	BlockTag       = "tag"
	BlockMore      = "more"
	BlockEnv       = "env"
	BlockAt        = "at"
	BlockReason    = "reason"     // of a deployment, or of what a button does
	BlockReview    = "words"      // what clients read
	BlockInput     = field.Prefix // the input's id stands behind it
	blockNote      = "note/"      // the id of the field that it is about stands behind it
)

// ActionWhere is the action id of the menu in BlockWhere.
const ActionWhere = "menu"

// FormTarget is where a form deploys to.
type FormTarget struct {
	Channel  string `json:"c"`
	Retailer string `json:"r"`
}

// A FormState is what stands in a form of a deployment so far.
type FormState struct {
	FormTarget
	Procedure string            `json:"p,omitempty"` // of one without services; "": the one that the service follows
	Service   string            `json:"s,omitempty"`
	Tag       string            `json:"t,omitempty"`
	More      string            `json:"m,omitempty"` // other services with their tags, as in a command
	Env       string            `json:"e,omitempty"`
	At        string            `json:"a,omitempty"`
	Reason    string            `json:"w,omitempty"`
	Inputs    map[string]string `json:"i,omitempty"`
}

// Site is where it is about; without an environment as long as none is chosen.
func (s FormState) Site() deployer.Site { return deployer.Site{Name: s.Retailer, Environment: s.Env} }

// FieldNotes are what is said about fields while the form is open, in mrkdwn, by
// their blocks.
type FieldNotes map[string]string

// Form draws the form of a deployment as it is at a time. Slack keeps what was typed or chosen as
// long as a field keeps its ids, so fields are preset only where they are new. The procedure's
// inputs are there once a service is chosen, or where all services follow the
// same procedure. Listed says that there is a list of the service's tags.
func (r Renderer) Form(s FormState, listed bool, notes FieldNotes, now time.Time) (slack.ModalViewRequest, error) {
	memo, err := json.Marshal(FormState{FormTarget: s.FormTarget, Procedure: s.Procedure, Service: s.Service})
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	p := r.procedureOf(s)
	var fields []slack.Block
	if alone := withoutServices(r.Procedures); len(alone) > 0 {
		fields = append(fields, procedureField(alone))
	}
	if p.Services != deployer.ServicesNone {
		fields = append(fields, serviceField(r.Offered(s.Retailer)), tagField(s, listed))
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
	fields = append(fields, reasonField())
	var blocks []slack.Block
	for _, f := range fields {
		blocks = append(blocks, f)
		if text := notes[f.ID()]; text != "" {
			blocks = append(blocks, slack.NewContextBlock(blockNote+f.ID(), mrkdwn.Text(mrkdwn.Cut(text, mrkdwn.SectionMax))))
		}
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: FormDeploy, PrivateMetadata: string(memo),
		Title: mrkdwn.PlainText(mrkdwn.Plain("Deploy to "+mrkdwn.Capital(s.Retailer), 24)), Submit: mrkdwn.PlainText("Next"), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: blocks},
	}, nil
}

// FieldOf is what stands in a block of a form that holds one element.
func FieldOf(c slack.InteractionCallback, block string) slack.BlockAction {
	if c.View.State != nil {
		for _, value := range c.View.State.Values[block] {
			return value
		}
	}
	return slack.BlockAction{}
}

// ParseForm reads what stands in a form, and its memo.
func (r Renderer) ParseForm(c slack.InteractionCallback) (FormState, error) {
	var s FormState
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &s); err != nil {
		return s, fmt.Errorf("read a form's memo: %w", err)
	}
	s.Procedure = FieldOf(c, BlockProcedure).SelectedOption.Value
	s.Service = FieldOf(c, BlockService).SelectedOption.Value
	tag := FieldOf(c, BlockTag)
	s.Tag = strings.TrimSpace(tag.SelectedOption.Value + tag.Value)
	s.More = strings.TrimSpace(FieldOf(c, BlockMore).Value)
	s.Env = FieldOf(c, BlockEnv).SelectedOption.Value
	s.Reason = strings.TrimSpace(FieldOf(c, BlockReason).Value)
	s.At = strings.TrimSpace(FieldOf(c, BlockAt).Value)
	var inputs []field.Field
	for _, in := range r.procedureOf(s).Inputs {
		inputs = append(inputs, field.Field{Input: in})
	}
	s.Inputs = field.ReadAll(inputs, c.View.State, r.nameOf)
	return s, nil
}

// nameOf is how a person is called, who may be one that nobody has asked about yet.
func (r Renderer) nameOf(id string) string {
	name := r.Person(deployer.Actor{ID: id})
	if name == id {
		return ""
	}
	return name
}

// RunsNow is what stands under the environment: what the service runs there. A
// run that is nil is not known; where no environment is chosen it is "".
func RunsNow(s FormState, run *deployer.Serving) string {
	switch {
	case s.Env == "":
		return ""
	case run == nil:
		return "What runs there now is not known: its system does not answer."
	}
	return "Runs now: " + runs(*run)
}

// WhereForm asks for whom; the answer turns it into the form of a deployment.
func (r Renderer) WhereForm(scopes []Scope) slack.ModalViewRequest {
	var options []*slack.OptionBlockObject
	for _, scope := range scopes[:min(len(scopes), field.OptionsMax)] {
		options = append(options, slack.NewOptionBlockObject(scope.Channel, mrkdwn.PlainText(mrkdwn.Plain(mrkdwn.Capital(scope.Retailer)+" · #"+scope.Name, field.OptionMax)), nil))
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, mrkdwn.PlainText("For whom?"), ActionWhere, options...)
	block := slack.NewInputBlock(BlockWhere, mrkdwn.PlainText("Retailer"), mrkdwn.PlainText("The card is posted to the retailer’s channel."), menu)
	block.DispatchAction = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: FormWhere, Title: mrkdwn.PlainText("Deploy"), Submit: mrkdwn.PlainText("Next"), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{block}},
	}
}
