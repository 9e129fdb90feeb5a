package deployer

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// begin starts a step that waits for nothing any more, or passes over it.
func (c *decider) begin() bool {
	waits := newOrder(&c.d)
	for i, s := range c.d.Steps {
		if !mayBegin(c.d, s, c.now) || heldByRule(s) || !waits.ready(i) {
			continue
		}
		if c.asksNeeded(s) {
			return true
		}
		if waits.putOff(s) || c.planner().waitsForProof(waits, i, c.now) {
			continue
		}
		if why, not := c.evaluator().unneeded(s); not {
			c.add(StepEnded{At: c.now, Step: s.ID, Status: StepNotNeeded, Why: why})
		} else if !(ruler{c}).byHand(s) {
			c.enter(s, false)
		}
		return true
	}
	return false
}

// asksNeeded finds out whether a step that waits for nothing is needed, first of its
// phase and then of itself, each once. It reports whether anything was to be found out.
// Where that can't be told the step is interrupted: to retry it is to do it.
func (c *decider) asksNeeded(s StepState) bool {
	if p := phaseOf(c.d, s); p.When != "" && c.d.Phases[p.ID] == Unasked {
		c.ask(s, ConditionSeen{Phase: p.ID}, p.When)
		return true
	}
	if s.When == "" || s.Condition != Unasked || c.evaluator().phaseFails(s) {
		return false
	}
	c.ask(s, ConditionSeen{Step: s.ID}, s.When)
	return true
}

// notNeededNow passes over a step that is to be tried again, where whether it is needed
// was not known, or not even asked since that could not be told of its phase, and is now.
// Where it still can't be told, to retry the step is to do it.
func (c *decider) notNeededNow(s StepState) bool {
	if s.When == "" || s.Condition != Unasked {
		return false
	}
	e := c.evaluator().condition(ConditionSeen{Step: s.ID}, s.When)
	if e.Why != "" {
		return false
	}
	if c.add(e); e.Is == Holds {
		return false
	}
	c.beginUnsaid(s)
	c.add(StepEnded{At: c.now, Step: s.ID, Status: StepNotNeeded, Why: c.evaluator().otherwise(s, s.Else)})
	return true
}

// ask finds out what a condition is before a step begins.
func (c *decider) ask(s StepState, e ConditionSeen, expression string) {
	e = c.evaluator().condition(e, expression)
	c.add(e)
	if e.Why != "" {
		c.interrupt(s, "Whether it is needed can't be told: "+e.Why)
	}
}

// phaseOf is the phase that a step belongs to; it has no id where there is none.
func phaseOf(d Deployment, s StepState) Phase {
	if s.Part != PartMain {
		return Phase{}
	}
	return d.Procedure.PhaseOf(s.Step)
}

func (v evaluator) phaseFails(s StepState) bool { return v.d.Phases[phaseOf(*v.d, s).ID] == Fails }

// unneeded reports whether a step that could begin is passed over, and why.
func (v evaluator) unneeded(s StepState) (why string, yes bool) {
	switch {
	case v.phaseFails(s):
		return v.otherwise(s, phaseOf(*v.d, s).Else), true
	case s.Condition == Fails:
		return v.otherwise(s, s.Else), true
	case s.Planned() && !v.d.Planned.IsZero() && !v.d.Planned.After(v.now):
		return "The planned start has passed.", true
	}
	return LeftOut(s.Step)
}

// otherwise is why a step is not needed. Where that can't be filled it is said as it
// is written: it keeps nobody from going on.
func (v evaluator) otherwise(s StepState, written string) string {
	filled, err := v.shown(s, written)
	if err != nil {
		return written
	}
	return Tail(filled, DetailMax)
}

// nothingToDoFor is why a step is not needed whose list is empty, where it does not
// say so itself.
const nothingToDoFor = "There is nothing to do it for."

