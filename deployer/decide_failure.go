package deployer

import (
	"slices"
	"strings"
	"time"
)

// Options are the decisions that can be taken now, in the order of their
// buttons.
func (d Deployment) Options() []Choice {
	if d.Status == Halting && len(d.Untold()) > 0 && !d.GivenUp && len((planner{d}).underWay()) == 0 {
		return []Choice{ChoiceCheck, ChoiceStop}
	}
	if d.Status.Ended() && slices.ContainsFunc(d.Steps, func(s StepState) bool { return onDuty(d, s) && !s.Over() }) {
		return []Choice{ChoiceStop}
	}
	if d.Status.Ended() || d.Status == Halting {
		return nil
	}
	if held := d.HeldByRule(); held != nil && held.Held.Asks && d.Status == Running && !(planner{d}).busy() && canRollBack(d) && !TakenOver(d) {
		return withHands(d, []Choice{ChoiceRollBack})
	}
	if d.Status != Deciding || (planner{d}).busy() {
		return withHands(d, nil)
	}
	var out []Choice
	if s := d.Broken(); s != nil && s.begun() {
		out = append(out, ChoiceCheck)
	}
	if !TakenOver(d) || !brokenActs(d) {
		out = append(out, ChoiceRetry)
	}
	if DoableByHand(d) != nil {
		out = append(out, ChoiceByHand)
	}
	if d.Skippable() != nil {
		out = append(out, ChoiceSkip)
	}
	if patchable(d) && !TakenOver(d) {
		out = append(out, ChoicePatch)
	}
	if canRollBack(d) && !TakenOver(d) {
		out = append(out, ChoiceRollBack)
	}
	if _, _, ok := DefaultOf(d); ok {
		out = append(out, ChoiceHold)
	}
	if first := d.Procedure.Failure.Prefer; slices.Contains(out, first) {
		out = append([]Choice{first}, slices.DeleteFunc(out, func(c Choice) bool { return c == first })...)
	}
	return withHands(d, out)
}

// StepOptions are the decisions that can be taken now about a step: about one that did
// not go well, or to go on without one that is under way. Where it is not decided about
// by itself they are the Options of the deployment.
func StepOptions(d Deployment, s StepState) []Choice {
	switch {
	case d.Status == Halting || !onDuty(d, s) || s.Over() || s.Again != "":
		return nil
	case !s.Broken():
		var out []Choice
		if handsOn(d, s) {
			out = append(out, ChoiceByHand)
		}
		if s.skippableNow() {
			out = append(out, ChoiceSkip)
		}
		return out
	case !decidedAlone(d, s):
		return d.Options()
	case s.open():
		return nil
	}
	var out []Choice
	if s.begun() {
		out = append(out, ChoiceCheck)
	}
	if !TakenOver(d) || !actsByItself(s) {
		out = append(out, ChoiceRetry)
	}
	if doableByHand(s) {
		out = append(out, ChoiceByHand)
	}
	if s.skippable() {
		out = append(out, ChoiceSkip)
	}
	return out
}

// AwaitsDecision reports whether somebody has to decide about a step.
func AwaitsDecision(d Deployment) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool {
		return s.Broken() && d.Status != Halting && onDuty(d, s) && s.Again == "" && (Patching(d) == nil || decidedAlone(d, s))
	})
}

// busy reports whether anything is under way of what a deployment goes through: a
// decision waits for that, as for what it is to patch forward, and for nothing that goes
// on beside it.
func (d planner) busy() bool {
	return Patching(d.Deployment) != nil || slices.ContainsFunc(d.underWay(), func(w Wanted) bool { return !d.Step(w.Intent.Step).aside() })
}

// Broken is the step that a person has to decide about, or nil.
func (d *Deployment) Broken() *StepState {
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Part == d.Part && s.Broken() && !s.aside() {
			return s
		}
	}
	return nil
}

// Skippable is the first broken step that can be skipped, or nil. A rollout
// can not be done without, and an approval is nobody's to waive.
func (d *Deployment) Skippable() *StepState {
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Part == d.Part && s.Broken() && !s.aside() && s.skippable() {
			return s
		}
	}
	return nil
}

func canRollBack(d Deployment) bool {
	return d.Part != PartRollback && !d.Freed && slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == PartRollback }) && len(d.Undo().Targets) > 0
}

// FailedServices are the touched services that failed, or all touched ones where the
// failure is not about a service.
func (d Deployment) FailedServices() []string {
	touched := d.Touched()
	var failed []string
	if s := d.Broken(); s != nil {
		for _, e := range d.EffectsInOrder(*s) {
			if e.Outcome.Result != OK && e.IsMain() && slices.Contains(touched, e.Item) {
				failed = append(failed, e.Item)
			}
		}
	}
	if len(failed) == 0 {
		return touched
	}
	return failed
}

