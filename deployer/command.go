package deployer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Order asks for a change of one deployment. People's orders carry who gave
// them and a nonce; the engine's carry neither.
type Order struct {
	Deployment string // "" for Start
	By         Actor
	Nonce      string // what tells one click from another, wherever it is delivered again
	Amendable  bool   // refused, it may be corrected and given again with the same nonce: a form that stays open
	Via        string // by which way it came, if not by the chat system: ViaTerminal
	Command    Command
}

// ViaTerminal says that an order came from a terminal of the machine.
const ViaTerminal = "terminal"

// A Command is what an order asks for.
type Command interface{ command() }

// The commands of people.
type (
	// Start begins a deployment. Origin names what it was started by: the same
	// one starts nothing twice, ever.
	Start struct {
		Origin    string
		Site      Site
		Reason    string
		Channels  map[string]string
		Procedure Procedure
		Releases  []Release
		Inputs    map[string]string
		Planned   time.Time         // when it starts; zero: at once
		Within    time.Duration     // how long after that something has to begin, else somebody is asked; 0: however long. Set when it is decided
		Warnings  []string          // whole sentences in plain text, which refuse nothing
		Terms     map[string]string // what names stand for in the words of messages
		Place     Locale
		Back      string            // the id of an ended deployment whose way back this is: what it brought goes; "": it is none
		Earlier   []EarlierApproval // what approvals may be carried over, of the last deployments first
		Drill     Drill
		Overrides []Override // windows and freezes that whoever asks for it overrides; By and At are not said
	}
	// Answer is what somebody says where people are asked: at a step, about one
	// that did not go well, or at any time, to stop.
	Answer struct {
		Step    string // "": it is about the whole deployment
		Attempt int    // of the step, as it was shown
		Item    string // of the step's scope, where one of them asks
		Choice  Choice
		Values  map[string]string // the fields of a form, by name
		Comment string
		Subject string // the hash of what it was shown for; "": nothing was shown
		// Services are those that go back; none: the failed ones.
		Services []string
	}
	// AnswerAll is what somebody says at several steps at once, of what Together says:
	// all of it is taken, or nothing.
	AnswerAll struct{ Answers []Answer }
)

// The commands of the engine and of the outbox.
type (
	// Resolve brings what the words mean, at the start or of another version.
	Resolve struct {
		Targets  []Target
		Releases []Release // of which that is; nil: it is not said
	}
	// RejectStart turns down a deployment, or another version, that could not be resolved.
	RejectStart struct {
		Refusal  Refusal
		Releases []Release // that could not; nil: it is not said
	}
	// Advance has what follows by itself go on, where it was more than one commit
	// takes.
	Advance struct{}
	// Try says that an effect is about to be tried, where a repeat is not harmless
	// by itself.
	Try struct{ Key string }
	// OpenGate says that an effect waits for a person at a gate of its system.
	OpenGate struct {
		Key  string
		Gate Gate
	}
	// Elapse says that a wait is over.
	Elapse struct {
		Step    string
		Attempt int
	}
	// Expire says that a step's time-out has passed.
	Expire struct {
		Step    string
		Attempt int
	}
	// Remind says that the time of a reminder has come.
	Remind struct {
		Step    string // "": the decision after a failure
		Attempt int
	}
	// EscalateTo says that the time of a level has come, and who is paged then.
	EscalateTo struct {
		Step    string // "": the decision after a failure
		Attempt int
		Level   Level
		People  []Actor
	}
	// Intend asks to begin an effect, given what a look has found.
	Intend struct {
		Key         string
		Observation Observation
	}
	// Reconsider asks the windows and freezes once more about a step that one of them
	// holds.
	Reconsider struct{ Step string }
	// Act says that an effect was done.
	Act struct{ Key, Ref string }
	// Settle says how an effect ended.
	Settle struct {
		Key     string
		Outcome Outcome
	}
	// Recheck says how a settled effect stands now. OK of a proof says that it is so
	// still.
	Recheck struct {
		Key     string
		Outcome Outcome
	}
	// Deliver says that a message was taken.
	Deliver struct {
		Post      Post
		Kind      string
		OutboxKey string // its key in the store
	}
	// LoseCard says that the card that was posted can't be changed any more.
	LoseCard struct {
		Post Post
		Why  string
	}
	// GiveUp says that a message can not be delivered.
	GiveUp struct {
		DedupKey  string
		Why       string
		OutboxKey string
	}
)

