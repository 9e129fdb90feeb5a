package deployer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// A Journal keeps deployments. It is safe for concurrent use.
type Journal interface {
	Starts
	LockJournal
	History
	Agenda
}

// Starts is what a new deployment must not share with another one: its id, the
// order that it comes from, and the places that it holds.
type Starts interface {
	// Allocate returns a new id that begins with prefix.
	Allocate(ctx context.Context, prefix string) (string, error)
	// Started returns the id of the deployment that origin started, or "".
	Started(ctx context.Context, origin string) (string, error)
	// Holders returns who holds the places, by place; free ones are absent.
	Holders(ctx context.Context, places []string) (map[string]string, error)
}

// A LockJournal keeps what is locked.
type LockJournal interface {
	// Locks returns what is locked in an environment.
	Locks(ctx context.Context, retailer, environment string) (Locks, error)
	// SetLocks replaces the locks that were read, puts their Changes into the
	// record, and with them what a channel is told of it, if that has a channel.
	// If somebody else was first it is ErrConflict.
	SetLocks(ctx context.Context, l Locks, announcement Message) error
}

// History is what has happened.
type History interface {
	// Load folds a deployment. An unknown id is ErrNotFound.
	Load(ctx context.Context, id string) (Deployment, error)
	// Append commits. See the errors ErrConflict and ErrUnknown; any other
	// error means that nothing happened.
	Append(ctx context.Context, c Commit) error
}

// Agenda is what is still to happen.
type Agenda interface {
	// Live returns the ids of the deployments that have not ended.
	Live(ctx context.Context) ([]string, error)
	// Wakeups returns when the engine has to look at each of them by itself, by
	// id. Nothing is folded for it.
	Wakeups(ctx context.Context) (map[string]Wakeup, error)
}

// The errors of a Journal.
var (
	ErrNotFound = errors.New("no such deployment")
	// ErrConflict: nothing happened, because what the commit rests on has
	// changed. Load, decide again.
	ErrConflict = errors.New("somebody else was first")
	// ErrUnknown: it may have been committed or not. Forget what is in memory,
	// act on nothing, load again.
	ErrUnknown = errors.New("it is unknown whether the commit is on disk")
)

// An Intent is what a runner is asked to bring about.
type Intent struct {
	Deployment string
	Site       Site
	Step       string
	Item       string   // of the step's scope: a service, a member; "": it is done once
	Service    string   // the item, where it is a service
	Services   []string // all that the deployment is about
	By         Actor    // who asked for the deployment
	Verb       string   // "": what the step is for; else see VerbPause
	Gate       string   // of VerbProceed and VerbAbort: the id of the system's question
	Attempt    int
	Began      int    // the attempt in which it was intended; to look again at it later leaves that
	Mark       string // what it can be found by; the same for every attempt
	Back       bool   // a rollback: From is what this deployment brought, To what ran well before
	Where      map[string]string
	From, To   State
	Found      State // a rollback: what was there when this deployment rolled out
	With       Values
	At         time.Time // when it was committed; zero before
	Deadline   time.Time // zero: none
}

// ForwardMark is the mark of what goes forward, which a rollback undoes, and
// BackMark that of the rollback.
func (in Intent) ForwardMark() string { return strings.TrimSuffix(in.Mark, rollbackMark) }

// BackMark is the mark of the rollback.
func (in Intent) BackMark() string { return in.ForwardMark() + rollbackMark }

// ObservationKind is what a look at the world found.
type ObservationKind string

// What can be seen.
const (
	ObservedAbsent     ObservationKind = "absent"     // not done, and acting is safe
	ObservedPresent    ObservationKind = "present"    // done: Ref says where
	ObservedSuperseded ObservationKind = "superseded" // was done, and something else has come after it
	ObservedUnknown    ObservationKind = "unknown"    // cannot be told now; look again later
)

