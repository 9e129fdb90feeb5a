// Package deployer holds the words of the domain and the pure core of
// stationmaster: what a deployment is, what happened to it, what may happen
// next. It imports the standard library alone and does no input or output.
//
// A Deployment is the fold of its Events ([Apply]). Somebody or something asks
// for a change with an [Order]; [Decide] answers with the events that follow, or
// with a [Refusal]. The package telling writes the messages that must be sent because
// of them, as it hears of each: callers ask its Decide. Both are committed together or
// not at all. [Next] says what the engine has to do about a
// deployment: which effects on the world are wanted, which conditions are to be
// found out, which orders are due, and when to look again. What follows from one
// order may be more than one commit takes; then Next wants an [Advance].
//
// # A deployment
//
//	            refused                     stop, reject
//	resolving ───────────▶ (refused)    ┌──────────────────▶ halting ──▶ (stopped)
//	    │                               │                     ▲  │ ▲
//	    ▼                               │                stop │  ▼ │ check again
//	 running ──── a step failed or was interrupted ────▶ deciding  nobody can tell ── stop, with a reason ──▶ (stopped)
//	    │ ▲                                               │  │
//	    │ └────────── check again, retry, skip ───────────┘  │
//	    │ ▲                                                  │
//	    │ ├── patch forward: another version, from the first approval on
//	    │ └── roll back: the same, on the rollback's steps ──┘
//	    ▼
//	(complete) or, on the rollback's steps, (rolled-back)
//
// What waits for its places is resolving, and nothing of it is looked up before it is its
// turn. The states in brackets are the end; the places are freed by an event of their
// own, [PlacesFreed], before the end where only paperwork is left. A step may say what comes of its failure instead of a decision:
// that is only noted, the deployment stops calmly, or it goes back at once, where
// something was touched and a way back is known.
//
// # The parts
//
// Beside what a deployment goes through stands what nothing waits for. What becomes of
// it holds up nothing, and each step of it is decided about by itself:
//
//	main ───────────────┬──▶ the end ──▶ after (in a while, or again and again)
//	rollback ───────────┘
//	failure     once for each failure that somebody decides about, one after the other
//	background  beside its part, beyond a rollback and the end
//
// So a deployment that has ended may live on ([Lives]), without its places, until the
// last of that is over, or a person presses Stop.
//
// # A step
//
//	pending ──▶ active ──▶ done ◀──────────┐ skip: counts as done
//	  │ ▲         │ ├────▶ failed ─────────┤ check again, retry:
//	  │ │         │ └────▶ interrupted ────┤ active again
//	  │ │         ◀────────────────────────┘
//	  │ └── an approval that lost its Subject sends what changes things back to wait,
//	  │     and a duty after the end that is over waits for its next round
//	  └──▶ not needed: its condition does not hold, or it has nothing to do here
//
// What only looks is tried again by itself first, as often as it says, and stays
// active meanwhile. What failed and may be done without is noted
// ([StepState.Noted]): it counts as over, and stays a failure for who reads it.
// A step by hand, whose system is not there, is one that people are asked about: the
// same step, with the fields of what others need of it. What a machine could not do
// becomes one when somebody says that they have done it, and so may all that waits while
// somebody has taken the deployment over ([TakenOver]): nothing that acts begins meanwhile.
//
// Interrupted is not failed: it means that nobody can tell by looking, or that
// somebody else changed the target meanwhile, so that a person decides.
//
// A step begins when all that it needs is over, and its phase has begun. Then it is
// found out what its conditions, parameters and texts come to, and kept ([Seen]), so
// that a later fold asks no language. What changes what runs waits,
// besides, for every approval that stands before it in its part, and at its
// intent for every lock that holds it and, where the deployment has not changed
// anything yet, while nothing new may ([Facts]): meanwhile its time-out stands still.
// What a step does, its [Kind] says: who does it, how often, how a repeat is made
// harmless, whether it changes what runs, and what people are asked. Nothing here
// compares names.
//
// # An effect on the world
//
//	wanted ──▶ intended ──▶ acted ──▶ settled (ok, failed, interrupted, absent)
//	              │  ▲        │          │
//	              │  │        └─ gate ─▶ proceed or abort, an effect of its own
//	              │  └── check again ────┘ (looks, never acts)
//	              └── looked for and not there ──▶ act, as its kind's Repeat allows
//
// What was settled well may change: a proof while people are awaited, a rollout
// that was held while they decide. It is watched ([Watch]), and before anything is
// said or done that rests on a proof, that is looked at once more: see [Recheck]. A
// proof that does not hold any more is a step that needs a decision.
//
// Nothing acts without a committed intent, and nothing is tried again before
// every earlier attempt is settled. Where a repeat is not harmless by itself,
// each try is written down before it.
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

