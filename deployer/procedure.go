package deployer

import (
	"slices"
	"time"
)

// A Procedure is what a deployment follows from start to end. It is frozen
// into the deployment when that starts; a later change of the file does not
// reach it.
type Procedure struct {
	ID, Title, Owner string
	About            string       // Markdown
	Abstract         bool         // it serves others, and is never started itself
	Services         ServiceCount // how many it is about
	Environments     []string     // where it may be used; none: everywhere
	Unapproved       string       // why what it deploys needs no approval; "": it needs one, or it deploys nothing
	SHA              string       // of the source, in hex: which text was followed
	Kinds            []Kind       // of its steps, as they were when it was loaded
	Inputs           []Input
	Vars             map[string]string            // by name: a text that the config may set, with what it is here
	ServiceVars      map[string]map[string]string // by service: those that differ there
	Values           map[string]string            // by name: an expression, computed whenever it is read
	Windows          []Window
	Phases           []Phase
	Steps            []Step
	Failure          Failure
	Rollback         []Step
	After            []Step            // once it has ended: its places are free by then
	Messages         map[string]string // by name: words with {placeholders}
	Titles           map[string]string // by the message's name: of those that have a title, for pages, mails and releases
	Troubles         []Trouble
	OnCall           string // the role of whoever is on call for what it is about; "": none is known. Set when a deployment starts, as BreakGlass is
	BreakGlass       string // the role whose people may answer where nobody else comes; "": nobody
}

// ServiceCount says how many services a procedure is about.
type ServiceCount string

// How many.
const (
	ServicesMany ServiceCount = "" // one or more
	ServicesOne  ServiceCount = "one"
	ServicesNone ServiceCount = "none"
)

// A Phase is a barrier: it begins when the one before is done.
type Phase struct {
	ID, Title string
	When      string // a condition, asked once when it begins; "": always. Where it does not hold, none of its steps is needed
	Else      string // why not
}

// A Window says how a time of the week is for what a procedure does. The first
// that fits counts.
type Window struct {
	When         string // a condition over the inputs; "": always
	Environments []string
	Days         []string // mon … sun, weekday, weekend, holiday, before-holiday; none: all
	From, To     string   // times of the day, such as 18:00; "": all day. To may be before From
	Zone         string   // "": the retailer's
	Is           WindowIs
	Why          string
	Override     string // the role that may go on where it is refused, or is over; "": nobody
	Ends         WindowEnds
}

// WindowEnds is what comes of what has begun in a window, and has more to change, once
// that is over. "": it goes on, unless what comes then refuses, which asks.
type WindowEnds string

// What comes of it.
const (
	EndsFinish WindowEnds = "finish"
	EndsHold   WindowEnds = "hold" // until it is fine again
	EndsAsk    WindowEnds = "ask"  // likewise, and those who decide are asked
)

// WindowIs is what a window makes of a start.
type WindowIs string

// What it makes of it.
const (
	WindowFine   WindowIs = "fine"
	WindowWarn   WindowIs = "warn"
	WindowRefuse WindowIs = "refuse"
)

// A Trouble is what somebody should know who meets a failure.
type Trouble struct {
	Failure                 string // a name among the kind's Fails; "": any
	Symptom, Diagnosis, Fix string
	Causes                  []string
}

// An Input is asked of the requester when a deployment starts, or of whoever fills
// in a form.
type Input struct {
	ID, Label string
	Kind      InputKind
	Options   []string // none: any text
	OptionsOf string   // instead: an expression, a list of texts
	Default   string   // of several, one a line
	Required  bool
	Many      bool   // it is a list: one a line, or several of the options
	When      string // a condition over the inputs before it; where it does not hold it is not asked; "": always
	Help      string
	Pattern   string // a regular expression of Go's; "": anything
	Clients   bool   // words for clients may hold it
}

// InputKind says what an input is. Its value is kept as text.
type InputKind string

// The kinds of inputs, and how their text is written.
const (
	InputText     InputKind = ""         // as it is
	InputChoice   InputKind = "choice"   // one of the options
	InputBoolean  InputKind = "boolean"  // true or false
	InputNumber   InputKind = "number"   // a whole number
	InputTime     InputKind = "time"     // RFC 3339
	InputDuration InputKind = "duration" // Go's, such as 1h30m; ParseSpan reads what people write
	InputLink     InputKind = "link"     // a URL of http or https
	InputPerson   InputKind = "person"   // the chat system's id, and behind a space the name
)