func (Start) command()       {}
func (Answer) command()      {}
func (AnswerAll) command()   {}
func (Resolve) command()     {}
func (RejectStart) command() {}
func (Advance) command()     {}
func (Try) command()         {}
func (OpenGate) command()    {}
func (Elapse) command()      {}
func (Expire) command()      {}
func (Remind) command()      {}
func (EscalateTo) command()  {}
func (Intend) command()      {}
func (Reconsider) command()  {}
func (Act) command()         {}
func (Settle) command()      {}
func (Recheck) command()     {}
func (Deliver) command()     {}
func (LoseCard) command()    {}
func (GiveUp) command()      {}

// Facts are what a decision rests on besides the deployment itself.
type Facts struct {
	Now      time.Time
	Language Language              // nil: what conditions and texts come to can't be told, which interrupts the step that has any
	ID       string                // Start: the id to use
	Person   Person                // who gave the order
	Members  Members               // nil: nobody is known to hold any role
	Policy   *Policy               // of the deployment's site; nil: the procedure alone says who may
	Child    bool                  // Start: a step of another deployment asks for it, which was let begin as a whole
	Holders  map[string]Deployment // Start: who holds the places, by place
	Locks    Locks                 // Start and Intend: of the environment
	Verdicts []Verdict             // but for Start: what windows and freezes say now
	Hold     string                // Intend: why nothing new may change what runs now, as a whole sentence; "": it may
	Store    string                // Start: the store's own id
}

// A Refusal is a no that a person reads: why, as a whole sentence in plain text,
// and what to do instead. What a chat system words itself goes with it as data:
// who may, by the names that people are called now, and since when a place is
// taken or until when something is locked, in the zone of whoever reads it.
// Where that is there, Why is for logs.
type Refusal struct {
	Why     string
	Instead []Hint
	May     *May     // nil: it is not about who gave the order
	Taken   *Taken   // nil: it is not about a place
	Reason  bool     // given once more with a reason, it is taken
	Unheard []string // with Reason: experts' roles that have given no view
	Locked  *Locked  // nil: it is not about a lock
}

// A Hint is one thing to do instead: a sentence, or what leads up to a command,
// or to a part of one, which the chat system writes in its own way.
type Hint struct {
	Say  string // before a command without the colon; "" where that says all
	Verb Verb   // "": what was asked for stays the same
	Args []string
	Flag Flag // "" its Name: none
}

// A Flag is something that is said of what is asked for.
type Flag struct{ Name, Value string }

// A Verb is what somebody can ask for by a command.
type Verb string

// The verbs that the core knows; the chat system has more.
const (
	VerbDeploy   Verb = "deploy"
	VerbStatus   Verb = "status"
	VerbRollBack Verb = "rollback"
	VerbStop     Verb = "stop"
	VerbHistory  Verb = "history"
	VerbUnlock   Verb = "unlock"
	VerbLocks    Verb = "locks"
)

// String is the hint for a log, which knows no command.
func (h Hint) String() string {
	var command []string
	if h.Verb != "" {
		command = append([]string{string(h.Verb)}, h.Args...)
	}
	if h.Flag.Name != "" {
		command = append(command, h.Flag.Name, h.Flag.Value)
	}
	switch {
	case len(command) == 0:
		return h.Say
	case h.Say == "":
		return strings.Join(command, " ")
	}
	return h.Say + ": " + strings.Join(command, " ")
}