// Ended reports whether the outcome is known. What goes on after that, Lives says.
func (s Status) Ended() bool {
	return s == Complete || s == RolledBack || s == Stopped || s == Refused
}

// A Deployment is one run of a procedure. It is the fold of its events and
// never changed otherwise.
type Deployment struct {
	ID        string // retailer and number, such as tangerine-142
	Store     string // the id of the store that it was created in; "": it had none
	Seq       int    // how many events were folded
	Origin    string // what it was started by, once and for good
	Requester Actor
	Role      string // that the requester held then; "": none
	Site      Site
	Channels  map[string]string // by name in the procedure: the chat system's id
	Procedure Procedure
	Releases  []Release
	Inputs    map[string]string
	Reason    string
	Planned   time.Time         // when it starts; zero: at once
	Within    time.Duration     // see Start
	Warnings  []string          // of how it was started: whole sentences in plain text
	Terms     map[string]string // what names stand for in the words of messages, such as tam
	Place     Locale            // what texts and conditions may say of the site
	Back      string            // the deployment that has ended whose way back this is; "": it is none
	Earlier   []EarlierApproval // what may be carried over, of the last deployments first
	Drill     Drill

	Status  Status
	Queued  bool      // it was to wait for its places, and has not had them yet; see Queueing
	Turn    time.Time // when it had its places, where it has waited for them; else zero
	Why     string    // of the end, the halt or the decision
	Part    Part      // that it is on
	Created time.Time
	Ended   time.Time

	Targets          []Target
	Arrived          []Arrival // services to which somebody else has brought what is wanted, since they were resolved
	RollbackServices []string  // services that are rolled back
	Steps            []StepState
	Card             Post             // where the live message is
	CardsLost        int              // cards that could not be changed any more: each has a successor
	OrdersSeen       []string         // nonces of the last orders that people gave
	OrdersRefused    []string         // nonces of the last ones that were refused
	RolledBackBy     Actor            // who decided the rollback
	Failures         []FailedStep     // the last that somebody has to decide about; while the steps of PartFailure are under way, the one that these are for, and those that come after it
	Decision         Decision         // while it is Deciding: the clocks of that
	Glass            []GlassBreak     // what was answered in the place of those who did not come
	Freed            bool             // all that changes what runs was done, and proven, when its places were given back; what is open since is paperwork
	Problems         []Problem        // that somebody has had to decide about
	Approved         Approval         // the one that was given last, whatever has become of it
	Rejected         bool             // somebody has rejected it
	GivenUp          bool             // what could not be told any more after a stop was given up
	Phases           map[string]Truth // by id: what the conditions of phases were found to be
	Taken            Takeover         // the last one
	Overridden       []Override       // windows and freezes although which it goes on
	Patches          []Patch          // versions that have taken over after failures; of the last one it may be looked up yet what it means
	Brought          []Brought        // what it had rolled out before the last of them
	Mutated          bool             // something may have been changed before that
	Changed          time.Time        // when, of what stands in its main part
}

// A Post is a message that the chat system has taken.
type Post struct{ DedupKey, Channel, TS string }

// Places are the keys that a deployment holds from its first commit to its last; one that
// waits for them, since it was resolved.
func (d Deployment) Places() []string {
	return PlacesOf(d.Site, d.Procedure.ID, d.Releases, d.Drill.On)
}

// PlacesOf are the keys that what deploys these holds: one for each service or, where
// a procedure is about none, its own. Two of that procedure in one environment would
// do the same twice; it and others may go side by side. A drill has places of its own,
// so that a deployment can begin at any time.
func PlacesOf(site Site, procedure string, releases []Release, drill bool) []string {
	place := func(of string) string {
		if drill {
			of = drillPlace + of
		}
		return Place(site.Name, site.Environment, of)
	}
	if len(releases) == 0 {
		return []string{place(ownPlace + procedure)}
	}
	places := make([]string, len(releases))
	for i, w := range releases {
		places[i] = place(w.Service)
	}
	return places
}

// ownPlace begins the place of a procedure, and drillPlace what a drill holds. No service
// is called so.
const (
	ownPlace   = ":"
	drillPlace = "drill:"
)

// Place is the key of one service in one environment of one retailer.
func Place(retailer, environment, service string) string {
	return strings.Join([]string{retailer, environment, service}, "/")
}

