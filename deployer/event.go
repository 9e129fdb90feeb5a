package deployer

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An Event is a fact about one deployment. Events are only ever added.
type Event interface{ apply(*Deployment) }

// The events. At is when it happened and By is who did it.
type (
	// Created is the first event of every deployment.
	Created struct {
		At    time.Time
		ID    string
		Store string // the id of the store that it was created in
		Start Start
		By    Actor
		Role  string // one that they held; "": none
	}
	// Resolved: what is deployed, and where, is known.
	Resolved struct {
		At      time.Time
		Targets []Target
	}
	// OrdersSeen: an order of a person with this nonce was carried out, so that the
	// same click delivered again changes nothing.
	OrderSeen struct {
		At      time.Time
		By      Actor
		Nonce   string
		Refused bool   // it was refused, and is whenever it is delivered again
		Via     string // by which way it came; "": the chat system
	}
	// StepBegan: the step is active, for the first time or again.
	StepBegan struct {
		At      time.Time
		Step    string
		Attempt int
		Look    bool // only what was begun before is looked at again
		Seen    Seen
	}
	// ConditionSeen: the condition of a step, or of a phase, was found out, or can't be
	// told.
	ConditionSeen struct {
		At    time.Time
		Step  string
		Phase string            // its id, instead of a step
		Saw   map[string]string // what it rests on, as people read it
		Is    Truth
		Why   string
	}
	// StepHeld: something keeps the step from changing what runs, or, where Held is zero,
	// no rule does any more.
	StepHeld struct {
		At   time.Time
		Step string
		Held Held
	}
	// Overridden: somebody goes on although a window or a freeze refuses: by asking for the
	// deployment or, where Step says so, when that was held by it.
	Overridden struct {
		At     time.Time
		By     Actor
		Step   string // "": by the start
		Rule   string
		Why    string // why it refuses
		Role   string // by which they may
		Reason string
	}
	// StepEnded: Done, StepNotNeeded, StepFailed or StepInterrupted.
	StepEnded struct {
		At     time.Time
		Step   string
		Status StepStatus
		Why    string
		Kind   string    // StepFailed: which of its kind's failures it is, or FaultTimeout
		Retry  time.Time // StepFailed: when it begins again by itself; zero: it has failed
	}
	// Answered: a person has answered.
	Answered struct {
		At       time.Time
		By       Actor
		Step     string // "": it is about the whole deployment
		Attempt  int
		Item     string
		Choice   Choice
		Values   map[string]string // the fields of a form
		Comment  string
		Role     string   // by which it counted; "": by none, as the requester's
		As       Level    // in the place of those who did not come: as their deputy, or by breaking the glass
		Subject  string   // approve: the hash of what was approved
		Services []string // roll back: which
	}
	// ApprovalVoided: the Subject has changed, so every approval is gone and
	// the step asks again. What comes after it and has begun nothing waits.
	ApprovalVoided struct {
		At   time.Time
		Step string
		Why  string
	}
	// ApprovalLapsed: approvals are over, since nothing that rests on them has begun in
	// time, and the step asks again.
	ApprovalLapsed struct {
		At     time.Time
		Step   string
		People []Actor // whose
		Why    string
	}
	// ApprovalCarried: an approval that was given in another deployment counts in this
	// one, as the step has it.
	ApprovalCarried struct {
		At       time.Time
		Step     string
		Approval Approval
	}
	// TargetChanged: the target runs something else than it did when it was
	// resolved. Live: that is what it is to run, so that nothing is left to do, and
	// approvals stand.
	TargetChanged struct {
		At      time.Time
		Service string
		Before  State
		Live    bool
		By      Actor  // Live: who had taken over; nobody when zero
		Why     string // in what it has changed
	}
	// EffectIntended: an effect is about to be tried.
	EffectIntended struct {
		At      time.Time
		Key     string
		Runner  string
		Attempt int
		Before  State
	}
	// EffectTried: it is about to be tried, which can't be taken back.
	EffectTried struct {
		At  time.Time
		Key string
	}
	// EffectActed: it was done, and Ref says where to follow it.
	EffectActed struct {
		At  time.Time
		Key string
		Ref string
	}
	// GateOpened: the effect waits for a person at a gate of its system.
	GateOpened struct {
		At   time.Time
		Key  string
		Gate Gate
	}
	// EffectSettled: its end is known.
	EffectSettled struct {
		At      time.Time
		Key     string
		Outcome Outcome
	}
	// EffectRechecked: how it has ended was looked at once more. Where that is not so
	// any more, or more is to be said of it, Outcome takes its place.
	EffectRechecked struct {
		At      time.Time
		Key     string
		Outcome Outcome
	}
	// EffectReopened: a person asked to look again.
	EffectReopened struct {
		At      time.Time
		Key     string
		Attempt int
	}
	// StepExpired: the step's time-out has passed.
	StepExpired struct {
		At   time.Time
		Step string
	}
	// Reminded: whoever is awaited at a step was called again. N counts the times
	// of Step.Remind that have passed since they were asked: after a while without a
	// process, several pass as one.
	Reminded struct {
		At      time.Time
		Step    string // "": the decision after a failure
		Attempt int
		N       int
	}
	// Escalated: those who are awaited at a step have not come, so that somebody else
	// is called. Each level comes once.
	Escalated struct {
		At      time.Time
		Step    string // "": the decision after a failure
		Attempt int
		Level   Level
		People  []Actor // LevelPage: who was paged
	}
	// Delivered: a message was taken by the chat system.
	Delivered struct {
		At   time.Time
		Post Post
		Kind string
	}
	// Undelivered: a message can not be delivered, ever. A card that was posted can't be
	// changed any more, and another one is posted.
	Undelivered struct {
		At       time.Time
		DedupKey string
		Why      string
	}
	// PlacesFreed: the deployment holds no places any more.
	PlacesFreed struct{ At time.Time }
	// Ended: the outcome is known. What goes on after it is for Lives to say.
	Ended struct {
		At     time.Time
		Status Status
		Why    string
	}
)

