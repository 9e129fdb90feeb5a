package deployer

import (
	"maps"
	"slices"
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
	KindCheck    = "check"    // a condition holds
	KindRun      = "run"      // another procedure runs as a deployment of its own
)

// A Kind says what a step of it does. The core, the loader and whoever draws a
// step ask it, and never compare names. It is frozen into a deployment with the
// procedure.
type Kind struct {
	Name, Doc string
	Expect    string   // what one sees when it went well, where the step does not say
	Params    []Param  // what stands under "with"
	Outputs   []Param  // what it leaves behind, for later steps
	Fails     []string // names of its failures
	Work      Work
	Scope     Scope
	Repeat    Repeat
	Reads     Reading // where it only reads after all
	Mutates   bool    // it changes what runs: it waits for the approvals before it, and for gates
	Deploys   bool    // it mutates the targets: bound to the Subject, counted as touched, undone by the rollback, never skipped
	OfTarget  bool    // it is done by the runner of each target's own system
	Asks      *Asks   // people: who answers, and what
	Opens     string  // the parameter that says under which name later steps find the channel that the effect's Ref is the id of; "": it opens none
	Gate      string  // the parameter that names the role which answers the system's own questions; nobody where it is not given
}

// byHand is the kind where its system is not there: a person does it, and says so.
func (k *Kind) byHand() *Kind {
	hand := *k
	hand.Work, hand.Repeat, hand.Deploys, hand.OfTarget, hand.Gate = WorkPeople, "", false, false, ""
	hand.Asks = &Asks{Choices: []Option{{ChoiceDone, LeadDone}}}
	return &hand
}

// once is the kind where there are no services: done once, for all that there is.
func (k *Kind) once() *Kind {
	if k.Scope != ScopeServices {
		return k
	}
	once := *k
	once.Scope = ScopeOnce
	return &once
}

// Work says who does the steps of a kind.
type Work string

// Who does a step.
const (
	WorkSystem   Work = "system"   // a Runner looks, acts and follows
	WorkPeople   Work = "people"   // somebody answers what Asks says
	WorkMessages Work = "messages" // messages are posted, and seen to be
	WorkTime     Work = "time"     // time passes
	WorkFact     Work = "fact"     // a condition holds or does not: it is over as soon as it begins
)

// Scope says how often a step is done.
type Scope string

// How often.
const (
	ScopeOnce     Scope = "once"     // but for every member where the step has a list of them
	ScopeServices Scope = "services" // once for every service
	ScopeMembers  Scope = "members"  // once for every member of the step's list
)

// Repeat says how a repeat is made harmless, when nobody knows how a try ended.
type Repeat string

// How a repeat is made harmless.
const (
	RepeatReads        Repeat = "reads"        // it changes nothing
	RepeatConditional  Repeat = "conditional"  // the system refuses a second one
	RepeatDeduplicated Repeat = "deduplicated" // the system takes a second one for the first
	RepeatFindable     Repeat = "findable"     // it is looked for, once a try has had the time to show
	RepeatAtMostOnce   Repeat = "at-most-once" // it is never tried again
)

// Reading says when a step only reads, although others of its kind change something:
// then it is as if its kind were of RepeatReads and changed nothing. The zero Reading
// is never.
type Reading struct {
	Param  string   // of which it depends
	Values []string // with one of which it reads, a flag's in words; "": where it is not given
}

// of is the kind as it is for a step with these parameters.
func (k *Kind) of(with Values) *Kind {
	if k.Reads.Param == "" {
		return k
	}
	v := with[k.Reads.Param]
	word := v.Text
	if v.Flag {
		word = "true"
	}
	if !slices.Contains(k.Reads.Values, word) {
		return k
	}
	reads := *k
	reads.Repeat, reads.Mutates = RepeatReads, false
	return &reads
}

// Asks says what people are asked by a kind, and who they are.
type Asks struct {
	Role    string   // the parameter that names the role that may answer; where it is not given, the requester and the deciders
	Count   string   // the parameter that says how many different people; one where it is not given
	Roles   string   // the parameter that names, instead of one role, several that all have to answer
	Subject bool     // an answer is about the Subject: never the requester's, and void when that changes
	Choices []Option // the first is what they are asked for
}

// An Option is one way to answer.
type Option struct {
	Choice Choice
	Leads  Lead
}

// Lead is where a choice leads.
type Lead string

// Where a choice leads.
const (
	LeadDone Lead = "done" // it counts towards the step's end
	LeadStop Lead = "stop" // the deployment is stopped
	LeadWait Lead = "wait" // it is answered first
)

// option returns what a choice leads to.
func (a *Asks) option(c Choice) (Option, bool) {
	if a == nil {
		return Option{}, false
	}
	i := slices.IndexFunc(a.Choices, func(o Option) bool { return o.Choice == c })
	if i < 0 {
		return Option{}, false
	}
	return a.Choices[i], true
}