// May says who could have given an order that was refused to somebody.
type May struct {
	People []Actor
	Roles  []string
	Not    Actor // who may not, though they hold the role; nobody when zero
}

// Taken is a place that another deployment holds.
type Taken struct {
	Service string
	Holder  Deployment
}

// Locked is what somebody has locked.
type Locked struct {
	Service string // that was asked for; "": every one
	Site    Site
	Lock
}

// Error is the refusal as plain sentences, for logs.
func (r *Refusal) Error() string { return strings.TrimSpace(r.Why + " " + r.Advice()) }

// Advice is what to do instead, for logs.
func (r *Refusal) Advice() string {
	var hints []string
	for _, h := range r.Instead {
		hints = append(hints, h.String())
	}
	return strings.Join(hints, " – ")
}

// Refuse makes a Refusal. Both parts are whole sentences in plain text; instead
// is "" where there is nothing to say, or a Hint follows.
func Refuse(instead, format string, args ...any) *Refusal {
	r := &Refusal{Why: fmt.Sprintf(format, args...)}
	if instead != "" {
		r.Instead = []Hint{{Say: instead}}
	}
	return r
}

// Hint adds what somebody can ask for instead, and the words before it.
func (r *Refusal) Hint(say string, verb Verb, args ...string) *Refusal {
	r.Instead = append(r.Instead, Hint{Say: say, Verb: verb, Args: args})
	return r
}

// adding adds what somebody can say besides, and the words before it.
func (r *Refusal) adding(say string, f Flag) *Refusal {
	r.Instead = append(r.Instead, Hint{Say: say, Flag: f})
	return r
}

// allowing adds who may.
func (r *Refusal) allowing(m May) *Refusal {
	r.May = &m
	return r
}

// PlaceTaken refuses a service that another deployment holds the place of.
func PlaceTaken(service string, holder Deployment) *Refusal {
	r := Refuse("", "%s in %s %s is held by %s.", service, holder.Site.Name, holder.Site.Environment, holder.ID).
		Hint("Look at it", VerbStatus, holder.ID).Hint("or stop it", VerbStop, holder.ID)
	r.Taken = &Taken{Service: service, Holder: holder}
	return r
}

// DoneAlready refuses an answer to a step that has one, and says whose.
func DoneAlready(s StepState) *Refusal {
	return Refuse("", "“%s” is done already%s.", s.Title, s.doneBy())
}

// doneBy says who brought a step to its end, if it was a person.
func (s StepState) doneBy() string {
	var by []string
	for _, a := range s.Approvals {
		by = append(by, a.By.Name)
	}
	switch {
	case s.Skipped.By.ID != "":
		return ": " + s.Skipped.By.Name + " skipped it"
	case len(by) > 0:
		return ", approved by " + strings.Join(by, " and ")
	case s.By.ID != "":
		return ", by " + s.By.Name
	}
	return ""
}

// HasEnded refuses an order for a deployment that has ended, and says how.
func HasEnded(d Deployment) *Refusal {
	how := string(d.Status) + "."
	if d.Status == Stopped && d.Why != "" {
		how = strings.ToLower(d.Why[:1]) + Sentence(d.Why[1:])
	}
	return Refuse("", "%s has ended: %s", d.ID, how).Hint("See more", VerbStatus, d.ID)
}

// People knows who somebody is, and which roles they hold, now.
type People interface {
	Who(ctx context.Context, id string) (Person, error)
}

// Holders are those who can answer for a role, as far as is known.
type Holders struct {
	People  [][]string // the accounts of each human
	Lacks   []string   // why there are no more of them, each a short clause such as "@leads is empty"
	Unknown bool       // there may be others, whom nobody can be asked about now
}

// Except are the holders without the humans who have one of those accounts.
func (h Holders) Except(ids ...string) [][]string {
	var out [][]string
	for _, human := range h.People {
		if !slices.ContainsFunc(human, func(id string) bool { return slices.Contains(ids, id) }) {
			out = append(out, human)
		}
	}
	return out
}