// GaveUp says who stops what can't be told any more, and why.
func (e Answered) GaveUp() string { return e.By.Name + " gave up what can't be told: " + e.Comment }

// Pack puts what follows from an order into one commit.
func Pack(before Deployment, o Order, events []Event, messages []Message) Commit {
	c := Commit{Before: before, After: Fold(before, events...), Events: events, Messages: messages}
	for _, e := range events {
		switch e.(type) {
		case Created:
			c.Claim, c.Origin = c.After.Places(), c.After.Origin
		case PlacesFreed:
			c.Release = c.After.Places()
		}
	}
	switch cmd := o.Command.(type) {
	case Deliver:
		c.Sent = sent(cmd.OutboxKey)
	case GiveUp:
		c.Sent = sent(cmd.OutboxKey)
	}
	c.Live, c.Wakeup = Lives(c.After), c.After.Wakeup()
	return c
}

// A Wakeup says when the engine has to look at a deployment by itself. When it
// is zero, only an order leads to something.
type Wakeup struct {
	Now bool      // something is to be looked up, or an effect is under way
	At  time.Time // else: its next timer; zero: none
}

// Wakeup is when the engine has to look at the deployment by itself.
func (d Deployment) Wakeup() Wakeup {
	p := Next(d, time.Time{})
	if p.Resolve || len(p.Effects)+len(p.Due)+len(p.Watches) > 0 || d.HeldByRule() != nil { // rules may be others since the process began
		return Wakeup{Now: true}
	}
	return Wakeup{At: p.Wake}
}

func sent(key string) []string {
	if key == "" {
		return nil
	}
	return []string{key}
}

// A Record is one commit in the history of a deployment, as it was written.
type Record struct {
	Seq    int       // the number of its first event; the first record's is 1
	At     time.Time // when it was written
	Hash   string    // of this record
	Prev   string    // of the record before it; "" for the first
	Events []Event
}

// A Commit is what happens together or not at all.
type Commit struct {
	Before   Deployment // the state that the events were decided on
	After    Deployment // Before with the events applied
	Events   []Event
	Messages []Message // to be sent
	Sent     []string  // keys of the outbox messages that were sent
	Claim    []string  // places; all are free, or the commit fails with ErrConflict
	Release  []string  // places that the deployment holds
	Origin   string    // claimed for good
	Locks    *Locks    // what it was decided under: of a start, and of what lets an effect begin; it must still be so
	Live     bool      // something may still happen to the deployment
	Wakeup   Wakeup    // where it is live: when the engine has to look at it by itself
}

// Check refuses a commit that no order can lead to. Every Journal asks it first.
func (c Commit) Check() error {
	switch {
	case c.After.ID == "":
		return errors.New("the commit names no deployment")
	case c.Before.ID != c.After.ID && c.Before.ID != "":
		return fmt.Errorf("the commit was decided on %s", c.Before.ID)
	case c.After.Seq != c.Before.Seq+len(c.Events):
		return fmt.Errorf("the commit leads from event %d to %d with %d events", c.Before.Seq, c.After.Seq, len(c.Events))
	case c.Before.Seq == 0 && len(c.Events) == 0:
		return errors.New("the commit creates a deployment without an event")
	}
	return nil
}

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
