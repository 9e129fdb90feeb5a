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
		if why, not := c.unneeded(s); not {
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
	if p := c.d.phase(s); p.When != "" && c.d.Phases[p.ID] == Unasked {
		c.ask(s, ConditionSeen{Phase: p.ID}, p.When)
		return true
	}
	if s.When == "" || s.Condition != Unasked || c.phaseFails(s) {
		return false
	}
	c.ask(s, ConditionSeen{Step: s.ID}, s.When)
	return true
}

// ask finds out what a condition is before a step begins.
func (c *decider) ask(s StepState, e ConditionSeen, expression string) {
	r := c.reader(e.Step, "")
	v, err := r.compute(expression, TypeCond)
	e.At, e.Is, e.Saw = c.now, Holds, r.saw(expression)
	switch {
	case err != nil && e.Phase == "":
		e.Is, e.Why = Unasked, tail(err.Error(), detailMax)
	case err != nil: // whoever is asked about its first step decides for all
		e.Why = tail(err.Error(), detailMax)
	case !v.Flag:
		e.Is = Fails
	}
	c.add(e)
	if e.Why != "" {
		c.interrupt(s, "Whether it is needed can't be told: "+e.Why)
	}
}

// phase is the one that a step belongs to; it has no id where there is none.
func (d Deployment) phase(s StepState) Phase {
	if s.Part == PartMain {
		for _, p := range d.Procedure.Phases {
			if p.Title == s.Phase {
				return p
			}
		}
	}
	return Phase{}
}

func (c *decider) phaseFails(s StepState) bool { return c.d.Phases[c.d.phase(s).ID] == Fails }

// unneeded reports whether a step that could begin is passed over, and why.
func (c *decider) unneeded(s StepState) (why string, yes bool) {
	switch {
	case c.phaseFails(s):
		return c.otherwise(s, c.d.phase(s).Else), true
	case s.Condition == Fails:
		return c.otherwise(s, s.Else), true
	case s.Planned() && !c.d.Planned.IsZero() && !c.d.Planned.After(c.now):
		return "The planned start has passed.", true
	case s.Hand && s.OnFailure == FailureContinue:
		return s.Uses + " is not configured, and it can be done without.", true
	}
	return "", false
}

// otherwise is why a step is not needed. Where that can't be filled it is said as it
// is written: it keeps nobody from going on.
func (c *decider) otherwise(s StepState, written string) string {
	filled, err := c.reader(s.ID, "").text(written)
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
		seen, why = c.seen(s)
	}
	switch {
	case why != "":
		c.interrupt(s, why)
		return false
	case s.scope() == ScopeMembers && s.EachOf != "" && len(seen.Members) == 0:
		why := c.otherwise(s, s.Else)
		if why == "" {
			why = nothingToDoFor
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
	said := len(c.out)
	c.add(StepBegan{At: c.now, Step: s.ID, Attempt: s.Attempt + 1, Seen: Seen{Members: s.Seen.Members}})
	c.out = c.out[:said]
	c.add(StepEnded{At: c.now, Step: s.ID, Status: StepInterrupted, Why: tail(why, textMax)})
}
