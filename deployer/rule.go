package deployer

import (
	"slices"
	"time"
)

// What the windows of a procedure and the freezes of the config say of a moment is found
// out by package rules, and asked twice: when a deployment is asked for, about the time for
// which it is planned, and before the first of its steps begins that changes what runs.
// Once that has begun they hold nothing: what is half done is finished.

// A Verdict is what one of them says of a moment at which it is not simply fine.
type Verdict struct {
	Rule     string    // names it: the same as long as it says the same
	Is       WindowIs  // WindowWarn or WindowRefuse
	Why      string    // a whole sentence in plain text
	Override string    // WindowRefuse: the role that may go on all the same; "": nobody
	Next     time.Time // WindowRefuse: when nothing refuses any more; zero: not soon
}

// An Override says that somebody goes on although a rule refuses, and why.
type Override struct {
	Rule   string // as in Verdict
	Why    string // why it refuses
	Role   string // by which they may
	Reason string
	By     Actor
	At     time.Time
}

// Overrides reports whether somebody goes on although that rule refuses.
func (d Deployment) Overrides(rule string) bool {
	return slices.ContainsFunc(d.Overridden, func(o Override) bool { return o.Rule == rule })
}

// Refusing is the first that refuses and that nobody has overridden, or nil.
func (d Deployment) Refusing(all []Verdict) *Verdict {
	for i, v := range all {
		if v.Is == WindowRefuse && !d.Overrides(v.Rule) {
			return &all[i]
		}
	}
	return nil
}

// AsksRules reports whether the rules still have a say: nothing has begun that changes
// what runs.
func AsksRules(d Deployment) bool {
	return d.Part == PartMain && !slices.ContainsFunc(d.Steps, func(s StepState) bool {
		return s.Mutates() && s.Part == PartMain && (s.Hand && s.Attempt > 0 || slices.ContainsFunc(s.Effects, Effect.IsMain))
	})
}

// HeldByRule is the step that a window or a freeze keeps from changing what runs, or nil.
func (d *Deployment) HeldByRule() *StepState {
	if d.Status == Halting {
		return nil
	}
	for i := range d.Steps {
		if s := &d.Steps[i]; heldByRule(*s) && onDuty(*d, *s) {
			return s
		}
	}
	return nil
}

func heldByRule(s StepState) bool {
	return (s.Status == Active || s.Status == Pending) && s.Held.Rule != ""
}

// A ruler decides what windows and freezes hold, and who goes on all the same.
type ruler struct{ *decider }

// ruled is what the rules keep an effect with: nothing that has begun already, that goes
// back, or that somebody goes on with all the same.
func (c ruler) ruled(s StepState, item string, all []Verdict) Held {
	v := c.d.Refusing(all)
	if v == nil || s.Part != PartMain || !AsksRules(c.d) {
		return Held{}
	}
	h := Held{Why: v.Why, Item: item, Rule: v.Rule, Role: v.Override}
	if v.Next.After(c.now) {
		h.Until = v.Next
	}
	h.Calls = h.Role != "" && !slices.Contains(s.Called, h.Role)
	return h
}

// byHand holds a step that would begin now and that a person does, whom nothing else would
// keep from it. It reports whether one does.
func (c ruler) byHand(s StepState) bool {
	if !s.Hand || !s.Mutates() {
		return false
	}
	h := c.ruled(s, "", c.verdicts)
	if h.Rule != "" {
		c.add(StepHeld{At: c.now, Step: s.ID, Held: h})
	}
	return h.Rule != ""
}

// reconsider asks the rules once more about a step that one of them holds: the time has
// come, or they may be others than they were.
func (c ruler) reconsider(cmd Reconsider, all []Verdict) error {
	s := c.d.Step(cmd.Step)
	if s == nil || !heldByRule(*s) || !onDuty(c.d, *s) {
		return ErrStale
	}
	h, was := c.ruled(*s, s.Held.Item, all), s.Held
	if h.Rule == was.Rule && h.Why == was.Why && h.Until.Equal(was.Until) && h.Role == was.Role {
		return ErrStale
	}
	c.add(StepHeld{At: c.now, Step: s.ID, Held: h})
	return nil
}

// override goes on although a rule refuses: by the role that it names, with a reason. That
// somebody has asked for the deployment gives them no right to it.
func (c ruler) override(a Answer, by answerer) error {
	s := c.d.Step(a.Step)
	switch {
	case s == nil || !heldByRule(*s) || s.Attempt != a.Attempt || !onDuty(c.d, *s) || c.d.Status == Halting:
		return Refuse("Look at the card again.", "Nothing holds that any more.")
	case a.Subject != "" && a.Subject != s.Held.Rule:
		return Refuse("Look at the card again.", "“%s” is held by something else now.", s.Title)
	case s.Held.Role == "":
		return Refuse("", "Nobody can override that: %s", Sentence(s.Held.Why))
	case !by.holds(s.Held.Role):
		return Refuse("", "Only %s can override that: %s", s.Held.Role, Sentence(s.Held.Why)).allowing(May{Roles: []string{s.Held.Role}})
	case said(a.Comment) == "":
		return Refuse("Say in a few words why it can't wait.", "Overriding needs a reason.")
	}
	c.add(Overridden{At: c.now, By: by.Actor, Step: s.ID, Rule: s.Held.Rule, Why: s.Held.Why, Role: s.Held.Role, Reason: said(a.Comment)})
	return nil
}

// overridesAtStart are the rules that somebody overrides by asking for a deployment.
func (c ruler) overridesAtStart(cmd Start, by Actor, f Facts) error {
	who := f.Policy.as(f.Person)
	for _, o := range cmd.Overrides {
		switch {
		case !f.Child && !who.holds(o.Role):
			return Refuse("", "Only %s can override that: %s", o.Role, Sentence(o.Why)).allowing(May{Roles: []string{o.Role}})
		case Blank(o.Reason):
			return Refuse("", "Overriding needs a reason.").adding("Add", Flag{"reason", `"why"`})
		}
		c.add(Overridden{At: c.now, By: by, Rule: o.Rule, Why: o.Why, Role: o.Role, Reason: said(o.Reason)})
	}
	return nil
}

func (e Overridden) apply(d *Deployment) {
	d.Overridden = append(d.Overridden, Override{Rule: e.Rule, Why: e.Why, Role: e.Role, Reason: e.Reason, By: e.By, At: e.At})
	if s := d.Step(e.Step); s != nil && s.Held.Rule == e.Rule {
		letGo(s, e.At)
	}
}

func (e StepHeld) apply(d *Deployment) {
	s := d.Step(e.Step)
	if s.Held.Rule != "" && e.Held.Rule == "" {
		letGo(s, e.At)
	}
	if e.Held.Calls {
		s.Called = append(s.Called, e.Held.Role)
	}
	s.Held = e.Held
}