// A Param is one key under "with", or one output.
type Param struct {
	Name     string
	Type     ParamType
	Required bool
	Options  []string // text: what it can be; none: anything
	Default  string   // what it is where it is not given, for people to read; "": none, or what Doc says
	Escape   Escape   // of a text, a list or texts: for where its placeholders are filled
	Instead  string   // another parameter that may be given instead: one of the two has to be
	Doc      string
}

// Escape says where the placeholders of a text are filled, so that no value is read
// as more than a value.
type Escape string

// Where.
const (
	EscapeNone   Escape = ""       // a text of its own
	EscapeURL    Escape = "url"    // percent signs
	EscapeJSON   Escape = "json"   // within a string of JSON
	EscapePromQL Escape = "promql" // within a string of PromQL
	EscapeShell  Escape = "shell"  // each becomes a variable: Value.Texts has them, by name
)

// ParamType says what a parameter's value looks like.
type ParamType string

// The types of parameters, each with the field of Value that holds it.
const (
	TypeText     ParamType = "text"     // Text
	TypeNumber   ParamType = "number"   // Number: a whole number, at least 1
	TypeFlag     ParamType = "flag"     // Flag: true or false
	TypeDuration ParamType = "duration" // Duration
	TypeRole     ParamType = "role"     // Text: a role of the config
	TypeMessage  ParamType = "message"  // Text: a name under messages
	TypeChannels ParamType = "channels" // List: channel names of the retailer
	TypeList     ParamType = "list"     // List: texts
	TypeItems    ParamType = "items"    // Items: a checklist
	TypePattern  ParamType = "pattern"  // Text: a regular expression of Go's package regexp that does not match the empty text
	TypeURL      ParamType = "url"      // Text: a URL of http or https
	TypeTexts    ParamType = "texts"    // Texts: by name
	TypeRoles    ParamType = "roles"    // List: roles of the config
	TypeCounts   ParamType = "counts"   // Counts: by role
	TypeInputs   ParamType = "inputs"   // Inputs
	TypeChoices  ParamType = "choices"  // Rows: each with id, label, and reason where it takes one
	TypeChoice   ParamType = "choice"   // Text: the id of one of the choices
	TypeTime     ParamType = "time"     // Time; until the step begins Text, an expression
	TypeCond     ParamType = "cond"     // Flag; until the step begins Text, an expression
	TypeOutputs  ParamType = "outputs"  // Texts: of each output that the step leaves behind, where it is found
	TypeChecks   ParamType = "checks"   // Rows: each with name, query and its limits
	TypeRunner   ParamType = "runner"   // Texts: uses, and what that takes
	TypeHolds    ParamType = "holds"    // List: after how many pods, such as 1 and 25%
	TypeSteps    ParamType = "steps"    // List: ids of steps
)

// Values are what stands under "with", or what a step leaves behind, by name.
type Values map[string]Value

// A Value is one of them. Its Param's type says which field holds it.
type Value struct {
	Text     string
	Number   int
	Flag     bool
	Duration time.Duration
	Time     time.Time
	List     []string
	Items    []Item
	Texts    map[string]string
	Counts   map[string]int
	Rows     []map[string]string
	Inputs   []Input
}

// Set is the same values with one more, or with another one.
func (v Values) Set(name string, value Value) Values {
	out := make(Values, len(v)+1)
	maps.Copy(out, v)
	out[name] = value
	return out
}

