package deployer

import "time"

// An Order asks for a change of one deployment. People's orders carry who gave
// them and a nonce; the engine's carry neither.
type Order struct {
	Deployment string // "" for Start
	By         Person
	Nonce      string // what tells one click from another, wherever it is delivered again
	Command    Command
}

// A Command is what an order asks for.
type Command interface{ command() }

// The commands of people.
type (
	// Start begins a deployment. Origin names what it was started by: the same
	// one starts nothing twice, ever.
	Start struct {
		Origin      string
		Retailer    string
		Environment string
		Reason      string
		Channels    map[string]string
		Procedure   Procedure
		Releases    []Release
		Inputs      map[string]string
		Planned     time.Time         // when it starts; zero: at once
		Warnings    []string          // whole sentences in plain text, which refuse nothing
		Terms       map[string]string // what names stand for in the words of messages
	}
	// Confirm says that a confirm step is done.
	Confirm struct {
		Step    string
		Attempt int
	}
	// Review gives the words for clients, as somebody has read and edited them.
	Review struct {
		Step    string
		Attempt int
		Words   string
	}
	// Approve says yes to the Subject with that hash.
	Approve struct {
		Step    string
		Attempt int
		Subject string
	}
	// Reject says no, which stops the deployment.
	Reject struct {
		Step    string
		Attempt int
		Reason  string
	}
	// CheckAgain looks at a failed step's effects again, and does nothing.
	CheckAgain struct {
		Step    string
		Attempt int
	}
	// Retry begins a failed step again.
	Retry struct {
		Step    string
		Attempt int
	}
	// Skip does without a failed or interrupted step that is no rollout and no
	// approve: it counts as done, and what comes after it goes on.
	Skip struct {
		Step    string
		Attempt int
		Reason  string // never empty
	}
	// RollBack goes back to what ran before, on the procedure's rollback steps.
	RollBack struct {
		Services []string // none: those that failed, or all that were touched
		Reason   string
	}
	// Stop ends the deployment where it is.
	Stop struct{ Reason string }
)

// The commands of the engine and of the outbox.
type (
	// Resolve brings what the words mean.
	Resolve struct{ Targets []Target }
	// RejectStart turns down a deployment that could not be resolved.
	RejectStart struct{ Refusal Refusal }
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
	// Intend asks to begin an effect, given what a look has found.
	Intend struct {
		Key         string
		Observation Observation
	}
	// Act says that an effect was done.
	Act struct{ Key, Ref string }
	// Settle says how an effect ended.
	Settle struct {
		Key     string
		Outcome Outcome
	}
	// Deliver says that a message was taken.
	Deliver struct {
		Post      Post
		Kind      string
		OutboxKey string // its key in the store
	}
	// GiveUp says that a message can not be delivered.
	GiveUp struct {
		DedupKey  string
		Why       string
		OutboxKey string
	}
)

func (Start) command()       {}
func (Confirm) command()     {}
func (Review) command()      {}
func (Approve) command()     {}
func (Reject) command()      {}
func (CheckAgain) command()  {}
func (Retry) command()       {}
func (Skip) command()        {}
func (RollBack) command()    {}
func (Stop) command()        {}
func (Resolve) command()     {}
func (RejectStart) command() {}
func (Elapse) command()      {}
func (Expire) command()      {}
func (Intend) command()      {}
func (Act) command()         {}
func (Settle) command()      {}
func (Deliver) command()     {}
func (GiveUp) command()      {}

// Facts are what a decision rests on besides the deployment itself.
type Facts struct {
	Now     time.Time
	ID      string                // Start: the id to use
	Roles   []string              // the roles of whoever gave the order
	Holders map[string]Deployment // Start: who holds the places, by place
	Locks   Locks                 // Start: of the environment
}