// A Step is one line of a procedure.
type Step struct {
	ID, Phase, Title, Uses string // Phase is the id of its phase, or what it is called where Procedure.Phases has none of that id

	Kind   *Kind    // what Uses names; set by Bind
	Hand   bool     // its system is not there: a person does it, and fills in Fields. Set when a deployment starts
	Fields []Input  // what whoever does it fills in: its kind's outputs that something uses
	Needs  []string // ids of the steps that must be done first
	When   string   // a condition; "": always. Where it does not hold, the step is not needed
	Else   string   // why it is not needed then
	Each   []string // once for each of these, where its kind is done once or for members
	EachOf string   // instead: an expression, a list of texts; or EachService
	Order  Waves
	With   Values // the parameters of its kind: texts hold {placeholders}, and times and conditions are expressions, until the step begins

	Expect          string // what one should see when it went well
	How             string // how it is done
	Links           []Item // by their labels
	Troubleshooting string
	Troubles        []Trouble
	Estimate        time.Duration
	Timeout         time.Duration // 0: none
	Deadline        string        // an expression, a moment; "": none
	Retries         Retries       // of kinds that do not act
	OnFailure       OnFailure
	MaySkip         string // the role that may skip it, or MaySkipNobody; "": whoever decides
	Background      bool   // nothing waits for it, not even the end

	Remind   []time.Duration // where people are awaited: when, after they were asked, they are called again; increasing
	Escalate Escalate        // where they don't come

	In           time.Duration // of PartAfter: since the end
	Every, Lasts time.Duration // of PartAfter: again and again, for so long
}

// EachService is the EachOf of a step that is done once for every service.
const EachService = "services"

// MaySkipNobody is the MaySkip of a step that nobody may skip.
const MaySkipNobody = "nobody"

// Waves say in which order what a step is done for comes: in waves of so many,
// the last of which is repeated. None: all together. WaveRest is all that is left.
type Waves []int

// WaveRest is the size of a wave of all that is left.
const WaveRest = -1

// InTurn is one after the other.
var InTurn = Waves{1}

// Retries say how often a step that failed is tried again by itself.
type Retries struct {
	Times int
	Every time.Duration // the pause before each
}

// OnFailure says what comes of a step that fails.
type OnFailure string

// What comes of it.
const (
	FailureDecide   OnFailure = ""          // somebody decides
	FailureContinue OnFailure = "continue"  // it is noted, and counts as over
	FailureStop     OnFailure = "stop"      // the deployment ends calmly
	FailureRollBack OnFailure = "roll-back" // it goes back at once
)

// Escalate says what happens when those who are awaited don't come: how long
// after they were asked. 0: never.
type Escalate struct {
	Deputies   time.Duration // the role's deputies may answer too
	Page       time.Duration // they are paged
	BreakGlass time.Duration // whoever is on call may answer, with a reason
}

// A Part of a procedure runs by itself: what people say about one touches no
// other.
type Part string

// The parts.
const (
	PartMain     Part = "" // the phases
	PartRollback Part = "rollback"
	PartFailure  Part = "failure" // at once, whenever a step fails, beside the decision
	PartAfter    Part = "after"   // once it has ended
)

// Bind ties every step to its kind.
func (p *Procedure) Bind() {
	for _, steps := range p.parts() {
		for i := range steps {
			steps[i].Kind = kindNamed(p.Kinds, steps[i].Uses).of(steps[i].With)
			if p.Services == ServicesNone {
				steps[i].Kind = steps[i].Kind.once()
			}
			if steps[i].Hand {
				steps[i].Kind = steps[i].Kind.byHand()
			}
		}
	}
}

// parts are the steps of each part.
func (p *Procedure) parts() [][]Step {
	return [][]Step{p.Steps, p.Rollback, p.Failure.Steps, p.After}
}

// GoesOn reports whether it has steps that may go on after the end of a deployment.
func (p Procedure) GoesOn() bool {
	return len(p.Failure.Steps)+len(p.After) > 0 || slices.ContainsFunc(slices.Concat(p.Steps, p.Rollback), func(s Step) bool { return s.Background })
}

// bound is the procedure with every step tied to its kind.
func (p Procedure) bound() Procedure {
	unbound := func(s Step) bool {
		return s.Kind == nil || s.Hand && s.Kind.Work != WorkPeople || p.Services == ServicesNone && s.Kind.Scope == ScopeServices
	}
	if slices.ContainsFunc(p.parts(), func(steps []Step) bool { return slices.ContainsFunc(steps, unbound) }) {
		p.Steps, p.Rollback = slices.Clone(p.Steps), slices.Clone(p.Rollback)
		p.Failure.Steps, p.After = slices.Clone(p.Failure.Steps), slices.Clone(p.After)
		p.Bind()
	}
	return p
}