// enter begins an attempt of a step, with what its conditions and texts come to now. To
// look again is to look at what was begun, by what that went by.
func (c *decider) enter(s StepState, look bool) bool {
	seen, why := s.Seen, ""
	if !look {
		seen, why = c.evaluator().seen(s)
	}
	switch {
	case why != "":
		c.interrupt(s, why)
		return false
	case s.Scope() == ScopeMembers && s.EachOf != "" && len(seen.Members) == 0:
		why := c.evaluator().otherwise(s, s.Else)
		if why == "" {
			why = nothingToDoFor
		}
		if s.Status != Pending { // it is tried again: nobody has to decide about it any more
			c.beginUnsaid(s)
		}
		c.add(StepEnded{At: c.now, Step: s.ID, Status: StepNotNeeded, Why: why})
		return false
	}
	carryOver(c, s)
	c.add(StepBegan{At: c.now, Step: s.ID, Attempt: s.Attempt + 1, Look: look, Seen: seen})
	return true
}

// interrupt has somebody decide about a step that can't begin. It is not done: nothing
// is announced, and nobody asked.
func (c *decider) interrupt(s StepState, why string) {
	c.beginUnsaid(s)
	c.add(StepEnded{At: c.now, Step: s.ID, Status: StepInterrupted, Why: Tail(why, textMax)})
}

// beginUnsaid begins an attempt that is over at once. What the step came to before stays,
// so that who looks again at what was begun by it knows how; of a round before nothing does.
func (c *decider) beginUnsaid(s StepState) {
	seen := s.Seen
	if s.Anew {
		seen = Seen{}
	}
	c.addUnheard(StepBegan{At: c.now, Step: s.ID, Attempt: s.Attempt + 1, Seen: seen})
}

// What the conditions and texts of a step come to is found out when all that it waits
// for is over, and kept with the events that say so. A later fold asks no language.

// MembersMax is for how many members a step is done at most.
const MembersMax = 100

// seenMax is to how many bytes a step may come in all.
const seenMax = 64 << 10

// seen is what a step comes to when it begins now, or why that can't be told. What it
// is done for stays so through every attempt.
func (v evaluator) seen(s StepState) (seen Seen, why string) {
	s.Step = v.d.written(s.ID)
	if s.Anew {
		s.Seen = Seen{}
	}
	seen.Members = s.Seen.Members
	var err error
	if s.EachOf != "" && s.EachOf != EachService && s.Seen.Members == nil {
		if seen.Members, err = v.members(s); err != nil {
			return seen, "What it is to be done for can't be told: " + err.Error()
		}
	}
	if s.Seen = seen; len(seen.Members) == 0 && s.Scope() == ScopeMembers && s.EachOf != "" {
		return seen, ""
	}
	if s.Deadline != "" {
		by, err := v.reader(s.ID, "").compute(s.Deadline, TypeTime)
		if err != nil {
			return seen, "When its time is over can't be told: " + err.Error()
		}
		seen.Deadline = by.Time
	}
	if seen.With, err = v.parameters(s); err == nil {
		seen.With = v.addressed(s, seen.With)
		seen.Texts, err = v.texts(s)
	}
	if err == nil {
		seen.Words, seen.Each, err = v.told(s)
	}
	if n := seen.size(); err == nil && n > seenMax {
		err = fmt.Errorf("it comes to %d bytes; %d are the most", n, seenMax)
	}
	if err != nil {
		return seen, "What it says can't be told: " + err.Error()
	}
	return seen, ""
}

// written is a step as its procedure has it.
func (d *Deployment) written(id string) Step {
	for _, steps := range d.Procedure.parts() {
		for i := range steps {
			if steps[i].ID == id {
				return steps[i]
			}
		}
	}
	return d.Step(id).Step
}