var coreKinds = []Kind{
	{
		Name: KindConfirm, Work: WorkPeople, Scope: ScopeOnce,
		Asks: &Asks{Role: "role", Choices: []Option{{ChoiceDone, LeadDone}}},
		Doc:  "somebody presses Done, for one thing or for a whole checklist; those that stand side by side are one form",
		Params: []Param{
			{Name: "role", Type: TypeRole, Default: "requester", Doc: "who may"},
			{Name: "items", Type: TypeItems, Doc: "a checklist; an item is a text, or {title, link, evidence}"},
			{Name: "evidence", Type: TypeText, Options: []string{"none", "text", "link"}, Doc: "what has to be given with Done"},
		},
		Outputs: []Param{
			{Name: "evidence", Type: TypeText, Doc: "what was given"},
		},
	},
	{
		Name: KindApprove, Work: WorkPeople, Scope: ScopeOnce,
		Asks: &Asks{Role: "role", Count: "count", Roles: "roles", Subject: true, Choices: []Option{{ChoiceApprove, LeadDone}, {ChoiceChanges, LeadWait}, {ChoiceReject, LeadStop}}},
		Doc:  "people say yes to exactly what will be done; never the requester, nobody twice, void when it changes",
		Params: []Param{
			{Name: "role", Type: TypeRole, Instead: "roles", Doc: "who may; or roles"},
			{Name: "count", Type: TypeNumber, Default: "1", Doc: "how many different people of role"},
			{Name: "roles", Type: TypeCounts, Doc: "instead: {role: how many}, all of them; somebody of two roles counts once"},
			{Name: "expires", Type: TypeDuration, Doc: "asked again when the first deed (rollout, job, build, workflow, run) does not begin within this time"},
			{Name: "carry_over", Type: TypeDuration, Doc: "taken over where the same images were approved that recently by the same rule"},
		},
		Fails: []string{"rejected"},
	},
	{
		Name: KindAnnounce, Work: WorkMessages, Scope: ScopeOnce, Repeat: RepeatFindable,
		Asks: &Asks{Role: "review", Choices: []Option{{ChoiceSend, LeadDone}}},
		Doc:  "a message is posted, and seen to be posted",
		Params: []Param{
			{Name: "message", Type: TypeMessage, Default: "the step's id", Doc: "which of messages"},
			{Name: "to", Type: TypeChannels, Doc: "of the retailer in the config; deploys is the one typed in; clients stands alone"},
			{Name: "people", Type: TypeRoles, Doc: "who gets it as a direct message"},
			{Name: "review", Type: TypeRole, Default: "requester for clients, else nobody", Doc: "who reads and edits it first"},
			{Name: "planned", Type: TypeFlag, Default: "false", Doc: "only where a start is planned"},
			{Name: "unless", Type: TypePattern, Doc: "not where a message since the start matches it already, whoever posted it"},
		},
		Outputs: []Param{
			{Name: "url", Type: TypeText, Doc: "of the first message"},
		},
		Fails: []string{"undelivered"},
	},
	{
		Name: KindWait, Work: WorkTime, Scope: ScopeOnce,
		Doc: "time passes",
		Params: []Param{
			{Name: "for", Type: TypeDuration, Instead: "until", Doc: "how long"},
			{Name: "until", Type: TypeTime, Doc: "instead: a moment, such as planned, or planned - duration(\"30m\")"},
		},
	},
	{
		Name: KindCheck, Work: WorkFact, Scope: ScopeOnce,
		Expect: "What the procedure rests on is so.",
		Doc:    "a condition holds, or the step fails with what it expects",
		Params: []Param{
			{Name: "that", Type: TypeCond, Required: true, Doc: "the condition"},
		},
		Fails: []string{"untrue"},
	},
	{
		Name: KindRollout, Work: WorkSystem, Scope: ScopeServices, Repeat: RepeatConditional, Mutates: true, Deploys: true, OfTarget: true, Gate: "proceed",
		Doc: "what this is all for; every service by the runner of its config (kubernetes, helm, jenkins, github), under rollback to what last ran well there (complete and proven; where nothing is known, what stood before, and the dialog says so)",
		Params: []Param{
			{Name: "runner", Type: TypeRunner, Default: "the service's", Doc: "instead, as under rollout in the config"},
			{Name: "proceed", Type: TypeRole, Default: "nobody", Doc: "who answers a gate of the pipeline (an input of Jenkins, an environment of GitHub); approved: by itself where exactly this was approved"},
			{Name: "hold", Type: TypeHolds, Doc: "stands after so many new pods, such as [1] or [1, 25%]; done when it stands at the first, promote lets it go on to the next or to the end; kubernetes alone"},
		},
		Fails: []string{"crash-loop", "image-pull", "unschedulable", "quota", "stalled", "replaced", "refused", "build-failed", "rejected", "cannot-hold"},
	},
}

// CoreKinds are the kinds that the core itself runs. RunKind is one more.
func CoreKinds() []Kind { return slices.Clone(coreKinds) }

var runKind = Kind{
	Name: KindRun, Work: WorkSystem, Scope: ScopeOnce, Repeat: RepeatConditional, Mutates: true,
	Doc: "another procedure runs to its end, at this retailer or at another; it has its own card, and a line on this one",
	Params: []Param{
		{Name: "procedure", Type: TypeText, Required: true, Doc: "which"},
		{Name: "retailer", Type: TypeText, Default: "this one", Doc: "where"},
		{Name: "environment", Type: TypeText, Default: "this one", Doc: "where"},
		{Name: "inputs", Type: TypeTexts, Doc: "{id: text} of that procedure"},
		{Name: "approved", Type: TypeFlag, Default: "false", Doc: "true: what was approved here covers it, for the same images; it does not ask again"},
	},
	Outputs: []Param{
		{Name: "id", Type: TypeText, Doc: "of that deployment"},
		{Name: "url", Type: TypeText, Doc: "of its card"},
		{Name: "outcome", Type: TypeText, Doc: "complete or rolled-back or stopped"},
	},
	Fails: []string{"refused", "stopped", "rolled-back"},
}

// RunKind is the kind whose steps start another deployment. It is for procedures
// where the engine can do that: see its Launch.
func RunKind() Kind { return runKind }

// kindNamed finds a kind among those frozen with a procedure, or those of the
// core. A name that neither knows is taken for a system's, done for every
// service: that is what every such kind was before kinds were frozen.
func kindNamed(frozen []Kind, name string) *Kind {
	for _, kinds := range [][]Kind{frozen, coreKinds, {runKind}} {
		for i := range kinds {
			if kinds[i].Name == name {
				return &kinds[i]
			}
		}
	}
	return &Kind{Name: name, Work: WorkSystem, Scope: ScopeServices, Repeat: RepeatConditional}
}
