package deployer

import (
	"errors"
	"slices"
	"time"
)

// ErrStale answers an order of the engine that has been overtaken: what it
// reports, or wants to begin, is not awaited any more.
var ErrStale = errors.New("the deployment does not wait for that any more")

// A Listener hears of an event as it is decided, in order, with the deployment as it
// stands after it, and answers how many messages are sent because of it. What it keeps
// of the deployment it copies.
type Listener func(after Deployment, e Event) (messages int)

// Decide says what follows from an order: events that belong into one commit, with the
// messages that the listener sends because of them; nil: there are none. See
// telling.Decide, which writes them. No events and no error mean that the order was
// carried out before. A *Refusal is for the person who gave it; events that come with
// it say only that it was given, belong into a commit as well, and nobody hears of
// them. What follows may be more than one commit takes, of events or of messages: then
// Next says so, and Advance goes on.
func Decide(d Deployment, o Order, f Facts, hear Listener) ([]Event, error) {
	switch {
	case o.Nonce == "":
	case slices.Contains(d.OrdersSeen, o.Nonce):
		return nil, nil
	case slices.Contains(d.OrdersRefused, o.Nonce):
		return nil, Refuse("Press it again if you still want it.", "That was refused before, and is not taken up now.")
	}
	c := &decider{d: d, now: f.Now, language: f.Language, members: f.Members, verdicts: f.Verdicts, hear: hear}
	if err := c.order(o, f); err != nil {
		return refusedOnce(d, o, f, err), err
	}
	if o.Nonce != "" {
		c.add(OrderSeen{At: f.Now, By: o.By, Nonce: o.Nonce, Via: o.Via})
	}
	c.follow()
	return c.events, nil
}

// refusedMax bounds the refused orders that a deployment remembers.
const refusedMax = 64

// refusedOnce remembers that somebody's order was refused, so that the same
// click delivered again is not carried out when things have changed.
func refusedOnce(d Deployment, o Order, f Facts, err error) []Event {
	var r *Refusal
	if o.Nonce == "" || o.Amendable || d.ID == "" || !Lives(d) || len(d.OrdersRefused) >= refusedMax || !errors.As(err, &r) {
		return nil
	}
	return []Event{OrderSeen{At: f.Now, By: o.By, Nonce: o.Nonce, Refused: true, Via: o.Via}}
}

// A decider collects what follows, step by step.
type decider struct {
	d        Deployment
	now      time.Time
	language Language // nil: there is none
	members  Members  // nil: nobody is known
	verdicts []Verdict
	hear     Listener // nil: nobody listens
	events   []Event
	told     int // messages
}

func (c *decider) planner() planner { return planner{c.d} }

func (c *decider) evaluator() evaluator { return evaluator{&c.d, c.now, c.language, c.members} }

func (c *decider) add(e Event) {
	c.addUnheard(e)
	if c.hear != nil {
		c.told += c.hear(c.d, e)
	}
}

// addUnheard adds an event that nobody is told of.
func (c *decider) addUnheard(e Event) {
	if len(c.events) == 0 {
		c.d = c.d.clone() // from here on it is the decider's own
	}
	e.apply(&c.d)
	c.d.Seq++
	c.events = append(c.events, e)
}

func (c *decider) order(o Order, f Facts) error {
	if cmd, ok := o.Command.(Start); ok {
		return c.start(cmd, o.By, f)
	}
	switch cmd := o.Command.(type) {
	case Deliver:
		c.deliver(cmd)
		return nil
	case LoseCard:
		c.loseCard(cmd)
		return nil
	case GiveUp:
		c.giveUp(cmd)
		return nil
	}
	if !Lives(c.d) {
		if o.By.ID == "" {
			return ErrStale
		}
		return HasEnded(c.d)
	}
	if o.By.ID != "" {
		a, one := o.Command.(Answer)
		all, several := o.Command.(AnswerAll)
		switch {
		case !one && !several:
			return Refuse("", "People can't do that.")
		case o.By.Kind != ActorPerson:
			return Refuse("Ask somebody who may.", "%s is no person, and only people answer.", o.By.Name)
		}
		if r := f.Policy.Admits(o.By, f.Person); r != nil {
			return r
		}
		by := answerer{Actor: o.By, Person: standing(c.d, o.By, f.Policy.as(f.Person)), d: &c.d, now: c.now}
		if several {
			return answerAll(c, all, by)
		}
		return c.answer(a, by)
	}
	return c.engine(o.Command, f)
}

