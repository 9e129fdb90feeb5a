package deployer

import "time"

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
		Refused bool // it was refused, and is whenever it is delivered again
	}
	// StepBegan: the step is active, for the first time or again.
	StepBegan struct {
		At      time.Time
		Step    string
		Attempt int
		Look    bool // only what was begun before is looked at again
	}
	// ConditionSeen: the condition of a step was found out, or can't be told.
	ConditionSeen struct {
		At   time.Time
		Step string
		Is   Truth
		Why  string
	}
	// StepHeld: something keeps the step from changing what runs.
	StepHeld struct {
		At   time.Time
		Step string
		Held Held
	}
	// StepEnded: Done, StepNotNeeded, StepFailed or StepInterrupted.
	StepEnded struct {
		At     time.Time
		Step   string
		Status StepStatus
		Why    string
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
	// TargetChanged: the target runs something else than it did when it was
	// resolved.
	TargetChanged struct {
		At      time.Time
		Service string
		Before  State
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
	// Delivered: a message was taken by the chat system.
	Delivered struct {
		At   time.Time
		Post Post
		Kind string
	}
	// Undelivered: a message can not be delivered, ever.
	Undelivered struct {
		At       time.Time
		DedupKey string
		Why      string
	}
	// PlacesFreed: the deployment holds no places any more.
	PlacesFreed struct{ At time.Time }
	// Ended is the last event that changes anything but where messages are.
	Ended struct {
		At     time.Time
		Status Status
		Why    string
	}
)
