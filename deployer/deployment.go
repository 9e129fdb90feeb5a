package deployer

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Status is where a deployment stands.
type Status string

// The states of a deployment; the last four are the end.
const (
	Resolving  Status = "resolving" // what the words mean is being looked up; nothing was touched
	Running    Status = "running"
	Deciding   Status = "deciding" // a step failed or was interrupted; a person decides
	Halting    Status = "halting"  // stop was pressed; what is under way is being settled
	Complete   Status = "complete"
	RolledBack Status = "rolled-back"
	Stopped    Status = "stopped"
	Refused    Status = "refused"
)

// Ended reports whether nothing will happen any more.
func (s Status) Ended() bool {
	return s == Complete || s == RolledBack || s == Stopped || s == Refused
}

// A Deployment is one run of a procedure. It is the fold of its events and
// never changed otherwise.
type Deployment struct {
	ID          string // retailer and number, such as tangerine-142
	Seq         int    // how many events were folded
	Origin      string // what it was started by, once and for good
	Requester   Person
	Retailer    string
	Environment string
	TAM         string            // the retailer's technical account manager, as the config names them
	Channels    map[string]string // by name in the procedure: the chat system's id
	Procedure   Procedure
	Releases    []Release
	Inputs      map[string]string
	Reason      string
	Planned     time.Time     // when it starts; zero: at once
	Lead        time.Duration // how long ahead it should have been announced

	Status  Status
	Why     string // of the end, the halt or the decision
	Back    bool   // on the rollback's steps
	Created time.Time
	Ended   time.Time

	Targets          []Target
	RollbackServices []string // services that are rolled back
	Steps            []StepState
	Card             Post     // where the live message is
	OrdersSeen       []string // nonces of the last orders that people gave
}

// A Post is a message that the chat system has taken.
type Post struct{ DedupKey, Channel, TS string }

// StepStatus is where a step stands.
type StepStatus string

// The states of a step.
const (
	Pending         StepStatus = "pending"
	Active          StepStatus = "active"
	Done            StepStatus = "done"
	StepFailed      StepStatus = "failed"
	StepInterrupted StepStatus = "interrupted"
)

// A StepState is a step of the procedure and what became of it.
type StepState struct {
	Step
	Back      bool // belongs to the rollback
	Status    StepStatus
	Failed    bool // in this attempt, or in one before
	Attempt   int  // 0 before it begins
	Began     time.Time
	Finished  time.Time
	Why       string // of how it ended; of one that was skipped: what was wrong with it
	Skipped   Skipped
	Expired   bool   // its time-out passed in this attempt
	Reminded  int    // how many times of Remind have passed in this attempt
	Look      bool   // this attempt looks again and begins nothing
	By        Person // who confirmed it, or gave its words
	Words     string // announce: what clients are told, as somebody has read and edited it
	Approvals []Approval
	Effects   []Effect
	Posts     []Post            // announce: what was taken, of To
	Lost      map[string]string // announce: what can not be delivered, and why
}

// Skipped says that a step failed or was interrupted, and that a person decided
// to go on without it. It counts as done, and what its effects have come to
// stays as it was settled. By is nobody for a step that was not skipped.
type Skipped struct {
	By     Person
	At     time.Time
	Reason string
}

// An Approval is one person's yes to one Subject.
type Approval struct {
	By      Person
	At      time.Time
	Subject string // its hash
}

// Stage is how far an effect has come.
type Stage string

// The stages of an effect.
const (
	Intended Stage = "intended"
	Acted    Stage = "acted"
	Settled  Stage = "settled"
)

// Result is how an effect ended.
type Result string

// The results of an effect.
const (
	OK          Result = "ok"
	Failed      Result = "failed"
	Interrupted Result = "interrupted" // looking cannot tell, or somebody else stepped in
	Absent      Result = "absent"      // it never took place, and will not
)

// An Outcome is how an effect ended, in words.
type Outcome struct {
	Result Result
	Why    string // one line for a person
	Detail string // more lines, such as the last of a log
	State  State  // what runs now, where the runner can tell
}