// An Observation is what a runner's look at the world has found of an Intent:
// whether it was done. What follows from it is the engine's to decide.
type Observation struct {
	Kind       ObservationKind
	Ref        string // present: where it can be followed
	State      State  // what the target runs now
	Why        string // in words, for superseded and unknown; for present: what becomes of it when nobody follows it any more; for absent: in what State.Template differs from that of Intent.From
	PausedByUs bool   // present, but held by our own pause: acting lets it go on
	Live       bool   // absent, but the target runs what is wanted, brought by somebody else
}

// Progress is how far an effect has come, for people to see. It is never
// stored.
type Progress struct {
	Total, Updated, Ready, Available, Old int // pods
	Note                                  string
	Gate                                  Gate    // it waits for a person: the engine has that asked
	InFront                               InFront // who is let go first, where it is no effect but waits for its places
}

// A Runner brings about one kind of effect on one kind of system. It is safe for
// concurrent use. A *Refusal as error means that the system has said no for
// good; any other error leaves open what happened, and the engine looks again.
type Runner interface {
	// Look finds out whether it was done. Absent counts only if nothing
	// that was sent before can still take effect.
	Look(context.Context, Intent) (Observation, error)
	// Act does it with one bounded, conditional call.
	Act(context.Context, Intent) (ref string, err error)
	// Follow watches until the end. It only reads.
	Follow(context.Context, Intent, string, func(Progress)) (Outcome, error)
}

// A Watcher is a Runner that can tell whether what it has found or done is still
// so. One whose kind only reads, or that holds a rollout, should be one.
type Watcher interface {
	// Recheck looks once more. Known is how it ended; OK says that it is so still.
	// What passes by itself, such as a pod that is replaced, may be waited for.
	Recheck(ctx context.Context, in Intent, ref string, known Outcome) (Outcome, error)
	// Watch returns when that is not so any more, or more is to be said of it than
	// known says. It reports what may pass by itself.
	Watch(ctx context.Context, in Intent, ref string, known Outcome, report func(Progress)) (Outcome, error)
}

// A Permitted is a Runner that can tell whether it may do what a step will want of it.
// A *Refusal says what is not allowed; any other error leaves that open. It is asked
// before the step's parameters are known.
type Permitted interface {
	Access(context.Context, Intent) error
}

// A Resolver finds out what a deployment's words mean, before anything is
// touched. A *Refusal says that they mean nothing that can be deployed.
type Resolver interface {
	Resolve(context.Context, Deployment) ([]Target, error)
}

// A Language knows what the conditions and texts of procedures come to. It is pure:
// it looks at nothing but its arguments, always says the same of them, and what it
// costs is bounded. An error says, in words for people, that it can't be told.
type Language interface {
	// Compute is what an expression comes to, as TypeCond (Flag), TypeTime (Time), TypeList (List)
	// or TypeText (Text).
	Compute(expression string, as ParamType, at Moment) (Value, error)
	// With are the parameters of the step of a moment, filled and computed, each for
	// where its Param says that it stands.
	With(at Moment) (Values, error)
	// Words are the values of the placeholders in a text, by what stands in the braces.
	// Times are written as RFC 3339 has it.
	Words(text string, at Moment) (map[string]string, error)
}

// A Moment is what a condition or a text is read at.
type Moment struct {
	Deployment *Deployment
	Now        time.Time
	Step       string // the id of the step that it belongs to; "": none
	Item       string // the service or member that it is done for; "": none
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

// An OutboxMessage is a message that waits to be sent.
type OutboxMessage struct {
	Message
	Deployment string // "": it is about none
	Key        string // in the store
	Rev        int64
	At         time.Time // when it was committed
}

// A Box is where the messages wait that are to one channel and about one
// deployment. The zero Box stands for all of them: what has changed is not known.
type Box struct {
	Channel    string
	Deployment string // "": the messages that are about none
}

// Secret is a string that does not show itself when it is printed.
type Secret string

func (Secret) String() string { return "(secret)" }

func (Secret) GoString() string { return "(secret)" }

func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }
