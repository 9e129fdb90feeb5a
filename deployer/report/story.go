package report

import (
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A story is what a page tells of a deployment, gathered from its events.
type story struct {
	History
	events   []told
	agreed   []agreement
	skipped  []skip
	unneeded []Entry
	failures []failure
	decided  []decision // that were about no failure
	spans    map[string]*span
	asked    map[string]time.Time // by step: since when people are awaited
	waits    []interval           // for people
	details  map[string][]Entry   // by step: what its effects have come to that did not go well, in this attempt
	links    []link
}

// told is an event and its words.
type told struct {
	Entry
	event deployer.Event
}

// An agreement is what somebody has said yes to, or no.
type agreement struct {
	Entry
	waited time.Duration
	void   Entry // Kind "": it stands
}

// A skip is a step that somebody went on without.
type skip struct {
	Entry
	was string // what was wrong with it
}

// A failure is a step that did not go well, and what became of that.
type failure struct {
	Entry
	details   []Entry
	decisions []decision
	passed    string // it is over without a decision: why
}

// A decision is what somebody decided.
type decision struct {
	Entry
	after time.Duration // since it was to be decided; 0: that is not known
}

// A span is how long a step has been under way, all attempts together.
type span struct {
	attempts int
	began    time.Time // zero: it is not under way
	took     time.Duration
}

type interval struct{ from, to time.Time }

// gather reads the events in their order.
func gather(h History) *story {
	s := &story{History: h, spans: map[string]*span{}, asked: map[string]time.Time{}, details: map[string][]Entry{}}
	entries := Entries(h)
	for _, r := range h.Records {
		for _, event := range r.Events {
			s.events = append(s.events, told{entries[len(s.events)], event})
		}
	}
	for _, e := range s.events {
		switch event := e.event.(type) {
		case deployer.StepBegan:
			s.begins(e.Entry)
		case deployer.StepEnded:
			s.ends(e.Entry, event)
		case deployer.ApprovalVoided:
			s.voids(e.Entry, nil)
		case deployer.ApprovalLapsed:
			s.voids(e.Entry, event.People)
		case deployer.ApprovalCarried:
			s.agreed = append(s.agreed, agreement{Entry: e.Entry})
		case deployer.GateOpened:
			s.asked[e.Step] = e.At
		case deployer.EffectSettled:
			s.settles(e.Entry, event)
		case deployer.Answered:
			s.answers(e.Entry, event)
		}
		s.link(e.event)
	}
	return s
}

func (s *story) step(id string) deployer.StepState {
	if found := s.Deployment.Step(id); found != nil {
		return *found
	}
	return deployer.StepState{Step: deployer.Step{ID: id, Title: id}}
}

func (s *story) begins(e Entry) {
	of := s.spans[e.Step]
	if of == nil {
		of = &span{}
		s.spans[e.Step] = of
	}
	of.attempts, of.began = of.attempts+1, e.At
	delete(s.details, e.Step)
	if step := s.step(e.Step); step.Confirms() || step.Approves() {
		s.asked[e.Step] = e.At
	}
}

// over says that a step is not under way any more, and nobody awaited at it.
func (s *story) over(step string, at time.Time) {
	if of := s.spans[step]; of != nil && !of.began.IsZero() {
		of.took, of.began = of.took+at.Sub(of.began), time.Time{}
	}
	if since, ok := s.asked[step]; ok {
		s.waits = append(s.waits, interval{since, at})
		delete(s.asked, step)
	}
}

func (s *story) ends(e Entry, event deployer.StepEnded) {
	step := s.step(e.Step)
	if event.Status == deployer.Done && event.Why != "" && step.Confirms() {
		e.By, e.What = "nobody", e.Why
		s.agreed = append(s.agreed, agreement{Entry: e, waited: s.waited(e)})
	}
	s.over(e.Step, e.At)
	switch event.Status {
	case deployer.StepNotNeeded:
		s.unneeded = append(s.unneeded, e)
	case deployer.StepFailed, deployer.StepInterrupted:
		f := failure{Entry: e, details: s.details[e.Step], passed: passed(step, event)}
		s.failures = append(s.failures, f)
	case deployer.Done: // what had failed is done after all
		for i := range s.failures {
			if f := &s.failures[i]; f.Step == e.Step && f.open() {
				f.passed = "It was done after all."
			}
		}
	}
}

// passed is what becomes of a failure by itself; "": somebody decides.
func passed(s deployer.StepState, e deployer.StepEnded) string {
	switch {
	case !e.Retry.IsZero():
		return "It was tried again by itself."
	case s.Part == deployer.PartFailure, s.OnFailure == deployer.FailureContinue && e.Status == deployer.StepFailed && !s.Deploys() && !s.Approves():
		return "It was noted, and the procedure went on."
	case s.OnFailure == deployer.FailureStop && e.Status == deployer.StepFailed && s.Part != deployer.PartAfter:
		return "The deployment stopped by itself, as the procedure says."
	}
	return ""
}

func (f failure) open() bool { return f.passed == "" && len(f.decisions) == 0 }

// voids ends what these people have approved at a step, or all have.
func (s *story) voids(e Entry, people []deployer.Actor) {
	s.over(e.Step, e.At)
	s.withdraws(e, people)
}

func (s *story) withdraws(e Entry, people []deployer.Actor) {
	for i := range s.agreed {
		a := &s.agreed[i]
		theirs := people == nil || slices.ContainsFunc(people, func(p deployer.Actor) bool { return p.ID == a.ByID })
		yes := people == nil || a.Result == string(deployer.ChoiceApprove) || a.Kind == "approval-carried"
		if a.Step == e.Step && a.void.Kind == "" && theirs && yes {
			a.void = e
		}
	}
}

func (s *story) settles(e Entry, event deployer.EffectSettled) {
	if event.Outcome.Result != deployer.OK {
		s.details[e.Step] = append(s.details[e.Step], e)
	}
}

// waited is how long people were awaited until they said this.
func (s *story) waited(e Entry) time.Duration {
	if since, ok := s.asked[e.Step]; ok {
		return e.At.Sub(since)
	}
	return 0
}

func (s *story) answers(e Entry, event deployer.Answered) {
	switch event.Choice {
	case deployer.ChoiceDone, deployer.ChoiceApprove, deployer.ChoiceSend, deployer.ChoiceProceed, deployer.ChoiceAbort:
		s.agreed = append(s.agreed, agreement{Entry: e, waited: s.waited(e)})
		return
	case deployer.ChoiceChanges, deployer.ChoiceReply:
		if event.Choice == deployer.ChoiceChanges {
			s.withdraws(e, []deployer.Actor{event.By})
		}
		s.agreed = append(s.agreed, agreement{Entry: e, waited: s.waited(e)})
		return
	case deployer.ChoiceReject:
		s.agreed = append(s.agreed, agreement{Entry: e, waited: s.waited(e)})
	case deployer.ChoiceByHand:
		s.agreed = append(s.agreed, agreement{Entry: e, waited: s.waited(e)})
		s.over(e.Step, e.At)
	case deployer.ChoiceTakeOver, deployer.ChoiceHandBack: // nothing of what failed is decided by that
		s.decided = append(s.decided, decision{Entry: e})
		return
	case deployer.ChoiceSkip:
		s.skipped = append(s.skipped, skip{e, s.wasWrong(e.Step)})
		s.over(e.Step, e.At)
	}
	s.decides(e, event)
}

// wasWrong is why a step has failed the last time.
func (s *story) wasWrong(step string) string {
	for _, f := range slices.Backward(s.failures) {
		if f.Step == step {
			return f.Why
		}
	}
	return ""
}

// decides ties a decision to the failures that it is about: a step is skipped, or done by hand, by itself.
func (s *story) decides(e Entry, event deployer.Answered) {
	about, ofOne := 0, event.Choice == deployer.ChoiceSkip || event.Choice == deployer.ChoiceByHand
	for i := range s.failures {
		f := &s.failures[i]
		if !f.open() || ofOne && f.Step != e.Step {
			continue
		}
		f.decisions = append(f.decisions, decision{e, e.At.Sub(f.At)})
		s.waits = append(s.waits, interval{f.At, e.At})
		about++
	}
	if about == 0 && !ofOne {
		s.decided = append(s.decided, decision{Entry: e})
	}
}

// awaited is how long people were awaited in all: what went on at the same time counts once.
func (s *story) awaited() time.Duration {
	all := slices.Clone(s.waits)
	slices.SortFunc(all, func(a, b interval) int { return a.from.Compare(b.from) })
	var sum time.Duration
	var end time.Time
	for _, w := range all {
		if w.from.Before(end) {
			w.from = end
		}
		if w.to.After(w.from) {
			sum, end = sum+w.to.Sub(w.from), w.to
		}
	}
	return sum
}
