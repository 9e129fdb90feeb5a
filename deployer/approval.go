package deployer

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// An approval is about one Subject, and does not hold for ever: it is over when too much
// time has passed and nothing that rests on it has begun, and it is put off while somebody
// wants something changed. One that was given in another deployment may count here, where
// the procedure says so.

// StartWithin is how long after a planned start something has to begin, where its approval
// does not say how long it holds: what was to be done in the evening is not done at night
// because nobody was there in between. It is kept with the start.
const StartWithin = 2 * time.Hour

// tapWithin is how long a second click of whoever has approved is taken for the first one,
// pressed twice: the card may have put another approval's button under their finger.
const tapWithin = time.Second

// heldFor is how long an approval of a step holds, and since when; 0: until what was
// approved changes.
func heldFor(d Deployment, s StepState, a Approval) (since time.Time, holds time.Duration) {
	since, holds = a.At, s.With["expires"].Duration
	if s.Part != PartMain || !a.At.Before(d.Planned) {
		return since, holds
	}
	if holds == 0 {
		holds = d.Within
	}
	return d.Planned, holds
}

// isOver reports whether an approval has ceased to hold, if nothing has begun that rests
// on it.
func (a Approval) isOver(d Deployment, s StepState, now time.Time) bool {
	since, holds := heldFor(d, s, a)
	return holds > 0 && !since.Add(holds).After(now)
}

// restsOn returns the steps that change what runs and wait for an approval: those after
// it in its part, and those that need it.
func restsOn(d *Deployment, approve string) []StepState {
	after := WaitFor(*d, approve)
	at := slices.IndexFunc(d.Steps, func(s StepState) bool { return s.ID == approve })
	var out []StepState
	for i, s := range d.Steps {
		if s.Mutates() && s.Part == d.Steps[at].Part && (i > at || after[i]) {
			out = append(out, s)
		}
	}
	return out
}

// begunSince reports whether a step has begun since a moment what it is for.
func (s StepState) begunSince(at time.Time) bool {
	if s.Hand {
		return s.Attempt > 0 && !s.Began.Before(at)
	}
	return slices.ContainsFunc(s.Effects, func(e Effect) bool { return e.IsMain() && !e.At.Before(at) })
}

// LapsesAt is when the first approval of a step is over that holds for a time; zero:
// none is, since none does, or something that rests on it has begun, or nothing will.
func LapsesAt(d Deployment, s StepState) time.Time {
	var first time.Time
	if !s.Approves() || len(s.Approvals) == 0 || s.failed() || !onDuty(d, s) || d.Status == Halting {
		return first
	}
	var last time.Time
	for _, a := range s.Approvals {
		since, holds := heldFor(d, s, a)
		if at := since.Add(holds); holds > 0 && (first.IsZero() || at.Before(first)) {
			first = at
		}
		if a.At.After(last) {
			last = a.At
		}
	}
	if first.IsZero() {
		return first
	}
	rest := restsOn(&d, s.ID)
	begun := slices.ContainsFunc(rest, func(r StepState) bool { return r.begunSince(last) })
	if begun || !slices.ContainsFunc(rest, func(r StepState) bool { return !r.Over() }) {
		return time.Time{}
	}
	return first
}

// lapse notes what approvals of one step are over, and reports whether any is.
func lapse(c *decider) bool {
	for _, s := range c.d.Steps {
		at := LapsesAt(c.d, s)
		if at.IsZero() || at.After(c.now) {
			continue
		}
		e := ApprovalLapsed{At: c.now, Step: s.ID}
		var names []string
		for _, a := range s.Approvals {
			if a.isOver(c.d, s, c.now) {
				e.People, names = append(e.People, a.By), append(names, a.By.Name)
				e.Why = lapsedWhy(c.d, s, a)
			}
		}
		e.Why = "The approval of " + strings.Join(names, " and ") + " is over: " + e.Why
		c.add(e)
		return true
	}
	return false
}

// lapsedWhy says of an approval that is over why it is.
func lapsedWhy(d Deployment, s StepState, a Approval) string {
	since, holds := heldFor(d, s, a)
	if since.Equal(a.At) {
		return "nothing has begun within " + SpanInWords(holds) + "."
	}
	return "nothing has begun within " + SpanInWords(holds) + " of the planned start."
}

// startsLate says why somebody decides whether a planned start that nobody approves goes
// on: nobody was there when its time came. "": it goes on.
func startsLate(d Deployment, s StepState, now time.Time) string {
	asked := slices.ContainsFunc(d.Steps, func(o StepState) bool { return o.Approves() && o.Part == PartMain && o.Status != StepNotNeeded })
	if s.Until() != UntilPlanned || s.Part != PartMain || s.Attempt > 1 || asked || !s.Began.Before(d.Planned) || d.Within == 0 || now.Before(d.Planned.Add(d.Within)) {
		return ""
	}
	return "It was planned for " + clock(d.Planned, d.Place.zone()) + ", over " + SpanInWords(d.Within) + " ago. Retry begins it now."
}

