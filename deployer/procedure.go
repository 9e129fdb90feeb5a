package deployer

import (
	"slices"
	"strings"
	"time"
)

// The step kinds of the core. Every other kind is brought by the package of
// the system that it talks to, named "system.verb".
const (
	KindConfirm  = "confirm"  // a person presses Done
	KindApprove  = "approve"  // people of a role approve the Subject
	KindAnnounce = "announce" // a message is posted, and seen to be posted
	KindRollout  = "rollout"  // every target is rolled out by its own runner
	KindWait     = "wait"     // time passes
)

// A Procedure is what a deployment follows from start to end. It is frozen
// into the deployment when that starts; a later change of the file does not
// reach it.
type Procedure struct {
	ID, Title, Owner string
	SHA              string // of the source, in hex: which text was followed
	Inputs           []Input
	Steps            []Step
	Failure          Failure
	Rollback         []Step
	Messages         map[string]string // by name: words with {placeholders}
}

// An Input is asked of the requester when a deployment starts.
type Input struct {
	ID, Label string
	Options   []string // none: any text
	Default   string
	Required  bool
}

// A Step is one line of a procedure. Which fields count depends on Uses.
type Step struct {
	ID, Phase, Title, Uses string

	Needs []string // ids of the steps that must be done first

	Role    string            // confirm, approve, announce to clients: who may answer; "": the requester
	Count   int               // approve: how many different people
	Items   []Item            // confirm: what is confirmed together
	Message string            // announce: a name in Procedure.Messages
	To      []string          // announce: names in Deployment.Channels
	Planned bool              // announce: only where a start is planned
	For     time.Duration     // wait: how long
	Until   string            // wait: instead, until what; see UntilPlanned
	Params  map[string]string // every other kind's parameters

	Expect          string // what one should see when it went well
	Troubleshooting string
	Estimate        time.Duration
	Timeout         time.Duration // 0: none

	Remind []time.Duration // steps that wait for people: when, after it began, the awaited are called again; increasing
}

// Verifies reports whether the step only looks whether all is well: its kind is
// the verify of some system.
func (s Step) Verifies() bool { return strings.HasSuffix(s.Uses, ".verify") }

// UntilPlanned is what a wait waits for: the planned start. Where none is
// planned it is over at once.
const UntilPlanned = "planned"

// HasPlannedStart reports whether the procedure waits for a planned start.
func (p Procedure) HasPlannedStart() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Until == UntilPlanned })
}

// An Item is one line of a checklist that a person confirms.
type Item struct{ Title, Link string }

// Failure says what happens when a step fails.
type Failure struct {
	Decide  string   // the role that may decide besides the requester; "": the roles that approve
	Message string   // told when a step fails: a name in Procedure.Messages
	Over    string   // told when what failed is done after all: a name likewise
	Stopped string   // told when it was stopped after something was announced, there as well: a name likewise
	To      []string // names in Deployment.Channels
	Held    string   // told where a start was announced, when its approval is asked again: a name likewise
	Resumed string   // told there when it goes on: a name likewise
}

// A Kind describes a step kind to whoever loads procedures.
type Kind struct {
	Name   string
	Doc    string
	Params []Param
}

// A Param is one key under "with".
type Param struct {
	Name     string
	Type     ParamType
	Required bool
	Options  []string // text: what it can be; none: anything
	Doc      string
}

// ParamType says what a parameter's value looks like.
type ParamType string

// The types of parameters.
const (
	TypeText     ParamType = "text"
	TypeNumber   ParamType = "number" // a whole number, at least 1
	TypeFlag     ParamType = "flag"   // true or false
	TypeDuration ParamType = "duration"
	TypeRole     ParamType = "role"     // a role of the config
	TypeMessage  ParamType = "message"  // a name under messages
	TypeChannels ParamType = "channels" // a list of channel names of the retailer
	TypeItems    ParamType = "items"    // a checklist
	TypePattern  ParamType = "pattern"  // a regular expression of Go's package regexp that does not match the empty text
	TypeURL      ParamType = "url"      // an Address
)

// CoreKinds are the kinds that the core itself runs.
func CoreKinds() []Kind {
	return []Kind{
		{Name: KindConfirm, Doc: "a person presses Done", Params: []Param{
			{Name: "role", Type: TypeRole, Doc: "who may press it besides the deciders; the requester when absent"},
			{Name: "items", Type: TypeItems, Doc: "a checklist that is confirmed as one"},
		}},
		{Name: KindApprove, Doc: "people of a role approve what will be rolled out; never the requester", Params: []Param{
			{Name: "role", Type: TypeRole, Required: true, Doc: "who may approve"},
			{Name: "count", Type: TypeNumber, Doc: "how many different people; 1 when absent"},
		}},
		{Name: KindAnnounce, Doc: "post a message and wait until Slack has taken it", Params: []Param{
			{Name: "message", Type: TypeMessage, Required: true, Doc: "which of the procedure's messages"},
			{Name: "to", Type: TypeChannels, Required: true, Doc: "the channels; deploys is the one typed in; clients stands alone, and what goes there is read by a person first"},
			{Name: "planned", Type: TypeFlag, Doc: "true: only where a start is planned"},
			{Name: "review", Type: TypeRole, Doc: "to clients: who reads and edits the words before they go out; the requester when absent"},
		}},
		{Name: KindRollout, Doc: "roll out every service by the runner that its config names"},
		{Name: KindWait, Doc: "wait", Params: []Param{
			{Name: "for", Type: TypeDuration, Doc: "how long"},
			{Name: "until", Type: TypeText, Options: []string{UntilPlanned}, Doc: "instead: until the planned start; over at once where none is planned"},
		}},
	}
}
