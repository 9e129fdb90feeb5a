package deployer

import (
	"slices"
	"time"
)

// StepStatus is where a step stands.
type StepStatus string

// The states of a step.
const (
	Pending         StepStatus = "pending"
	Active          StepStatus = "active"
	Done            StepStatus = "done"
	StepFailed      StepStatus = "failed"
	StepInterrupted StepStatus = "interrupted"
	StepNotNeeded   StepStatus = "not-needed" // it has nothing to do in this deployment
)

// Over reports whether a step with that status has come to a good end, or to none
// that anybody waits for. Of a step that is there, StepState.Over says it.
func (s StepStatus) Over() bool { return s == Done || s == StepNotNeeded }

// Over reports whether what comes after the step may begin: it is over, or it has
// failed and that is only noted.
func (s StepState) Over() bool { return s.Status.Over() || s.Noted() }

// Noted reports whether the step did not go well, and nobody has to decide about it:
// the procedure goes on without it. What deploys and what is approved can't be done
// without, and what acts and may have acted somebody looks at.
func (s StepState) Noted() bool {
	switch {
	case !s.failed():
		return false
	case s.Part == PartFailure:
		return true
	case s.OnFailure != FailureContinue || s.Deploys() || s.Approves():
		return false
	}
	return s.Status == StepFailed || s.Proves() && s.begun()
}

// failed reports whether the step did not go well.
func (s StepState) failed() bool { return s.Status == StepFailed || s.Status == StepInterrupted }

// Stops reports whether the deployment ends calmly by the step's having failed.
func (s StepState) Stops() bool {
	return s.Status == StepFailed && s.OnFailure == FailureStop && s.Part != PartAfter
}

// Broken reports whether the step did not go well, so that somebody has to decide.
func (s StepState) Broken() bool { return s.failed() && !s.Noted() }

// A StepState is a step of the procedure and what became of it.
type StepState struct {
	Step
	Part      Part
	Status    StepStatus
	Failed    bool // in this attempt, or in one before
	Attempt   int  // 0 before it begins
	Began     time.Time
	Finished  time.Time // when it was over, even if what it proved is not so any more
	Why       string    // of how it ended; of one that was skipped: what was wrong with it
	Fault     string    // which of its kind's failures it is, or FaultTimeout; "": none that has a name
	Told      bool      // that it failed was told as the procedure's Failure says
	Skipped   Skipped
	Expired   bool              // its time-out passed in this attempt
	Reminded  int               // how many times of Remind have passed since people were asked
	Escalated []Level           // what has passed of Escalate since then
	Look      bool              // this attempt looks again and begins nothing
	By        Actor             // who answered it, but for approvals
	Values    map[string]string // what they filled in
	Given     []Given           // what was answered, of each thing that is asked for
	Ticks     []Tick            // of its checklist, before it is done
	Approvals []Approval
	Requests  []ChangeRequest // what people want changed before they approve
	Effects   []Effect
	Again     Choice            // Retry or Check again: it is about to begin once more
	Tries     int               // how many have failed and were begun again by themselves since a person last had it begin
	RetryAt   time.Time         // while it waits for that: when the next one begins; zero: it does not
	Round     int               // how often it has begun from nothing: for another failure, or since its time had come again
	Anew      bool              // the next time it begins is a round of its own
	Held      Held              // by what: a mutating step that may not begin yet
	HeldBack  bool              // that is since somebody has taken over
	Called    []string          // roles that were called to override what holds it
	Freed     time.Time         // when it was let go before it had begun anything in this attempt: its time-out counts from then
	Condition Truth             // what When was found to be
	Seen      Seen              // what it was found to be when it began
	Machine   *Kind             // what its kind was before somebody did it by hand; nil: nobody did
	Posts     []Post            // announce: what was taken, of To
	Lost      map[string]string // announce: what can not be delivered, and why
}

// Words are what clients are told, as somebody has read and edited it.
func (s StepState) Words() string { return s.Values[fieldWords] }

// Words are what clients are told by the answer.
func (e Answered) Words() string { return e.Values[fieldWords] }

