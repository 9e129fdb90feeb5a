package deployer

import (
	"slices"
	"strings"
	"time"
)

// What becomes of a step by itself, once it ends badly, and of what goes on beside or
// after the others. Beside the steps that a deployment goes through stand those that nothing waits
// for: what is done at once when something fails, what is due whether or not it is
// over, and what begins with the end. What becomes of one of them touches no other
// step, and each is decided about by itself.

// Lives reports whether something may still happen to a deployment: it has not
// ended, something goes on beside it or after it, or somebody has to review an answer.
func Lives(d Deployment) bool { return goesOn(d) || len(ReviewsOwed(d)) > 0 }

// goesOn reports whether steps may still begin, or end.
func goesOn(d Deployment) bool {
	if !d.Status.Ended() {
		return true
	}
	return slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.open() || onDuty(d, s) && !s.Over() })
}

// onDuty reports whether a step may begin, go on, and be answered and decided about,
// as far as its part is concerned.
func onDuty(d Deployment, s StepState) bool {
	switch {
	case d.Status == Refused:
		return false
	case s.Part == PartAfter:
		return d.Status == Complete || d.Status == RolledBack || d.Status == Stopped && mayHaveChanged(d)
	case d.Status == Stopped:
		return false
	case s.Part == PartFailure:
		return len(d.Failures) > 0
	case s.Part == d.Part:
		return s.Background || !d.Status.Ended()
	}
	return s.Part == PartMain && s.Background && (s.Status == Active || s.Broken()) // it was under way when it was decided to go back
}

// mayHaveChanged reports whether a step may have changed what runs, or anything else that
// waits for an approval, by itself or by the hand of somebody. What is about no service
// has done something as soon as it may have changed anything at all.
func mayHaveChanged(d Deployment) bool {
	return d.Mutated || slices.ContainsFunc(d.Steps, func(s StepState) bool {
		if s.Part == PartAfter || !s.Mutates() && !(d.Procedure.Services == ServicesNone && acts(d.Procedure, s.Step)) {
			return false
		}
		if s.Hand {
			return s.Status == Done || len(s.Given) > 0
		}
		return slices.ContainsFunc(s.Effects, func(e Effect) bool { return e.IsMain() && e.Touched() })
	})
}

// acts reports whether a step of a system changes something, which a person does where
// that system is not there.
func acts(p Procedure, s Step) bool {
	k := kindNamed(p.Kinds, s.Uses).of(s.With)
	return k.Work == WorkSystem && k.Repeat != RepeatReads
}

// onlyPaperwork reports whether a deployment that has rolled something out, or back, has
// proven it and told of it, has nothing left to do that changes what runs, proves it or
// tells of it: lists, forms, tickets. They keep no place, and rest on no proof. What is
// confirmed before that is told may be the proof of people.
func onlyPaperwork(d Deployment) bool {
	if d.Freed || d.Status != Running || len(d.Releases) == 0 || starts(d) {
		return false
	}
	rolledOut, told, left := false, false, false
	for _, s := range d.Steps {
		open := s.open()
		if s.Part == d.Part && !s.Over() {
			left, open = true, true
		}
		if open && !isPaperwork(d, s) {
			return false
		}
		over := s.Part == d.Part && s.Over()
		rolledOut = rolledOut || over && s.Deploys()
		told = told || over && tellsWhatRuns(d, s) && restsOnProof(&d, s.ID)
	}
	return rolledOut && told && left
}

// isPaperwork reports whether a step neither changes what runs nor rests on it.
func isPaperwork(d Deployment, s StepState) bool {
	switch {
	case s.OnFailure == FailureRollBack || s.Mutates() || s.Deploys() || s.Proves():
		return false
	case s.Announces():
		return !s.Reviewed() && !tellsWhatRuns(d, s)
	}
	return s.Confirms() || s.Work() == WorkSystem
}

