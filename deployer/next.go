package deployer

import (
	"slices"
	"time"
)

// A Plan is what the engine has to do about a deployment now.
type Plan struct {
	Resolve bool      // find out what the words mean
	Effects []Wanted  // should be under way; anything else should not
	Due     []Command // timers that have run out, and what follows by itself
	Watches []Watch   // outcomes that are watched, or looked at once more
	Wake    time.Time // when to plan again by itself; zero: never
}

// Wanted is an effect that should be under way now: what to bring about, by whom,
// and how far that has come. It follows from the deployment alone, so that a
// process that has just started wants the same as the one that crashed.
type Wanted struct {
	Intent   Intent
	Key      string      // the text of its EffectKey
	Verb     string      // "": what the step is for
	Repeat   Repeat      // how a repeat is made harmless
	Sent     []time.Time // the tries that are written down; before the intent, those of the attempt before
	Runner   string      // the name of the runner that does it
	Stage    Stage       // on disk; "": nothing was committed yet
	Ref      string      // once it has acted: where the runner follows it
	LookOnly bool        // look and follow, do not act
	Held     string      // not "": why it may not act now, only look; once that is "" it goes on
	Halt     string      // not "": find out how far it came, settle it with this reason, follow it no further
}

// Next says what has to be done about a deployment at a time. It is the same
// after a crash as before. It knows no language: where something is to be found out
// about a step, an Advance is due.
func Next(d Deployment, now time.Time) Plan {
	p := Plan{Resolve: d.Status == Resolving || Patching(d) != nil}
	if d.Status == Resolving || !Lives(d) {
		return p
	}
	p.Effects = planner{d}.underWay()
	if c := (&decider{d: d, now: now}); c.one() {
		p.Due = append(p.Due, Advance{})
	}
	p.Watches = planner{d}.watches(now)
	for _, s := range d.Steps {
		if q, ok := AwaitingAt(d, s); ok {
			p.clocks(q, now)
		}
		p.wakeAt(LapsesAt(d, s), now)
		switch {
		case d.Status == Halting:
		case s.Status == Active && onDuty(d, s) && s.RetryAt.IsZero():
			p.timers(s, d.WaitUntil(s), now)
		case s.Status == Active && onDuty(d, s):
			p.wakeAt(s.RetryAt, now)
		case heldByRule(s) && onDuty(d, s):
			p.held(s, now)
		case onDuty(d, s):
			p.wakeAt(DueAt(d, s), now)
		}
	}
	if q, ok := DecisionNow(d); ok {
		p.clocks(q, now)
	}
	if _, at, ok := DefaultOf(d); ok {
		p.wakeAt(at, now)
	}
	return p
}

// A planner says which effects a deployment wants, and how steps end by them.
type planner struct{ Deployment }

// underWay lists the effects that should be running.
func (d planner) underWay() []Wanted {
	var out []Wanted
	for _, s := range d.Steps {
		if s.Status == Active && onDuty(d.Deployment, s) || s.Part == d.Part && d.Status == Halting || s.open() {
			out = append(out, d.effectsOf(s)...)
		}
	}
	return out
}

// effectsOf lists those of one step. A new one begins only while nothing waits
// for a decision; holding a failed rollout is never put off.
func (d planner) effectsOf(s StepState) []Wanted {
	var out []Wanted
	halt := d.halt(s)
	for _, w := range d.wants(s) {
		e := s.Effect(w.Key)
		switch {
		case e != nil && e.Open():
			w.Stage, w.Ref, w.LookOnly, w.Sent = e.Stage, e.Ref, e.LookOnly, e.Sent
			w.Intent.At, w.Intent.Attempt, w.Intent.Began = e.At, e.Attempt, e.Began
			if !w.Intent.Back {
				w.Intent.From = e.Before
			}
			if w.Verb == "" || w.Verb == VerbProceed {
				w.Halt = halt
			}
			if halt == "" && e.Stage == Intended && waitsForHands(d.Deployment, s, w) {
				w.Held = d.Taken.why()
			}
			out = append(out, w)
		case s.fresh(w, e) && d.mayBegin(s, w, halt):
			if e != nil {
				w.Sent = e.Sent
			}
			out = append(out, w)
		}
	}
	return out
}