// members are what a step is done for, each once.
func (v evaluator) members(s StepState) ([]string, error) {
	each, err := v.reader(s.ID, "").compute(s.EachOf, TypeList)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, m := range each.List {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	if len(out) > MembersMax {
		return nil, fmt.Errorf("there are %d; %d are the most", len(out), MembersMax)
	}
	return out, nil
}

// addressed are the parameters of a step with those whom it tells directly, who hold the
// roles now.
func (v evaluator) addressed(s StepState, with map[string]Values) map[string]Values {
	roles := s.Addressed()
	if len(roles) == 0 {
		return with
	}
	if len(with) == 0 {
		with = map[string]Values{"": s.With}
	}
	people, _ := PeopleOf(*v.d, roles, v.people)
	out := map[string]Values{}
	for item, values := range with {
		out[item] = values.Set(paramDirect, Value{List: people})
	}
	return out
}

// parameters are those of a step, by item, where they are not as they are written;
// under "" where they are the same for every one.
func (v evaluator) parameters(s StepState) (map[string]Values, error) {
	out, same := map[string]Values{}, true
	items := ItemsOf(*v.d, s)
	for i, item := range items {
		with, err := v.reader(s.ID, item).with(s.Step)
		if err != nil {
			return nil, err
		}
		if with != nil {
			out[item] = with
		}
		same = same && (i == 0 || reflect.DeepEqual(with, out[items[0]]))
	}
	switch {
	case len(out) == 0:
		return nil, nil
	case same:
		return map[string]Values{"": out[items[0]]}, nil
	}
	return out, nil
}

// told are the values of the placeholders in the words that a step tells: the same
// for all, or those of each item.
func (v evaluator) told(s StepState) (all map[string]string, each map[string]map[string]string, err error) {
	words, title := v.d.Procedure.Messages[s.Message()], v.d.Procedure.Titles[s.Message()]
	if !s.Announces() || s.Scope() == ScopeOnce {
		all, err = v.reader(s.ID, "").words(words, title)
		return all, nil, err
	}
	each = map[string]map[string]string{}
	for _, item := range ItemsOf(*v.d, s) {
		if each[item], err = v.reader(s.ID, item).words(words, title); err != nil {
			return nil, nil, err
		}
	}
	return nil, each, nil
}

// texts are those of the card that hold placeholders.
func (v evaluator) texts(s StepState) (map[string]string, error) {
	out := map[string]string{}
	written := map[string]string{TextTitle: s.Title, TextExpect: s.Expect, TextHow: s.How}
	for _, l := range s.Links {
		written[TextLink+l.Title] = l.Link
	}
	for key, text := range written {
		filled, err := v.shown(s, text)
		if err != nil {
			return nil, err
		}
		if filled != text {
			out[key] = filled
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// shown is a text of a step as the card has it. What differs among those that the step is
// done for stands there for each, in their order.
func (v evaluator) shown(s StepState, text string) (string, error) {
	items := ItemsOf(*v.d, s)
	if len(items) == 0 && s.Scope() == ScopeServices { // nothing is left to do for any
		items = Services(*v.d)
	}
	if len(items) == 0 {
		items = once
	}
	return v.reader(s.ID, "").forAll(text, items)
}

// show puts the texts that were seen in the place of those that are written.
func (s *StepState) show(written Step, texts map[string]string) {
	s.Step = written
	if len(texts) == 0 {
		return
	}
	put := func(at *string, key string) {
		if text, ok := texts[key]; ok {
			*at = text
		}
	}
	put(&s.Title, TextTitle)
	put(&s.Expect, TextExpect)
	put(&s.How, TextHow)
	s.Links = slices.Clone(s.Links)
	for i := range s.Links {
		put(&s.Links[i].Link, TextLink+s.Links[i].Title)
	}
}

// size is about how much it takes to keep, in bytes.
func (s Seen) size() int {
	n := 0
	for _, m := range s.Members {
		n += len(m)
	}
	for _, texts := range []map[string]string{s.Texts, s.Words} {
		for k, v := range texts {
			n += len(k) + len(v)
		}
	}
	for item, with := range s.With {
		n += len(item) + with.size()
	}
	for item, words := range s.Each {
		n += len(item) + Seen{Words: words}.size()
	}
	return n
}

func (v Values) size() int {
	n := 0
	for name, x := range v {
		n += len(name) + len(strings.Join(x.texts(), ""))
	}
	return n
}