// tellsWhatRuns reports whether a step announces which version runs.
func tellsWhatRuns(d Deployment, s StepState) bool {
	words := d.Procedure.Messages[s.Message()]
	return s.Announces() && (strings.Contains(words, "{what}") || strings.Contains(words, "{what_back}") || strings.Contains(words, "{to}"))
}

// aside reports whether a step stands beside those that the deployment goes through:
// what becomes of it holds up nothing.
func (s StepState) aside() bool {
	return s.Part == PartFailure || s.Part == PartAfter || s.Background && s.OnFailure != FailureRollBack
}

// decidedAlone reports whether a broken step is decided about by itself, and the
// others of its part not with it.
func decidedAlone(d Deployment, s StepState) bool { return d.Status.Ended() || s.aside() }

// mayBegin reports whether a step that waits for no other one may begin now.
func mayBegin(d Deployment, s StepState, now time.Time) bool {
	switch {
	case s.Status != Pending || !onDuty(d, s):
		return false
	case TakenOver(d) && s.Announces():
		return false
	case s.Part == PartFailure:
		return d.Status != Halting
	case d.Status.Ended():
		return !DueAt(d, s).After(now)
	}
	return d.Status == Running && s.Part == d.Part
}

// DueAt is when a step of PartAfter begins, for the first time or again; zero: that
// is not known before the end, or it does not wait for a time.
func DueAt(d Deployment, s StepState) time.Time {
	switch {
	case s.Part != PartAfter || !d.Status.Ended() || s.Status != Pending || s.Attempt > 0 && !s.Anew:
		return time.Time{}
	case s.Every > 0 && s.Anew:
		return nextRound(d, s)
	case s.Every > 0:
		return d.Ended.Add(s.Every)
	}
	return d.Ended.Add(s.In)
}

// nextRound is the first time after a step was over last at which it is due again:
// what nobody was there for is not made up for.
func nextRound(d Deployment, s StepState) time.Time {
	return d.Ended.Add(s.Finished.Sub(d.Ended).Truncate(s.Every) + s.Every)
}

// repeats reports whether a step that is over begins again by itself.
func repeats(d Deployment, s StepState) bool {
	return s.Part == PartAfter && s.Every > 0 && (s.Status == Done || s.Noted()) && !nextRound(d, s).After(d.Ended.Add(s.Lasts))
}

// endDuties has everything end that goes on after the end of a deployment.
func endDuties(d *Deployment, e Answered) {
	e.Comment = e.Why()
	for i := range d.Steps {
		if s := &d.Steps[i]; onDuty(*d, *s) && !s.Over() {
			s.skip(e)
		}
	}
	endProblems(d)
	if len(d.Failures) > 1 {
		d.Failures = slices.Clone(d.Failures[len(d.Failures)-1:])
	}
}

// A FailedStep is a failure that somebody has to decide about.
type FailedStep struct {
	Step string // its id
	Why  string
	Kind string // which of the failures of the step's kind, or FaultTimeout; "": none that has a name
}

// The names of failures that steps have of themselves.
const (
	FaultTimeout     = "timeout"     // it was not done in time
	FaultRefused     = "refused"     // its system has said no for good, so that nothing was done; of kinds that have it
	FaultUndelivered = "undelivered" // what it announces can't be delivered
	FaultReplaced    = "replaced"    // something else runs by now: what looks at it after the end has nothing to look at any more
)

// displaced reports whether a look after the end has found that another deployment has
// brought something else wherever it looked.
func displaced(s StepState) bool {
	return s.Part == PartAfter && len(s.Effects) > 0 && !slices.ContainsFunc(s.Effects, func(e Effect) bool { return e.Open() || e.Outcome.Kind != FaultReplaced })
}

// FailureOf is the failure that a text of a step is about, or with "" one of the
// whole deployment: in the steps of PartFailure that which they are for, elsewhere
// the last. The zero FailedStep: there was none.
func FailureOf(d Deployment, step string) FailedStep {
	if len(d.Failures) == 0 {
		return FailedStep{}
	}
	if s := d.Step(step); s != nil && s.Part == PartFailure {
		return d.Failures[0]
	}
	return d.Failures[len(d.Failures)-1]
}

// fails notes a failure, for which the steps of PartFailure are done: at once, or when
// they have been done for the one before.
func fails(d *Deployment, f FailedStep) {
	if len(d.Failures) > 0 && failurePartOpen(d) {
		d.Failures = append(d.Failures, f)
		return
	}
	d.Failures = []FailedStep{f}
	beginFailurePart(d)
}

// nextFailure has the steps of PartFailure done for the next failure, once they are
// over for one.
func nextFailure(d *Deployment) {
	if len(d.Failures) < 2 || failurePartOpen(d) {
		return
	}
	d.Failures = slices.Clone(d.Failures[1:])
	beginFailurePart(d)
}

func failurePartOpen(d *Deployment) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == PartFailure && (!s.Over() || s.open()) })
}

func beginFailurePart(d *Deployment) {
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Part == PartFailure && s.Status != Pending {
			s.wait()
			s.Condition = Unasked
		}
	}
}

// wait has a step begin once more, from nothing.
func (s *StepState) wait() {
	s.Status, s.Anew, s.Skipped = Pending, true, Skipped{}
	givenBack(s)
}

// forget drops what a step has come to, so that it begins from nothing.
func (s *StepState) forget() {
	s.Anew, s.Round = false, s.Round+1
	s.Effects, s.Approvals, s.Requests, s.Posts, s.Given, s.Ticks = nil, nil, nil, nil, nil, nil
	s.By, s.Values, s.Why, s.Fault, s.Told = Actor{}, nil, "", "", false
}

// retriesLeft reports whether a step that fails now is tried again by itself. What acts
// never is: people have it tried again.
func (s StepState) retriesLeft() bool {
	return s.Tries < s.Retries.Times && (s.Proves() || s.Work() == WorkFact)
}

// conclude ends a step whose end is there: one that has failed may begin again by
// itself.
func (c *decider) conclude(s StepState) bool {
	if !s.RetryAt.IsZero() {
		return false
	}
	status, why, ok := c.planner().conclusion(s)
	if !ok {
		return false
	}
	e := StepEnded{At: c.now, Step: s.ID, Status: status, Why: why, Kind: fault(s, status)}
	switch {
	case status != StepFailed:
	case s.retriesLeft() && (s.Seen.Deadline.IsZero() || s.Seen.Deadline.After(c.now.Add(s.Retries.Every))):
		e.Retry = c.now.Add(s.Retries.Every)
	case s.Tries > 0:
		e.Why = Sentence(why) + " It was tried " + Count(s.Tries+1, "time") + "."
	}
	c.add(e)
	return true
}

// retry begins a step again that has failed, when it is time.
func (c *decider) retry(s StepState) bool {
	if s.RetryAt.IsZero() || s.RetryAt.After(c.now) || c.d.Status == Deciding && !s.aside() {
		return false
	}
	c.enter(s, false)
	return true
}

// fault is which of its kind's failures a step has come to.
func fault(s StepState, status StepStatus) string {
	if status != StepFailed && status != StepInterrupted {
		return ""
	}
	for _, e := range s.Effects {
		switch named := e.IsMain() && e.Outcome.Kind != ""; {
		case named && status == StepInterrupted:
			if e.Outcome.Result == Interrupted {
				return e.Outcome.Kind
			}
		case named && e.Outcome.Result == Failed, named && e.Outcome.Result == Absent && slices.Contains(s.kind().Fails, e.Outcome.Kind):
			return e.Outcome.Kind
		}
	}
	switch {
	case status == StepInterrupted: // nobody can tell
	case s.Expired:
		return FaultTimeout
	case len(s.Lost) > 0:
		return FaultUndelivered
	case s.Work() == WorkFact && len(s.kind().Fails) > 0:
		return s.kind().Fails[0]
	}
	return ""
}

// goBack has a deployment go back at once, where a step has failed that says so. Where
// nothing was touched, it stops; where no way back is known, somebody decides.
func (c *decider) goBack() bool {
	if c.d.Status != Deciding || c.d.Part != PartMain || TakenOver(c.d) || c.d.Decision.Held.ID != "" || c.planner().busy() {
		return false
	}
	i := slices.IndexFunc(c.d.Steps, func(s StepState) bool {
		return s.Part == PartMain && s.Status == StepFailed && s.OnFailure == FailureRollBack
	})
	if i < 0 || len(c.d.Touched()) > 0 && !canRollBack(c.d) {
		return false
	}
	s := c.d.Steps[i]
	e := Answered{At: c.now, By: Itself, Choice: ChoiceStop, Step: s.ID, Attempt: s.Attempt, Comment: "“" + s.Title + "”: " + Sentence(s.Why)}
	if len(c.d.Touched()) > 0 {
		e.Choice = ChoiceRollBack
		e.Services, _ = revertible(c.d, c.d.FailedServices())
	}
	c.add(e)
	return true
}

// DefaultOf is what is done after a failure where nobody decides, and when. Once
// somebody holds it, or where it can't be done, there is none.
func DefaultOf(d Deployment) (c Choice, at time.Time, ok bool) {
	f := d.Procedure.Failure
	if d.Status != Deciding || d.Part != PartMain || d.Decision.Since.IsZero() || f.Timeout <= 0 || d.Decision.Held.ID != "" || TakenOver(d) || Patching(d) != nil {
		return "", time.Time{}, false
	}
	c = f.Default
	switch {
	case c == ChoiceRollBack && len(d.Touched()) == 0:
		c = ChoiceStop // there is nothing to go back from
	case c == ChoiceRollBack && !canRollBack(d), c == ChoiceSkip && !allSkippable(d), c == "":
		return "", time.Time{}, false
	}
	return c, d.Decision.Since.Add(f.Timeout), true
}

func allSkippable(d Deployment) bool {
	return !slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == d.Part && s.Broken() && !s.aside() && !s.skippable() })
}

// byDefault decides what nobody has decided in time. It is the procedure's, and no
// person's.
func byDefault(c *decider) bool {
	choice, at, ok := DefaultOf(c.d)
	if !ok || at.After(c.now) || c.planner().busy() {
		return false
	}
	e := Answered{At: c.now, By: Itself, Choice: choice, Comment: "Nobody decided by " + clock(at, c.d.Place.zone()) + "."}
	if s := c.d.Broken(); s != nil {
		e.Step, e.Attempt = s.ID, s.Attempt
	}
	if choice == ChoiceRollBack {
		e.Services, _ = revertible(c.d, c.d.FailedServices())
	}
	c.add(e)
	return true
}

// hold stops the clock of what would be done by itself. The question stays.
func hold(c *decider, a Answer, by answerer) error {
	if err := by.checkDecider(); err != nil {
		return err
	}
	if c.d.Decision.Held.ID != "" && c.d.Status == Deciding {
		return Refuse("", "%s holds it already.", c.d.Decision.Held.Name)
	}
	if !slices.Contains(c.d.Options(), ChoiceHold) {
		return Refuse("Look at the card again.", "Nothing would be done by itself now.")
	}
	c.add(Answered{At: c.now, By: by.Actor, Choice: ChoiceHold, Step: a.Step, Attempt: a.Attempt, Comment: said(a.Comment), Role: by.decidesAs(), As: by.as})
	return nil
}

// Itself is who decides what a procedure says beforehand.
var Itself = Actor{Kind: ActorEngine, ID: "stationmaster", Name: "stationmaster"}