// mayBegin reports whether a new effect of a step may begin. What a step is for
// begins only while it is active, nothing waits for a decision, and where it
// changes what runs, while all before it agrees: an approval may have been
// voided while the step was at another item.
func (d planner) mayBegin(s StepState, w Wanted, halt string) bool {
	if waitsForHands(d.Deployment, s, w) {
		return false
	}
	switch w.Verb {
	case VerbPause, VerbAbort:
		return true
	case VerbProceed:
		return halt == ""
	case VerbUnless:
		return halt == "" && s.Status == Active && onDuty(d.Deployment, s) && (d.Status == Running || decidedAlone(d.Deployment, s))
	}
	if halt != "" || heldByRule(s) || s.Look || s.Status != Active || !onDuty(d.Deployment, s) || d.Status != Running && !decidedAlone(d.Deployment, s) || !d.isTurn(s, w.Intent.Item) {
		return false
	}
	if !s.Mutates() {
		return true
	}
	waits := newOrder(&d.Deployment)
	return waits.ready(waits.index[s.ID])
}

// halt is why effects of the step must not go on, or "".
func (d planner) halt(s StepState) string {
	switch {
	case d.Status == Halting:
		return "It was stopped on the way."
	case s.Skipped.By.ID != "":
		return "It was skipped on the way."
	case s.Expired:
		return d.notInTime(s)
	}
	return ""
}

// notInTime says that the time of a step is over.
func (d planner) notInTime(s StepState) string {
	if due := s.Seen.Deadline; !due.IsZero() && s.Due().Equal(due) {
		return "It was not done by " + clock(due, d.Place.zone()) + "."
	}
	return "It was not done within " + Span(s.Timeout.Round(time.Second)) + "."
}

// Due is when the time of a step that has begun is over: its time-out, or the moment
// by which it has to be done, whichever comes first. What is held before it has begun
// anything has no time-out meanwhile. Zero: never.
func (s StepState) Due() time.Time {
	due, from := s.Seen.Deadline, s.Began
	if s.Freed.After(from) {
		from = s.Freed
	}
	if at := from.Add(s.Timeout); s.Timeout > 0 && !waitsHeld(s) && (due.IsZero() || at.Before(due)) {
		return at
	}
	return due
}

func (s StepState) open() bool { return slices.ContainsFunc(s.Effects, Effect.Open) }

// timers adds what is due of the step's own clocks, and when the next one is: a wait,
// or its time, is over.
func (p *Plan) timers(s StepState, over, now time.Time) {
	at := func(t time.Time, c Command) {
		if !t.After(now) {
			p.Due = append(p.Due, c)
		}
		p.wakeAt(t, now)
	}
	if s.Waits() {
		at(over, Elapse{Step: s.ID, Attempt: s.Attempt})
		return
	}
	if heldByRule(s) {
		p.held(s, now)
	}
	if due := s.Due(); !due.IsZero() && !s.Expired {
		at(due, Expire{Step: s.ID, Attempt: s.Attempt})
	}
}

// held asks the rules again about a step that one of them holds, when it opens.
func (p *Plan) held(s StepState, now time.Time) {
	if opens := s.Held.Until; !opens.IsZero() && !opens.After(now) {
		p.Due = append(p.Due, Reconsider{Step: s.ID})
	}
	p.wakeAt(s.Held.Until, now)
}

// wakeAt has it planned again at a time that is to come.
func (p *Plan) wakeAt(t, now time.Time) {
	if t.After(now) && (p.Wake.IsZero() || t.Before(p.Wake)) {
		p.Wake = t
	}
}

// wanted finds an effect that should be under way, and its step.
func (d planner) wanted(key string) (Wanted, *StepState) {
	for _, w := range d.underWay() {
		if w.Key == key {
			return w, d.Step(w.Intent.Step)
		}
	}
	return Wanted{}, nil
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

// WaitFor returns, for each step of a deployment, whether it needs another one, directly or not.
func WaitFor(d Deployment, on string) []bool { return newOrder(&d).after(on) }

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
