package deployer

import (
	"slices"
	"strings"
	"time"
)

// Somebody may do by hand what a machine would have done: a step of it that did not go
// well, or all of them, where they take the deployment over. From then on nothing begins
// that acts outside, but for the card and its thread; what is under way is followed to its
// end, a draft that nobody reads goes out by its deadline, and what looks goes on. People are asked as before. Handed back, it is looked at
// what stands there, as before every effect, and goes on.

// A Takeover is that somebody has taken a deployment over.
type Takeover struct {
	By   Actor // nobody when zero
	At   time.Time
	Over time.Time // when it was handed back, or has ended; zero: it lasts
}

// An Arrival is a service to which somebody else has brought what is wanted.
type Arrival struct {
	Service string
	By      Actor // who had taken over; nobody when zero
}

// TakenOver reports whether somebody has taken over, and has not handed back.
func TakenOver(d Deployment) bool { return d.Taken.By.ID != "" && d.Taken.Over.IsZero() }

// why is why nothing acts meanwhile.
func (t Takeover) why() string { return t.By.Name + " has taken over." }

func arrived(d Deployment, service string) bool {
	return slices.ContainsFunc(d.Arrived, func(a Arrival) bool { return a.Service == service })
}

// ArrivedBy is who had taken over when a service was seen to have what is wanted; nobody
// when zero.
func ArrivedBy(d Deployment, service string) Actor {
	for _, a := range d.Arrived {
		if a.Service == service {
			return a.By
		}
	}
	return Actor{}
}

// byWhom says that behind what a service has.
func byWhom(d Deployment, service string) string {
	if by := ArrivedBy(d, service); by.ID != "" {
		return ": " + by.Name + " had taken over"
	}
	return ""
}

// actsByItself reports whether a step does something outside that no person does.
func actsByItself(s StepState) bool {
	return s.Announces() || s.Work() == WorkSystem && !s.Proves()
}

// waitsForHands reports whether an effect is not begun since somebody has taken over: one
// that acts, or stands for it in a drill.
func waitsForHands(d Deployment, s StepState, w Wanted) bool {
	return TakenOver(d) && (w.Repeat != RepeatReads || d.Drill.On && actsByItself(s))
}

// doableByHand reports whether somebody may say of a step that did not go well that they
// have done it. What deploys is looked at instead; what only looks, and nobody may skip,
// nobody may answer for.
func doableByHand(s StepState) bool {
	if s.Work() != WorkSystem || s.Deploys() || s.open() {
		return false
	}
	return !s.Proves() || s.MaySkip != MaySkipNobody
}

// handsOn reports whether somebody may say likewise of a step that waits since somebody
// has taken over.
func handsOn(d Deployment, s StepState) bool {
	return TakenOver(d) && s.Status == Active && actsByItself(s) && doableByHand(s)
}

// DoableByHand is the first broken step that somebody may have done by hand, or nil.
func DoableByHand(d Deployment) *StepState {
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Part == d.Part && s.Broken() && !s.aside() && doableByHand(*s) {
			return s
		}
	}
	return nil
}

// brokenActs reports whether one of the steps that a retry begins again acts.
func brokenActs(d Deployment) bool {
	return slices.ContainsFunc(d.Steps, func(s StepState) bool {
		return s.Part == d.Part && s.Broken() && !s.aside() && actsByItself(s)
	})
}

// withHands are the decisions with those that take over, hand back and stop behind them.
func withHands(d Deployment, out []Choice) []Choice {
	switch {
	case d.Status != Running && d.Status != Deciding:
	case TakenOver(d):
		out = append(out, ChoiceHandBack)
	default:
		out = append(out, ChoiceTakeOver)
	}
	return append(out, ChoiceStop)
}

// ByHand is a step of a machine as whoever does it by hand is asked about it.
func ByHand(s StepState) StepState {
	s.Machine, s.Hand = s.kind(), true
	s.Kind = s.Machine.byHand()
	return s
}