// What one order makes at most of events and messages before the rest is left to
// Advance. One event more may follow, with its messages.
const (
	eventsMax   = 40
	messagesMax = 24
)

// follow adds what follows by itself, until nothing does, or a commit is full.
func (c *decider) follow() {
	for len(c.events) < eventsMax && c.told < messagesMax && c.one() {
	}
}

// one adds one consequence and reports whether there was any.
func (c *decider) one() bool {
	switch {
	case c.d.Status == Resolving || !Lives(c.d):
		return false
	case c.d.Status == Halting:
		if len(c.planner().underWay()) > 0 || len(c.d.Untold()) > 0 && !c.d.GivenUp {
			return false
		}
		return c.ended(Stopped, c.d.Why)
	}
	if lapse(c) {
		return true
	}
	for _, s := range c.d.Steps {
		if s.Again != "" && s.Broken() && onDuty(c.d, s) {
			if s.Again == ChoiceCheck || !c.notNeededNow(s) {
				c.reopen(s, s.Again == ChoiceCheck)
			}
			return true
		}
	}
	for _, s := range c.d.Steps {
		if s.Status == Active && onDuty(c.d, s) && (c.retry(s) || c.conclude(s)) {
			return true
		}
	}
	return c.goBack() || byDefault(c) || c.begin() || c.free() || c.d.Status == Running && c.end()
}

func (c *decider) end() bool {
	for _, s := range c.d.Steps {
		if s.Part == c.d.Part && !s.Background && !s.Over() {
			return false
		}
	}
	if !c.d.Freed && c.planner().anyStale(c.now) {
		return false
	}
	if c.d.Part == PartRollback {
		return c.ended(RolledBack, ShortWords(c.d))
	}
	return c.ended(Complete, ShortWords(c.d))
}

// free gives the places back before the end, where only paperwork is left.
func (c *decider) free() bool {
	if !onlyPaperwork(c.d) || c.planner().anyStale(c.now) {
		return false
	}
	c.add(PlacesFreed{At: c.now})
	return true
}

// ended adds the end.
func (c *decider) ended(s Status, why string) bool {
	if !c.d.Freed && !c.d.Queued {
		c.add(PlacesFreed{At: c.now})
	}
	c.add(Ended{At: c.now, Status: s, Why: why})
	return true
}

// start decides whether a deployment may begin. What its words mean is found
// out afterwards.
func (c *decider) start(cmd Start, by Actor, f Facts) error {
	if !f.Child {
		if r := f.Policy.Allows(cmd, by, f.Person); r != nil {
			return r
		}
	}
	seen := map[string]bool{}
	places := PlacesOf(cmd.Site, cmd.Procedure.ID, cmd.Releases, cmd.Drill.On)
	locks := f.Locks.Besides(func(id string) bool { return id == ParentOf(cmd.Origin) })
	if cmd.Drill.On { // it changes nothing that runs
		locks = Locks{}
	}
	if len(cmd.Releases) == 0 {
		if err := c.startOfNone(cmd, by, f, locks); err != nil {
			return err
		}
	}
	for i, w := range cmd.Releases {
		if seen[w.Service] {
			return Refuse("Name it once.", "%s is named twice.", w.Service)
		}
		seen[w.Service] = true
		if err := checkRelease(w); err != nil {
			return err
		}
		if r := notFree(w.Service, places[i], f); r != nil && !cmd.Wait {
			return r
		}
		if r := locks.Forbids(w.Service, by, c.now); r != nil {
			return r
		}
	}
	if err := checkInputs(cmd.Procedure.Inputs, cmd.Inputs); err != nil {
		return err
	}
	overrides := cmd
	cmd.Wait = cmd.Wait && hasToWait(cmd, f)
	cmd.Reason, cmd.Within, cmd.Overrides = said(cmd.Reason), 0, nil // each override is an event of its own
	if !cmd.Planned.IsZero() {
		cmd.Within = StartWithin
	}
	cmd.Earlier = slices.DeleteFunc(slices.Clone(cmd.Earlier), func(e EarlierApproval) bool { return f.Person.is(by.ID, e.By.ID) })
	c.add(Created{At: c.now, ID: f.ID, Store: f.Store, Start: cmd, By: by, Role: f.Policy.roleAt(cmd, f.Person)})
	return ruler{c}.overridesAtStart(overrides, by, f)
}