// An Effect is one deed on the outside world.
type Effect struct {
	Key      string // the text of its EffectKey
	Runner   string // the runner's name, such as kubernetes.rollout
	Service  string
	Attempt  int
	Stage    Stage
	At       time.Time // when it was intended
	Before   State
	Ref      string
	LookOnly bool // reopened by Check again: look and follow, do not act
	Outcome  Outcome
}

// IsPause reports whether the effect holds a rollout where it is.
func (e Effect) IsPause() bool { return ParseEffectKey(e.Key).Pause }

// Touched reports whether the effect may have reached the world.
func (e Effect) Touched() bool { return e.Outcome.Result != Absent }

// Open reports whether the effect was intended and has not been settled.
func (e Effect) Open() bool { return e.Stage != Settled }

// Places are the keys that a deployment holds from its first commit to its last.
func (d Deployment) Places() []string {
	places := make([]string, len(d.Releases))
	for i, w := range d.Releases {
		places[i] = Place(d.Retailer, d.Environment, w.Service)
	}
	return places
}

// Place is the key of one service in one environment of one retailer.
func Place(retailer, environment, service string) string {
	return strings.Join([]string{retailer, environment, service}, "/")
}

// Subject is what an approval given now would be about.
func (d Deployment) Subject() Subject {
	return Subject{Targets: d.Targets, Inputs: d.Inputs, Procedure: d.Procedure.SHA, Back: d.Back}
}

// Step returns the step with that id, or nil.
func (d *Deployment) Step(id string) *StepState {
	for i := range d.Steps {
		if d.Steps[i].ID == id {
			return &d.Steps[i]
		}
	}
	return nil
}

// Target returns the target of that service, or nil.
func (d *Deployment) Target(service string) *Target {
	for i := range d.Targets {
		if d.Targets[i].Service == service {
			return &d.Targets[i]
		}
	}
	return nil
}

// Effect returns the effect with that key, or nil.
func (d *Deployment) Effect(key string) *Effect {
	for i := range d.Steps {
		if e := d.Steps[i].effect(key); e != nil {
			return e
		}
	}
	return nil
}

func (s *StepState) effect(key string) *Effect {
	for i := range s.Effects {
		if s.Effects[i].Key == key {
			return &s.Effects[i]
		}
	}
	return nil
}

// Current returns the steps that somebody waits for: active, failed or
// interrupted, in order.
func (d Deployment) Current() []StepState {
	var current []StepState
	for _, s := range d.Steps {
		if s.Back == d.Back && (s.Status == Active || s.broken()) {
			current = append(current, s)
		}
	}
	return current
}

func (s StepState) broken() bool { return s.Status == StepFailed || s.Status == StepInterrupted }

// Open returns the effects under way.
func (d Deployment) Open() []Effect {
	var open []Effect
	for _, s := range d.Steps {
		for _, e := range s.Effects {
			if e.Open() {
				open = append(open, e)
			}
		}
	}
	return open
}

// Touched returns the services that a rollout may have changed, in the order in
// which they are deployed, whichever was looked at first.
func (d Deployment) Touched() []string {
	var touched []string
	for _, s := range d.Steps {
		for _, e := range d.inOrder(s) {
			if s.Uses == KindRollout && !s.Back && !e.IsPause() && e.Touched() && !slices.Contains(touched, e.Service) {
				touched = append(touched, e.Service)
			}
		}
	}
	return touched
}

// clone copies what Apply may change.
func (d Deployment) clone() Deployment {
	d.Targets = slices.Clone(d.Targets)
	d.RollbackServices = slices.Clone(d.RollbackServices)
	d.OrdersSeen = slices.Clone(d.OrdersSeen)
	d.Steps = slices.Clone(d.Steps)
	for i := range d.Steps {
		s := &d.Steps[i]
		s.Approvals = slices.Clone(s.Approvals)
		s.Effects = slices.Clone(s.Effects)
		s.Posts = slices.Clone(s.Posts)
		s.Lost = maps.Clone(s.Lost)
	}
	return d
}