// apply takes the approvals away that are over, and has the step ask again.
func (e ApprovalLapsed) apply(d *Deployment) {
	s := d.Step(e.Step)
	s.Approvals = slices.DeleteFunc(s.Approvals, func(a Approval) bool { return slices.Contains(e.People, a.By) })
	askAgain(d, s, e.Why)
}

// askAgain has an approval asked once more. What rests on it and has begun nothing waits.
func askAgain(d *Deployment, s *StepState, why string) {
	s.Status, s.Why = Pending, why
	waits := newOrder(d)
	for i := range d.Steps {
		if w := &d.Steps[i]; w.Status == Active && w.Mutates() && !w.beganIn(w.Attempt) && !waits.ready(i) {
			if w.Status = Pending; w.Held.Rule != "" {
				w.Held = Held{} // it is asked again when it begins
			}
		}
	}
}

// An EarlierApproval was given in another deployment of the same services by the same
// procedure, with the same inputs, at the same site, to what was not rejected since.
type EarlierApproval struct {
	Deployment string // its id
	Step       string
	By         Actor
	At         time.Time
	Roles      string            // as an Approval has them
	Images     map[string]string // that were approved, by service: see Images
}

// Images are what the targets are to run, by service, as far as they are pinned: a tag may
// have come to mean something else. None: not all of them are.
func Images(d Deployment) map[string]string {
	out := map[string]string{}
	for _, t := range d.Targets {
		if !t.After.Proved() {
			return nil
		}
		out[t.Service] = t.After.Image + " " + t.After.Revision
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// carryOver takes approvals over that were given in another deployment, before a step
// asks for the first time: all from one, in which nobody was two, and never the
// requester's own.
func carryOver(c *decider, s StepState) {
	within, images := s.With["carry_over"].Duration, Images(c.d)
	if !s.Approves() || within == 0 || s.Attempt > 0 || s.Part != PartMain || images == nil {
		return
	}
	from := ""
	for _, other := range c.d.Steps {
		for _, a := range other.Approvals {
			from = a.From
		}
	}
	for _, e := range c.d.Earlier {
		counted := slices.ContainsFunc(Counted(c.d), func(a Actor) bool { return a.ID == e.By.ID })
		a := Approval{By: e.By, At: e.At, Subject: c.d.Subject().Hash(), Roles: e.Roles, From: e.Deployment}
		switch {
		case e.Step != s.ID || from != "" && e.Deployment != from || counted || !maps.Equal(e.Images, images):
		case e.At.Add(within).Before(c.now) || a.isOver(c.d, s, c.now):
		case len(MissingApprovals(c.d, *c.d.Step(s.ID))) == 0:
			return
		default:
			from = e.Deployment
			c.add(ApprovalCarried{At: c.now, Step: s.ID, Approval: a})
		}
	}
}

func (e ApprovalCarried) apply(d *Deployment) {
	s := d.Step(e.Step)
	s.Approvals = append(s.Approvals, e.Approval)
}

// A ChangeRequest is what somebody wants changed before they approve.
type ChangeRequest struct {
	By      Actor
	At      time.Time
	Comment string
	About   Subject // as it was then
	Planned time.Time
	Reply   Given     // of the requester; nobody's: it is awaited
	Closed  bool      // there was an answer, or whoever asked has approved after all
	Over    time.Time // when that was
}

// OpenRequests are those of a step that nobody has answered yet. It waits for that.
func OpenRequests(s StepState) []ChangeRequest {
	return slices.DeleteFunc(slices.Clone(s.Requests), func(r ChangeRequest) bool { return r.Closed })
}

// requestChanges keeps what somebody wants changed. Who asks for that does not approve
// any more.
func requestChanges(d *Deployment, e Answered) {
	s := d.Step(e.Step)
	s.Approvals = slices.DeleteFunc(s.Approvals, func(a Approval) bool { return a.By.ID == e.By.ID })
	if len(OpenRequests(*s)) == 0 {
		s.Reminded = 0 // whoever replies is asked now
	}
	s.Requests = append(s.Requests, ChangeRequest{By: e.By, At: e.At, Comment: e.Comment, About: d.Subject().clone(), Planned: d.Planned})
}

// clone keeps what may be corrected.
func (s Subject) clone() Subject {
	s.Targets = slices.Clone(s.Targets)
	return s
}

// closeRequests notes an answer to what was asked for, or that whoever did has approved.
// Once all have one the approvers are asked anew: their reminders begin again, and what is
// to come counts from then. Who stands in already stays.
func closeRequests(d *Deployment, e Answered) {
	s := d.Step(e.Step)
	open := len(OpenRequests(*s))
	for i := range s.Requests {
		r := &s.Requests[i]
		switch {
		case r.Closed:
		case e.Choice == ChoiceReply:
			r.Closed, r.Over, r.Reply = true, e.At, Given{By: e.By, At: e.At, Comment: e.Comment}
		case r.By.ID == e.By.ID:
			r.Closed, r.Over = true, e.At
		}
	}
	if open > 0 && len(OpenRequests(*s)) == 0 {
		s.Reminded = 0
	}
}

// Replies reports whether somebody answers what is asked to be changed: the requester or,
// where that is no person, those who decide.
func (by answerer) replies() bool {
	if by.d.Requester.Kind == ActorPerson {
		return by.is(by.ID, by.d.Requester.ID)
	}
	return by.d.MayDecide(by.Actor, by.Person)
}

// reply answers what somebody wants changed.
func reply(c *decider, a Answer, by answerer) error {
	s := c.d.Step(a.Step)
	switch {
	case s == nil || s.Status != Active || s.Attempt != a.Attempt || c.d.Status == Halting || !onDuty(c.d, *s) || len(OpenRequests(*s)) == 0:
		return Refuse("Look at the card again.", "Nobody waits for a reply there now.")
	case !by.replies():
		may := deciders(c.d)
		if c.d.Requester.Kind == ActorPerson {
			may = May{People: []Actor{c.d.Requester}}
		}
		return Refuse("", "%s was asked, and replies.", c.d.Requester.Name).allowing(may)
	case said(a.Comment) == "":
		return Refuse("Say in a few words what has changed, or why nothing has to.", "A reply needs words.")
	}
	c.add(Answered{At: c.now, By: by.Actor, Step: s.ID, Attempt: s.Attempt, Choice: ChoiceReply, Comment: said(a.Comment)})
	return nil
}

// ChangesSince says, in whole sentences, in what a deployment differs from what a request
// was about.
func ChangesSince(d Deployment, r ChangeRequest) []string {
	var out []string
	for _, t := range d.Targets {
		i := slices.IndexFunc(r.About.Targets, func(o Target) bool { return o.Service == t.Service })
		if i < 0 {
			out = append(out, t.Service+" is new.")
			continue
		}
		switch was := r.About.Targets[i]; {
		case was.After != t.After:
			out = append(out, t.Service+" goes to "+t.After.Version+", not to "+was.After.Version+".")
		case was.Before.Version != t.Before.Version:
			out = append(out, t.Service+" runs "+t.Before.Version+" now; it ran "+was.Before.Version+".")
		case was.Before != t.Before:
			out = append(out, t.Service+" does not run as it did.")
		}
	}
	for _, in := range d.Procedure.Inputs {
		if now := d.Inputs[in.ID]; now != r.About.Inputs[in.ID] {
			out = append(out, Sentence(in.name()+" is “"+now+"”, not “"+r.About.Inputs[in.ID]+"”"))
		}
	}
	if !d.Planned.Equal(r.Planned) {
		out = append(out, "It is planned for "+clock(d.Planned, d.Place.zone())+".")
	}
	return out
}

// waitsForReply refuses a yes to what somebody else wants changed: to nobody's but one's
// own objection.
func (by answerer) waitsForReply(s StepState) error {
	for _, r := range OpenRequests(s) {
		if !by.is(by.ID, r.By.ID) {
			return Refuse("Wait for the reply.", "%s asks for changes: %s", r.By.Name, Sentence(r.Comment))
		}
	}
	return nil
}

// ApprovedAs is the role for which an approval counts among those of a step, and which
// roles are missing, each once.
func ApprovedAs(d Deployment, s StepState, by Actor) (role string, missing []string) {
	places := s.approvalPlaces()
	var given [][]string
	var people []Actor
	for _, a := range s.Approvals {
		given, people = append(given, s.rolesOf(a)), append(people, a.By)
	}
	for i, person := range assign(places, given) {
		if person >= 0 && people[person].ID == by.ID {
			role = places[i]
		}
	}
	return role, slices.Compact(MissingApprovals(d, s))
}

// Counted are those of whom one human must not be two: who asked for the deployment,
// who decided its rollback or another version, and whose approvals it has.
func Counted(d Deployment) []Actor {
	out := []Actor{d.Requester, d.RolledBackBy}
	for _, p := range Patched(d) {
		out = append(out, p.By)
	}
	for _, s := range d.Steps {
		for _, given := range s.Approvals {
			out = append(out, given.By)
		}
	}
	return out
}