// startOfNone refuses a start without services, unless its procedure is about none and
// none of the kind is under way there.
func (c *decider) startOfNone(cmd Start, by Actor, f Facts, locks Locks) error {
	if cmd.Procedure.Services != ServicesNone {
		return Refuse("", "No service was named.").Hint("Say for example", VerbDeploy, "web", "v1.2.3")
	}
	for _, place := range PlacesOf(cmd.Site, cmd.Procedure.ID, nil, cmd.Drill.On) {
		if r := notFree(cmd.Procedure.Title, place, f); r != nil && !cmd.Wait {
			return r
		}
	}
	if r := locks.Forbids("", by, c.now); r != nil {
		return r
	}
	return nil
}

// checkRelease refuses versions that hold what only looks like a letter, or can't
// be seen: what people read there would be the name of something else.
func checkRelease(r Release) error {
	for _, part := range []struct{ what, text string }{{"tag", r.Tag}, {"revision", r.Revision}} {
		if c, found := Foreign(part.text); found {
			return Refuse("Type it anew: it has only the letters, digits and signs of a keyboard’s English layout.", "The %s %s holds U+%04X.", part.what, part.text, c)
		}
	}
	return nil
}

// A Question is what people are asked at a step: all of it or, where it asks for several
// things, one of them.
type Question struct {
	Step StepState
	Item string // see AskedOf
}

// WaitingFor are the questions that one form answers: they wait now for whoever holds a
// role (see Step.Role), so that none of them comes before another. Approvals, and calls
// for somebody to be there, are each person's own answer.
func WaitingFor(d Deployment, role string) []Question {
	var out []Question
	for _, s := range d.Steps {
		if !joins(d, s) || s.Role() != role {
			continue
		}
		items := Unanswered(d, s)
		if s.Announces() {
			items = []string{""}
		}
		for _, item := range items {
			out = append(out, Question{Step: s, Item: item})
		}
	}
	return out
}

// Together are the questions that are answered with those of a step. None: it waits for
// an answer of its own.
func Together(d Deployment, of StepState) []Question {
	if !joins(d, of) {
		return nil
	}
	all := WaitingFor(d, of.Role())
	if !slices.ContainsFunc(all, func(q Question) bool { return q.Step.ID != of.ID }) {
		return nil
	}
	return all
}

// joins reports whether a step waits now for what can be answered with others.
func joins(d Deployment, s StepState) bool {
	if s.Status != Active || d.Status == Halting || !onDuty(d, s) || !d.AwaitsPerson(s) {
		return false
	}
	_, _, gated := s.GateOf()
	return !gated && (s.Reviewed() || s.Confirms() && len(s.RolesAsked()) == 0)
}

// answerAll takes several answers of one person, all of them or none.
func answerAll(c *decider, all AnswerAll, by answerer) error {
	if len(all.Answers) == 0 {
		return Refuse("Tick what is done.", "Nothing is answered.")
	}
	for _, a := range all.Answers {
		if a.Choice != ChoiceDone && a.Choice != ChoiceSend && a.Choice != ChoiceSave {
			return Refuse("Look at the card again.", "“%s” is answered by itself.", a.Choice)
		}
		if err := c.answer(a, by); err != nil {
			return err
		}
	}
	return nil
}
