package deployer

// begin starts a step that waits for nothing any more, or passes over it.
func (c *decider) begin() bool {
	waits := newOrder(&c.d)
	for i, s := range c.d.Steps {
		if !mayBegin(c.d, s, c.now) || !waits.ready(i) {
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
		} else {
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
	if s.Part == PartMain {
		for _, p := range d.Procedure.Phases {
			if p.Title == s.Phase {
				return p
			}
		}
	}
	return Phase{}
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
	case s.Hand && s.OnFailure == FailureContinue:
		return s.Uses + " is not configured, and it can be done without.", true
	}
	return "", false
}

// otherwise is why a step is not needed. Where that can't be filled it is said as it
// is written: it keeps nobody from going on.
func (v evaluator) otherwise(s StepState, written string) string {
	filled, err := v.reader(s.ID, "").text(written)
	if err != nil {
		return written
	}
	return tail(filled, detailMax)
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
	case s.scope() == ScopeMembers && s.EachOf != "" && len(seen.Members) == 0:
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
	c.add(StepBegan{At: c.now, Step: s.ID, Attempt: s.Attempt + 1, Look: look, Seen: seen})
	return true
}

// interrupt has somebody decide about a step that can't begin. It is not done: nothing
// is announced, and nobody asked.
func (c *decider) interrupt(s StepState, why string) {
	c.beginUnsaid(s)
	c.add(StepEnded{At: c.now, Step: s.ID, Status: StepInterrupted, Why: tail(why, textMax)})
}

// beginUnsaid begins an attempt that is over at once.
func (c *decider) beginUnsaid(s StepState) {
	said := len(c.out)
	c.add(StepBegan{At: c.now, Step: s.ID, Attempt: s.Attempt + 1, Seen: Seen{Members: s.Seen.Members}})
	c.out = c.out[:said]
}

// An order says what waits for what. It is worked out once for a state of a
// deployment, in a time that grows with the steps and their needs.
type order struct {
	d     *Deployment
	index map[string]int
	over  []truth // of each step: it and all that it needs, directly or not, are over
	plan  truth   // a plan may be announced
}

// truth is yes, no, or not worked out yet.
type truth int8

const (
	unasked truth = iota
	no
	yes
)

func newOrder(d *Deployment) *order {
	o := &order{d: d, index: make(map[string]int, len(d.Steps)), over: make([]truth, len(d.Steps))}
	for i, s := range d.Steps {
		o.index[s.ID] = i
	}
	return o
}

// ready reports whether everything that the step waits for is over: what it
// needs, directly or not, so that an approval that was voided holds up all that
// comes after it; and, where the step changes what runs, every approval that
// stands before it in its part, whatever it says that it needs.
func (o *order) ready(i int) bool {
	s := &o.d.Steps[i]
	for _, id := range s.Needs {
		n, ok := o.index[id]
		if ok && o.d.Steps[n].Background && !s.Background {
			continue // nothing waits for it
		}
		if !ok || !o.isOver(n) {
			return false
		}
	}
	if !s.Mutates() {
		return true
	}
	for j := range o.d.Steps[:i] {
		if b := &o.d.Steps[j]; b.Part == s.Part && b.Approves() && !b.Over() {
			return false
		}
	}
	return true
}

// isOver reports whether a step and all that it needs are over, or put off. Steps
// that wait for each other never are.
func (o *order) isOver(i int) bool {
	if o.over[i] == unasked {
		o.over[i] = no
		if s := o.d.Steps[i]; (s.Over() || o.putOff(s)) && o.ready(i) {
			o.over[i] = yes
		}
	}
	return o.over[i] == yes
}

// putOff reports whether a plan is not announced yet: whoever asked for it holds no
// role, and nobody has approved it. Others do not wait for it. Where nobody is
// asked before the planned start, nobody can.
func (o *order) putOff(s StepState) bool {
	if s.Status != Pending || s.Part != PartMain || !s.Planned() || o.d.Role != "" || o.d.Planned.IsZero() {
		return false
	}
	if o.plan == unasked {
		if o.plan = yes; o.awaitsFirstApproval() {
			o.plan = no
		}
	}
	return o.plan == no
}

// awaitsFirstApproval reports whether an approval is asked for before the planned
// start, and none was given.
func (o *order) awaitsFirstApproval() bool {
	late := make([]bool, len(o.d.Steps))
	for _, s := range o.d.Steps {
		if s.Until() == UntilPlanned {
			for i, after := range o.after(s.ID) {
				late[i] = late[i] || after
			}
		}
	}
	asked := false
	for i, s := range o.d.Steps {
		if s.Approves() && s.Part == PartMain && s.Status == Done {
			return false
		}
		asked = asked || s.Approves() && s.Part == PartMain && !late[i] && s.Status != StepNotNeeded
	}
	return asked
}

// before returns, for each step, whether a step needs it, directly or not.
func (o *order) before(i int) []bool {
	found := make([]bool, len(o.d.Steps))
	var visit func(int)
	visit = func(i int) {
		for _, id := range o.d.Steps[i].Needs {
			if n, ok := o.index[id]; ok && !found[n] {
				found[n] = true
				visit(n)
			}
		}
	}
	visit(i)
	return found
}

// after returns, for each step, whether it needs another one, directly or not.
func (o *order) after(on string) []bool {
	asked, found := make([]bool, len(o.d.Steps)), make([]bool, len(o.d.Steps))
	var visit func(int) bool
	visit = func(i int) bool {
		if asked[i] {
			return found[i]
		}
		asked[i] = true
		for _, id := range o.d.Steps[i].Needs {
			if n, ok := o.index[id]; id == on || ok && visit(n) {
				found[i] = true
			}
		}
		return found[i]
	}
	for i := range o.d.Steps {
		visit(i)
	}
	return found
}