// checkOrRetry decides Check again and Retry. Every failed step, of the procedure
// or of its rollback, begins a new attempt.
func (c *decider) checkOrRetry(a Answer, by answerer) error {
	if err := by.checkDecider(); err != nil {
		return err
	}
	if c.d.Status == Halting {
		return c.checkStopped(a, by)
	}
	named, err := undecided(c.d, a)
	if err != nil {
		return err
	}
	if a.Choice == ChoiceCheck && !named.begun() {
		return Refuse("Retry it instead.", "“%s” has not begun, so there is nothing to look at.", named.Title)
	}
	c.add(Answered{At: c.now, By: by.Actor, Choice: a.Choice, Step: a.Step, Attempt: a.Attempt, Comment: said(a.Comment), Role: by.decidesAs(), As: by.as})
	return nil
}

// undecided returns the broken step that a decision is about.
func undecided(d Deployment, a Answer) (*StepState, error) {
	s := d.Step(a.Step)
	switch {
	case s != nil && s.Skipped.By.ID != "":
		return nil, DoneAlready(*s)
	case s == nil || s.Attempt != a.Attempt || !slices.Contains(StepOptions(d, *s), a.Choice):
		return nil, Refuse("Use the buttons that the card has now.", "There is nothing to decide about that now.")
	}
	return s, nil
}

func (c *decider) reopen(s StepState, look bool) {
	if !c.enter(s, look) {
		return
	}
	for _, e := range s.Effects {
		if look && e.IsMain() && e.Outcome.Result != OK {
			c.add(EffectReopened{At: c.now, Key: e.Key, Attempt: s.Attempt + 1})
		}
	}
}

// skip decides one step that did not go well, or that nobody has to wait for. Of
// several, each is decided by itself, and the deployment goes on after the last.
func (c *decider) skip(a Answer, by answerer) error {
	s, err := undecided(c.d, a)
	if err == nil {
		err = by.checkWaiver(*s)
	} else if r := by.checkRoleDecides("skip or roll back"); r != nil {
		err = r
	}
	switch {
	case err != nil:
		return err
	case !s.skippable():
		return Refuse("Retry it, roll back or stop.", "“%s” can't be skipped.", s.Title)
	case said(a.Comment) == "":
		return Refuse("Say in a few words why it can be done without.", "Skipping needs a reason.")
	}
	c.add(Answered{At: c.now, By: by.Actor, Choice: ChoiceSkip, Step: s.ID, Attempt: s.Attempt, Comment: said(a.Comment), Role: by.waivesAs(*s), As: by.as})
	return nil
}

func (c *decider) rollBack(a Answer, by answerer) error {
	if err := by.checkRoleDecides("skip or roll back"); err != nil {
		return err
	}
	if !slices.Contains(c.d.Options(), ChoiceRollBack) {
		return refuseRollback(c.d)
	}
	for _, service := range a.Services {
		if !slices.Contains(c.d.Touched(), service) {
			return Refuse("It has rolled out "+strings.Join(c.d.Touched(), ", ")+".", "%s has not rolled out %s.", c.d.ID, service)
		}
	}
	undo := c.d.Undo(a.Services...)
	switch {
	case a.Subject != "" && a.Subject != undo.Hash():
		return Refuse("Look at the card again.", "What would be rolled back has changed since that button was shown. Now it is %s.", undoWords(undo))
	case len(undo.Targets) == 0:
		return Refuse("", "No version of %s is known to have run well.", strings.Join(a.Services, ", ")).Hint("What ran before, see", VerbHistory, a.Services[0])
	}
	e := Answered{At: c.now, By: by.Actor, Choice: ChoiceRollBack, Services: namesOf(undo.Targets), Comment: said(a.Comment), Role: by.decidesAs(), As: by.as}
	if s := c.d.Broken(); s != nil {
		e.Step, e.Attempt = s.ID, s.Attempt
	}
	c.add(e)
	return nil
}

// undoWords say what goes back to what, and what that undoes besides.
func undoWords(undo Subject) string {
	var out []string
	for _, t := range undo.Targets {
		out = append(out, t.Service+" to "+t.Before.Version)
	}
	words := strings.Join(out, ", ")
	if len(undo.Lost) > 0 {
		words += ". It undoes this, too: " + strings.TrimSuffix(strings.Join(undo.Lost, " "), ".")
	}
	return words
}

// refuseRollback says why a deployment can't be rolled back now.
func refuseRollback(d Deployment) *Refusal {
	const stop = "To end it where it is"
	switch {
	case d.Part == PartRollback:
		return Refuse("", "%s is being rolled back already.", d.ID).Hint(stop, VerbStop, d.ID)
	case d.Freed:
		return Refuse("", "What %s has brought is done, and its place is free.", d.ID).Hint("To go back from that, say", VerbRollBack, d.ID)
	case len(d.Touched()) == 0:
		return Refuse("", "%s can't be rolled back now: it has rolled out nothing yet.", d.ID).Hint(stop, VerbStop, d.ID)
	case !slices.ContainsFunc(d.Steps, func(s StepState) bool { return s.Part == PartRollback }):
		return Refuse("", "%s can't be rolled back: its procedure has no way back.", d.ID).Hint(stop, VerbStop, d.ID)
	case len(d.Undo().Targets) == 0:
		_, not := revertible(d, d.FailedServices())
		return Refuse("", "%s can't be rolled back: no version of %s is known to have run well.", d.ID, strings.Join(not, ", ")).
			Hint("What ran before, see", VerbHistory, not[0]).Hint(stop, VerbStop, d.ID)
	}
	return Refuse("Wait until it has failed or is complete", "%s can't be rolled back now: it is under way.", d.ID).
		Hint("or, to end it where it is", VerbStop, d.ID)
}