// givenBack has a machine do a step again that somebody has done by hand.
func givenBack(s *StepState) {
	if s.Machine != nil {
		s.Kind, s.Hand, s.Machine = s.Machine, false, nil
	}
}

// doneByMachine reports whether the machine had done a step for an item before somebody
// did the rest by hand.
func doneByMachine(s StepState, item string) bool {
	e := s.Effect(EffectKey{Step: s.ID, Item: item}.String())
	return s.Machine != nil && e != nil && e.Stage == Settled && e.Outcome.Result == OK
}

// SeenByHand is the first step that was to prove what the part has changed, and that
// somebody has done by hand, or nil.
func SeenByHand(d Deployment) *StepState {
	rolledOut := planner{d}.rolledOut()
	i := slices.IndexFunc(d.Steps, func(s StepState) bool {
		return s.Part == d.Part && s.Machine != nil && s.Machine.Repeat == RepeatReads && !s.Began.Before(rolledOut)
	})
	if i < 0 {
		return nil
	}
	return &d.Steps[i]
}

// notMeanwhile refuses what has something done that would only be begun when it is handed
// back.
func notMeanwhile(d Deployment, a Answer) *Refusal {
	if !TakenOver(d) {
		return nil
	}
	refused := a.Choice == ChoiceRollBack || a.Choice == ChoicePatch || a.Choice == ChoiceProceed || a.Choice == ChoiceAbort
	if s := d.Step(a.Step); a.Choice == ChoiceRetry && s != nil && s.Broken() {
		refused = !slices.Contains(StepOptions(d, *s), ChoiceRetry)
	}
	if !refused {
		return nil
	}
	return Refuse("Hand it back first, or do it by hand.", "%s Nothing of %s is done by itself until it is handed back.", d.Taken.why(), d.ID)
}

// takeOver has nothing begin any more that acts.
func takeOver(c *decider, a Answer, by answerer) error {
	if err := by.checkDecider(); err != nil {
		return err
	}
	switch {
	case TakenOver(c.d):
		return Refuse("It has to be handed back first.", "%s has taken over already.", c.d.Taken.By.Name)
	case !slices.Contains(c.d.Options(), ChoiceTakeOver):
		return Refuse("Look at the card again.", "%s can't be taken over now.", c.d.ID)
	}
	c.add(Answered{At: c.now, By: by.Actor, Choice: ChoiceTakeOver, Comment: said(a.Comment), Role: by.decidesAs(), As: by.as})
	return nil
}

// handBack has it go on. Whoever has taken over may, and those who decide.
func handBack(c *decider, a Answer, by answerer) error {
	if !TakenOver(c.d) {
		return Refuse("Look at the card again.", "Nobody has taken %s over.", c.d.ID)
	}
	if !by.is(by.ID, c.d.Taken.By.ID) && !by.decides() {
		may := deciders(*by.d)
		may.People = append(may.People, c.d.Taken.By)
		return Refuse("", "Only %s, and those who decide, can hand it back.", c.d.Taken.By.Name).allowing(may)
	}
	if !slices.Contains(c.d.Options(), ChoiceHandBack) {
		return Refuse("", "%s is being stopped already.", c.d.ID)
	}
	c.add(Answered{At: c.now, By: by.Actor, Choice: ChoiceHandBack, Comment: said(a.Comment), Role: by.decidesAs(), As: by.as})
	return nil
}

