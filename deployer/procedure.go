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
	Unapproved       string // why what it deploys needs no approval; "": it needs one, or it deploys nothing
	SHA              string // of the source, in hex: which text was followed
	Kinds            []Kind // of its steps, as they were when it was loaded
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

// A Step is one line of a procedure.
type Step struct {
	ID, Phase, Title, Uses string

	Kind  *Kind    // what Uses names; set by Bind
	Needs []string // ids of the steps that must be done first
	When  string   // a condition; "": always. Where it does not hold, the step is not needed
	Else  string   // why it is not needed then
	Each  []string // once for each of these, where its kind is done once or for members
	With  Values   // the parameters of its kind

	Expect          string // what one should see when it went well
	Troubleshooting string
	Estimate        time.Duration
	Timeout         time.Duration // 0: none

	Remind []time.Duration // where people are awaited: when, after they were asked, they are called again; increasing
}

// A Part of a procedure runs by itself: what people say about one touches no
// other.
type Part string

// The parts.
const (
	PartMain     Part = "" // the phases
	PartRollback Part = "rollback"
)

// Bind ties every step to its kind.
func (p *Procedure) Bind() {
	for _, steps := range [][]Step{p.Steps, p.Rollback} {
		for i := range steps {
			steps[i].Kind = kindNamed(p.Kinds, steps[i].Uses)
		}
	}
}

// bound is the procedure with every step tied to its kind.
func (p Procedure) bound() Procedure {
	unbound := func(s Step) bool { return s.Kind == nil }
	if slices.ContainsFunc(p.Steps, unbound) || slices.ContainsFunc(p.Rollback, unbound) {
		p.Steps, p.Rollback = slices.Clone(p.Steps), slices.Clone(p.Rollback)
		p.Bind()
	}
	return p
}

// kind is what the step does, also where it stands in no procedure yet.
func (s Step) kind() *Kind {
	if s.Kind != nil {
		return s.Kind
	}
	return kindNamed(nil, s.Uses)
}

// Work says who does the step.
func (s Step) Work() Work { return s.kind().Work }

// Deploys reports whether the step changes what the targets run.
func (s Step) Deploys() bool { return s.kind().Deploys }

// Mutates reports whether the step changes what runs anywhere.
func (s Step) Mutates() bool { return s.kind().Mutates }

// scope is how often the step is done.
func (s Step) scope() Scope {
	if s.kind().Scope == ScopeOnce && len(s.Each) > 0 {
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
	if asks := s.kind().Asks; asks != nil {
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