func (c *decider) stop(a Answer, by answerer) error {
	if err := by.checkDecider(); err != nil {
		return err
	}
	left := LeftBy(c.d)
	switch {
	case c.d.Status.Ended() && !slices.Contains(c.d.Options(), ChoiceStop):
		return HasEnded(c.d)
	case !slices.Contains(c.d.Options(), ChoiceStop):
		return Refuse("", "%s is being stopped already.", c.d.ID)
	case c.d.Status.Ended(): // nothing that runs is left otherwise by it
	case a.Subject != "" && a.Subject != left.Hash():
		return Refuse("Look at the card again.", "What stopping would leave as it is has changed since that button was shown. Now %s.", left.now())
	case c.d.Status == Halting && said(a.Comment) == "":
		return Refuse("Say in a few words why it can be left so.", "Nobody can tell how far it came, so giving up needs a reason.")
	}
	c.add(Answered{At: c.now, By: by.Actor, Choice: ChoiceStop, Comment: said(a.Comment), Role: by.decidesAs(), As: by.as})
	return nil
}

// Untold are the effects of which nobody can tell, after a stop, how far they
// came.
func (d Deployment) Untold() []Effect {
	var out []Effect
	for _, s := range d.Steps {
		for _, e := range s.Effects {
			if e.Untold {
				out = append(out, e)
			}
		}
	}
	return out
}

// checkStopped looks once more at what could not be told after a stop.
func (c *decider) checkStopped(a Answer, by answerer) error {
	if !slices.Contains(c.d.Options(), a.Choice) {
		return Refuse("", "%s is being stopped already.", c.d.ID)
	}
	c.add(Answered{At: c.now, By: by.Actor, Choice: a.Choice, Role: by.decidesAs(), As: by.as})
	for _, e := range c.d.Untold() {
		c.add(EffectReopened{At: c.now, Key: e.Key, Attempt: e.Attempt})
	}
	return nil
}

// A Problem is that a step did not go well, so that somebody has to decide, for as long
// as that lasts: to try again, and to fail again, leaves it the same one. People are told
// of it once, by a message that changes with it.
type Problem struct {
	Number  int // of the event that it began with
	Step    string
	Began   time.Time
	Fails   int    // how often the step did not go well, by itself or tried again by people
	Why     string // it did not, the last time
	Decided Choice // what was decided last; "": nothing yet
	By      Actor  // who decided that
	Comment string // and why
	Ended   int    // the number of the event that it was over with; 0: it lasts
	Post    Post   // the message that tells of it; zero: it is not posted yet
	Lost    bool   // that can't be posted
}

// LastProblem returns the last problem of a step, or nil.
func (d *Deployment) LastProblem(step string) *Problem {
	for i := range slices.Backward(d.Problems) {
		if d.Problems[i].Step == step {
			return &d.Problems[i]
		}
	}
	return nil
}

// hasProblem notes that a step did not go well: as a problem of its own, unless it has
// one that lasts.
func hasProblem(d *Deployment, s StepState, e StepEnded) {
	p := d.LastProblem(s.ID)
	if p == nil || p.Ended != 0 {
		d.Problems = append(d.Problems, Problem{Number: d.Seq + 1, Step: s.ID, Began: e.At})
		p = &d.Problems[len(d.Problems)-1]
	}
	p.Fails++
	p.Why = e.Why
}

// endProblem notes that the problem of a step is over, if it has one.
func endProblem(d *Deployment, step string) {
	if p := d.LastProblem(step); p != nil && p.Ended == 0 {
		p.Ended = d.Seq + 1
	}
}

// endProblems notes of every problem that nobody can decide about any more that it is
// over.
func endProblems(d *Deployment) {
	for _, p := range d.Problems {
		if s := d.Step(p.Step); !onDuty(*d, *s) || s.Over() {
			endProblem(d, p.Step)
		}
	}
}

// decideProblems notes what was decided about the problems that it is about.
func decideProblems(d *Deployment, e Answered, about func(StepState) bool) {
	for i := range d.Problems {
		if p := &d.Problems[i]; p.Ended == 0 && about(*d.Step(p.Step)) {
			p.Decided, p.By, p.Comment = e.Choice, e.By, e.Comment
		}
	}
}

// Why is why it was answered so: of what ends a deployment, as a sentence that
// names who did.
func (e Answered) Why() string {
	verb := map[Choice]string{ChoiceStop: "Stopped", ChoiceReject: "Rejected"}[e.Choice]
	switch {
	case verb == "":
		return e.Comment
	case e.Comment == "":
		return verb + " by " + e.By.Name + "."
	}
	return verb + " by " + e.By.Name + ": " + e.Comment
}