// mayDoByHand is the step of which somebody says that they have done it, unless it is not
// theirs to say.
func mayDoByHand(d Deployment, a Answer, by answerer) (*StepState, error) {
	s := d.Step(a.Step)
	switch {
	case s != nil && s.Status == Done:
		return nil, DoneAlready(*s)
	case s != nil && s.Deploys():
		return nil, Refuse("Check again finds what was done by hand.", "Of “%s” nobody's word is taken: it is looked at.", s.Title)
	case s == nil || s.Attempt != a.Attempt || !slices.Contains(StepOptions(d, *s), ChoiceByHand):
		return nil, Refuse("Use the buttons that the card has now.", "That can't be done by hand now.")
	}
	switch waits := !s.Broken(); {
	case waits && by.is(by.ID, d.Taken.By.ID):
		return s, nil
	case waits:
		return s, by.checkDecider()
	case s.MaySkip == MaySkipNobody:
		return s, by.checkRoleDecides("skip or roll back")
	}
	return s, by.checkWaiver(*s)
}

// checkWaiver refuses whoever may not do without a step: the role that it names may, or
// else those who decide. Without the answer of a role, those who hold it or the
// deciders' roles do, and it is not the requester's to waive.
func (by answerer) checkWaiver(s StepState) error {
	var may []string
	switch {
	case s.MaySkip == MaySkipNobody:
		return nil // it is refused for everybody
	case s.MaySkip != "":
		may = []string{s.MaySkip}
	case s.answerer() != "":
		may = append([]string{s.answerer()}, by.d.Deciders()...)
	default:
		return by.checkRoleDecides("skip or roll back")
	}
	if by.holds(may...) {
		return nil
	}
	slices.Sort(may)
	may = slices.Compact(may)
	return Refuse("", "Only %s can do without “%s”.", strings.Join(may, " or "), s.Title).allowing(May{Roles: may})
}

// waivesAs is the role by which they skip a step.
func (by answerer) waivesAs(s StepState) string {
	for _, role := range []string{s.MaySkip, s.answerer()} {
		if role != "" && by.holds(role) {
			return role
		}
	}
	return by.decidesAs()
}

// doByHand takes somebody's word that they have done what a machine would have.
func doByHand(c *decider, a Answer, by answerer) error {
	s, err := mayDoByHand(c.d, a, by)
	if err != nil {
		return err
	}
	values, err := ByHand(*s).filled("", a.Values)
	switch {
	case err != nil:
		return err
	case said(a.Comment) == "":
		return Refuse("Say in a few words what was done.", "Done by hand needs to say how.")
	}
	c.add(Answered{At: c.now, By: by.Actor, Choice: ChoiceByHand, Step: s.ID, Attempt: s.Attempt, Values: values, Comment: said(a.Comment), Role: by.waivesAs(*s), As: by.as})
	return nil
}

// doneByHand is what becomes of a step that somebody has done by hand: it is done, and
// theirs. The next time it begins the machine does it.
func doneByHand(d *Deployment, e Answered) {
	s := d.Step(e.Step)
	if s.Status == Active {
		s.Finished = e.At
	}
	*s = ByHand(*s)
	s.Status, s.Held, s.HeldBack, s.Anew, s.RetryAt = Done, Held{}, false, false, time.Time{}
	s.answer(e)
	age(d)
	goOn(d, e)
	if repeats(*d, *s) {
		s.wait()
	}
}

// takenOver holds all that acts. What would be decided by itself, they hold.
func takenOver(d *Deployment, e Answered) {
	d.Taken = Takeover{By: e.By, At: e.At}
	for i := range d.Steps {
		holdBack(d, &d.Steps[i])
	}
}

// holdBack holds a step that acts while somebody has taken over.
func holdBack(d *Deployment, s *StepState) {
	if TakenOver(*d) && s.Status == Active && actsByItself(*s) && s.Held.Rule == "" {
		s.Held, s.HeldBack = Held{Why: d.Taken.why()}, true
	}
}

// handedBack lets go what was held since somebody had taken over. What failed meanwhile
// nobody decides about but people.
func handedBack(d *Deployment, at time.Time) {
	if !TakenOver(*d) {
		return
	}
	d.Taken.Over = at
	for i := range d.Steps {
		if s := &d.Steps[i]; s.HeldBack {
			letGo(s, at)
		}
	}
	if d.Status == Deciding {
		d.Decision.Held = d.Taken.By
	}
}