const fieldWords = "words"

// ClientWords are the values of an answer that gives the words for clients.
func ClientWords(words string) map[string]string { return map[string]string{fieldWords: words} }

// Seen is what the conditions and texts of a step came to when it began, so that
// whoever reads the record needs no language.
type Seen struct {
	Members  []string          // what it is done for, where an expression says so; they stay through every attempt
	Deadline time.Time         // zero: none
	With     map[string]Values // by item: its parameters, where they hold anything to be filled or computed
	Texts    map[string]string // of what people read on the card, what held placeholders: see the Text constants
	Words    map[string]string // the values of the placeholders in the words that it tells

	Each map[string]map[string]string // by item: those, where it tells them for each by itself
}

// The texts of a step that people read on the card. A link is TextLink with its label.
const (
	TextTitle  = "title"
	TextExpect = "expect"
	TextHow    = "how"
	TextLink   = "link "
)

// WithOf are the parameters of a step for an item of its scope, as they were when it
// began; before that, as they are written.
func (s StepState) WithOf(item string) Values {
	if v, ok := s.Seen.With[item]; ok {
		return v
	}
	if v, ok := s.Seen.With[""]; ok {
		return v
	}
	return s.With
}

// Truth is what a condition was found to be.
type Truth string

// What it can be. A condition that can't be told interrupts its step.
const (
	Unasked Truth = ""
	Holds   Truth = "yes"
	Fails   Truth = "no"
)

// Held is what keeps a step from changing what runs: a lock, for one.
type Held struct {
	Why   string // "": nothing does
	Item  string // of the step's scope
	Until time.Time
	Rule  string // the window or freeze that does; "": something else, such as a lock
	Role  string // that may override it; "": nobody
	Calls bool   // they are called for it now
	Asks  bool   // it has begun, so those who decide may go back instead
}

// waitsHeld reports whether something holds the step that has begun nothing yet in this
// attempt, or of which nothing is under way since somebody has taken over: its time-out
// stands still.
func waitsHeld(s StepState) bool {
	return s.Held.Why != "" && (!s.beganIn(s.Attempt) || s.HeldBack && !s.open())
}

// letGo says that nothing holds the step any more.
func letGo(s *StepState, at time.Time) {
	if waitsHeld(*s) {
		s.Freed = at
	}
	s.Held, s.HeldBack = Held{}, false
}

// Skipped says that a step failed or was interrupted, and that a person skipped
// it. It counts as done, and what its effects have come to
// stays as it was settled. By is nobody for a step that was not skipped.
type Skipped struct {
	By     Actor
	At     time.Time
	Reason string
}

// An Approval is one person's yes to one Subject.
type Approval struct {
	By      Actor
	At      time.Time
	Subject string // its hash
	Roles   string // where each of several has to approve: those that they hold of these, one a line
	From    string // the id of the deployment in which it was given; "": in this one
}

// beganIn reports whether the step has begun an effect in an attempt.
func (s StepState) beganIn(attempt int) bool {
	return slices.ContainsFunc(s.Effects, func(e Effect) bool { return e.Attempt == attempt })
}

// gate is the first effect of the step that waits for a person at a gate, or nil.
func (s StepState) gate() *Effect {
	for i := range s.Effects {
		if e := &s.Effects[i]; e.Open() && e.Gate.Open() {
			return e
		}
	}
	return nil
}

// GateOf is what a system asks a person at the step, with the item that it is
// about.
func (s StepState) GateOf() (g Gate, item string, ok bool) {
	if e := s.gate(); e != nil {
		return e.Gate, e.Item, true
	}
	return Gate{}, "", false
}

// Asked is when whoever is awaited at the step was asked.
func (s StepState) Asked() time.Time {
	if e := s.gate(); e != nil {
		return e.Asked
	}
	at := s.Began
	for _, r := range s.Requests {
		switch {
		case !r.Closed && r.At.After(at):
			return r.At // the oldest that nobody has answered
		case r.Over.After(at):
			at = r.Over
		}
	}
	return at
}