// PhaseOf is the phase of a step of the main part, or one that is called as that says and
// begins always.
func (p Procedure) PhaseOf(s Step) Phase {
	for _, ph := range p.Phases {
		if ph.ID == s.Phase {
			return ph
		}
	}
	return Phase{Title: s.Phase}
}

// kind is what the step does, also where it stands in no procedure yet.
func (s Step) kind() *Kind {
	if s.Kind != nil {
		return s.Kind
	}
	return kindNamed(nil, s.Uses).of(s.With)
}

// Work says who does the step.
func (s Step) Work() Work { return s.kind().Work }

// Deploys reports whether the step changes what the targets run.
func (s Step) Deploys() bool { return s.kind().Deploys }

// Mutates reports whether the step changes what runs anywhere.
func (s Step) Mutates() bool { return s.kind().Mutates }

// Scope is how often the step is done.
func (s Step) Scope() Scope {
	switch {
	case s.EachOf == EachService:
		return ScopeServices
	case s.kind().Scope == ScopeOnce && (len(s.Each) > 0 || s.EachOf != ""):
		return ScopeMembers
	}
	return s.kind().Scope
}

// Proves reports whether the step only looks whether all is well.
func (s Step) Proves() bool { return s.Work() == WorkSystem && s.kind().Repeat == RepeatReads }

// Announces reports whether the step posts messages.
func (s Step) Announces() bool { return s.Work() == WorkMessages }

// Waits reports whether the step lets time pass.
func (s Step) Waits() bool { return s.Work() == WorkTime }

// Approves reports whether the step asks people to approve the Subject.
func (s Step) Approves() bool { return s.Work() == WorkPeople && s.kind().Asks.Subject }

// Confirms reports whether the step asks people for anything else.
func (s Step) Confirms() bool { return s.Work() == WorkPeople && !s.kind().Asks.Subject }

// Role is the role that may answer the step; "": the requester.
func (s Step) Role() string {
	if asks := s.kind().Asks; asks != nil && s.With[asks.Role].Text != RoleRequester {
		return s.With[asks.Role].Text
	}
	return ""
}

// GateRole is the role that answers what the step's system asks half way; "":
// nobody here.
func (s Step) GateRole() string { return s.With[s.kind().Gate].Text }

// Count is how many different people have to answer the step; 0: one.
func (s Step) Count() int {
	if asks := s.kind().Asks; asks != nil {
		return s.With[asks.Count].Number
	}
	return 0
}

// Items are confirmed together.
func (s Step) Items() []Item { return s.With["items"].Items }

// Message is the name of the words that the step announces.
func (s Step) Message() string { return s.With["message"].Text }

// To are the names of the channels where the step announces.
func (s Step) To() []string { return s.With["to"].List }

// Planned reports whether the step announces only where a start is planned.
func (s Step) Planned() bool { return s.With["planned"].Flag }

// For is how long the step waits.
func (s Step) For() time.Duration { return s.With["for"].Duration }

// Until is what the step waits for instead; see UntilPlanned.
func (s Step) Until() string { return s.With["until"].Text }

// UntilPlanned is what a wait waits for: the planned start. Where none is
// planned it is over at once.
const UntilPlanned = "planned"

// HasPlannedStart reports whether the procedure waits for a planned start.
func (p Procedure) HasPlannedStart() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Until() == UntilPlanned })
}

// An Item is one line of a checklist that a person confirms.
type Item struct{ Title, Link, Evidence string } // Evidence: text or link, where it has to be given

// Failure says what happens when a step fails.
type Failure struct {
	Roles    []string      // other roles that decide
	Experts  []string      // roles that are called in
	Prefer   Choice        // the first button; "": none is preferred
	Timeout  time.Duration // then Default; 0: none
	Default  Choice
	People   []string // roles that are told by direct messages
	Remind   []time.Duration
	Escalate Escalate
	Steps    []Step // at once, whenever a step fails

	Decide  string   // the role that decides; the requester may check again, retry and stop. "": the roles that approve and the requester
	Message string   // told when a step fails: a name in Procedure.Messages
	Over    string   // told when what failed is done after all: a name likewise
	Stopped string   // told when it was stopped after something was announced, there as well: a name likewise
	To      []string // names in Deployment.Channels
	Held    string   // told where a start was announced, when its approval is asked again: a name likewise
	Resumed string   // told there when it goes on: a name likewise
}