// Subject is what an approval given now would be about.
func (d Deployment) Subject() Subject {
	return Subject{Targets: d.Targets, Inputs: d.Inputs, Procedure: d.Procedure.SHA, Back: d.Part == PartRollback}
}

// Undo is what a rollback of services that is decided now would be about, of the failed
// ones where none is named: each target with what it goes back to as Before.
func (d Deployment) Undo(services ...string) Subject {
	s := Subject{Inputs: d.Inputs, Procedure: d.Procedure.SHA, Back: true, Lost: Lost(d, services...)}
	back := goingBack(d, services)
	for _, t := range d.Targets {
		if slices.Contains(back, t.Service) {
			t.Before, _ = BackTo(d, t)
			s.Targets = append(s.Targets, t)
		} else if slices.Contains(d.Touched(), t.Service) {
			s.Stay = append(s.Stay, t.Service)
		}
	}
	return s
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
		if e := d.Steps[i].Effect(key); e != nil {
			return e
		}
	}
	return nil
}

// Current returns the steps that somebody waits for, or that go on beside them:
// active, failed or interrupted, or held before they begin, in order. Once nothing goes on any more they are those
// at which it ended.
func (d Deployment) Current() []StepState {
	var current []StepState
	lives := goesOn(d)
	for _, s := range d.Steps {
		if (onDuty(d, s) || !lives && s.Part == d.Part) && (s.Status == Active || s.Broken() || lives && heldByRule(s)) {
			current = append(current, s)
		}
	}
	return current
}

// hasMutated reports whether the deployment has begun to change what runs: then it is
// nothing new, and goes on to its end.
func (d Deployment) hasMutated() bool {
	return !d.Changed.IsZero() || slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Mutates() && len(s.Effects) > 0 })
}

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
	for _, b := range d.Brought {
		touched = append(touched, b.Service)
	}
	for _, s := range d.Steps {
		for _, e := range d.EffectsInOrder(s) {
			if s.Deploys() && s.Part != PartRollback && e.IsMain() && e.Touched() && !slices.Contains(touched, e.Item) {
				touched = append(touched, e.Item)
			}
		}
	}
	if len(d.Brought) > 0 {
		all := Services(d)
		slices.SortFunc(touched, func(a, b string) int { return slices.Index(all, a) - slices.Index(all, b) })
	}
	return touched
}

// clone copies what Apply may change.
func (d Deployment) clone() Deployment {
	d.Targets = slices.Clone(d.Targets)
	d.Phases, d.Channels = maps.Clone(d.Phases), maps.Clone(d.Channels)
	d.Arrived = slices.Clone(d.Arrived)
	d.Failures, d.Problems = slices.Clone(d.Failures), slices.Clone(d.Problems)
	d.Overridden = slices.Clone(d.Overridden)
	d.Patches, d.Brought = slices.Clone(d.Patches), slices.Clone(d.Brought)
	d.RollbackServices = slices.Clone(d.RollbackServices)
	d.OrdersSeen = slices.Clone(d.OrdersSeen)
	d.OrdersRefused = slices.Clone(d.OrdersRefused)
	d.Steps = slices.Clone(d.Steps)
	for i := range d.Steps {
		s := &d.Steps[i]
		s.Approvals = slices.Clone(s.Approvals)
		s.Requests = slices.Clone(s.Requests)
		s.Effects = slices.Clone(s.Effects)
		for j := range s.Effects {
			s.Effects[j].Sent = slices.Clone(s.Effects[j].Sent)
		}
		s.Posts = slices.Clone(s.Posts)
		s.Given = slices.Clone(s.Given)
		s.Lost = maps.Clone(s.Lost)
		s.Called = slices.Clone(s.Called)
	}
	return d
}

// EffectsInOrder are the effects of a step in the order in which the services are
// deployed, whichever was looked at first.
func (d Deployment) EffectsInOrder(s StepState) []Effect {
	index := func(e Effect) int {
		return slices.IndexFunc(d.Targets, func(t Target) bool { return t.Service == e.Item })
	}
	effects := slices.Clone(s.Effects)
	slices.SortStableFunc(effects, func(a, b Effect) int { return index(a) - index(b) })
	return effects
}

// Took is how long the deployment has taken at a time, or took; while it waited for its
// places, it took none.
func (d Deployment) Took(now time.Time) time.Duration {
	if d.Status.Ended() {
		now = d.Ended
	}
	if d.Turn.After(d.Created) {
		return now.Sub(d.Turn)
	}
	return now.Sub(d.Created)
}