// ItemName is what an item of a step is called among others; "": it is the only
// one, which needs no name.
func ItemName(d Deployment, s StepState, item string) string {
	if len(d.Targets) > 1 || s.Scope() == ScopeMembers {
		return item
	}
	return ""
}

// Effect returns the effect of the step with that key, or nil.
func (s *StepState) Effect(key string) *Effect {
	for i := range s.Effects {
		if s.Effects[i].Key == key {
			return &s.Effects[i]
		}
	}
	return nil
}

// NotNeeded reports whether a step has nothing to do in this deployment, so that
// it is over as soon as it begins, and why.
func (d Deployment) NotNeeded(s StepState) (why string, yes bool) {
	switch {
	case (s.Planned() || s.Until() == UntilPlanned) && d.Planned.IsZero():
		return "No start was planned.", true
	case s.ForClients() && d.Channels[ChannelClients] == "":
		return d.Site.Name + " has no channel for clients, so nobody was told.", true
	}
	return "", false
}

// LeftOut reports whether a step is left out since its system is not there, and why: what
// is merely welcome, and what would be asked of people again and again.
func LeftOut(s Step) (why string, yes bool) {
	switch {
	case !s.Hand:
		return "", false
	case s.OnFailure == FailureContinue:
		return s.Uses + " is not configured, and it can be done without.", true
	case s.Every > 0:
		return s.Uses + " is not configured, and nobody is asked every " + Span(s.Every) + ".", true
	}
	return "", false
}

// Needed reports whether a step has something to do in this deployment.
func (d Deployment) Needed(s StepState) bool {
	_, not := d.NotNeeded(s)
	return !not
}

// WaitUntil is when a wait that has begun is over.
func (d Deployment) WaitUntil(s StepState) time.Time {
	over := s.Began.Add(s.For())
	if until := s.WithOf("")["until"].Time; s.Until() == UntilPlanned {
		over = d.Planned
	} else if !until.IsZero() {
		over = until
	}
	if due := s.Due(); !due.IsZero() && due.Before(over) {
		return due
	}
	return over
}

// skippable reports whether somebody may go on without the step: never where it deploys
// or is approved, and where it says that nobody may.
func (s StepState) skippable() bool {
	return !s.Deploys() && !s.Approves() && s.MaySkip != MaySkipNobody
}

// skippableNow reports whether somebody may do so though it has not failed: where it
// lets time pass and says who may, and where it stands beside the others.
func (s StepState) skippableNow() bool {
	waits := s.Waits() && s.MaySkip != "" && s.Status == Active
	return s.skippable() && (waits || s.aside() && (s.Status == Active || s.Part == PartAfter))
}

// answerer is the role that the step asks, of itself or half way for its system;
// "": none.
func (s StepState) answerer() string {
	if role := s.Role(); role != "" {
		return role
	}
	return s.GateRole()
}

// begun reports whether the step has an effect that can be looked at.
func (s StepState) begun() bool {
	return slices.ContainsFunc(s.Effects, func(e Effect) bool { return e.IsMain() && e.Outcome.Result != OK })
}

// ForClients reports whether the step tells clients something.
func (s Step) ForClients() bool {
	return s.Announces() && len(s.To()) == 1 && s.To()[0] == ChannelClients
}

// Reviewed reports whether somebody reads what the step tells before that goes out.
func (s Step) Reviewed() bool {
	return s.ForClients() || s.Announces() && s.With[s.kind().Asks.Role].Text != ""
}

// Addressed are the roles whose people the step tells directly.
func (s Step) Addressed() []string {
	if !s.Announces() {
		return nil
	}
	return s.With["people"].List
}

// holdsParameters reports whether any parameter is to be filled or computed.
func (s Step) holdsParameters() bool {
	if s.Waits() && s.Until() == UntilPlanned {
		return false // the core knows when that is
	}
	types := map[string]ParamType{}
	for _, p := range s.kind().Params {
		types[p.Name] = p.Type
	}
	for name, v := range s.With {
		if v.holds(types[name]) {
			return true
		}
	}
	return false
}
