package deployer

import (
	"slices"
	"strconv"
	"time"
)

// What keeps a step from changing what runs: locks, which people set, and what the windows
// of a procedure and the freezes of the config say of a moment.

// A Lock keeps new deployments of a service away, or of all services of an
// environment, until a time: none lasts for ever. Whoever holds it may deploy.
type Lock struct {
	Service string // "": every service
	By      Actor
	Reason  string
	At      time.Time
	Until   time.Time
	Origin  string // the command that set it, or the mark of the effect; delivered again, it sets nothing

	Deployment string // that holds it, against all others, until it has ended; "": By holds it
}

// LockMax is how long a lock may last, and LockUsual how long one does that
// nobody gave a time.
const (
	LockMax   = 30 * 24 * time.Hour
	LockUsual = 8 * time.Hour
)

// Locks are what is locked in one environment of a retailer. They are changed
// as a whole, so that a deployment can rest on all of them.
type Locks struct {
	Site    Site
	All     []Lock
	Changes []LockChange // that the record has not yet, the latest last
	Rev     int64        // of what was read; 0: there was nothing
}

// A LockChange says that something was locked, or that somebody lifted a lock.
type LockChange struct {
	At     time.Time
	By     Actor // without an id and with its name: the deployment that held it, at its end
	Lifted bool
	Lock   Lock
}

// changed are the locks with one change more.
func (l Locks) changed(all []Lock, c LockChange) Locks {
	l.All, l.Changes = all, append(slices.Clone(l.Changes), c)
	return l
}

// Of returns the lock that keeps a service from being deployed at a time, or
// nil; that of the service itself comes before that of all.
func (l Locks) Of(service string, now time.Time) *Lock {
	var found *Lock
	for i, lock := range l.All {
		if lock.Until.After(now) && (lock.Service == service || lock.Service == "" && found == nil) {
			found = &l.All[i]
		}
	}
	return found
}

// InForce returns those that hold at a time.
func (l Locks) InForce(now time.Time) []Lock {
	return slices.DeleteFunc(slices.Clone(l.All), func(x Lock) bool { return !x.Until.After(now) })
}

// Set adds a lock, or prolongs the one that the same person holds. What is over
// is dropped. Somebody else's lock is not replaced. Whoever the policy names may,
// and a deployment whose procedure says so.
func (l Locks) Set(lock Lock, who Person, p *Policy) (Locks, error) {
	if r := p.mayLock(lock, who); r != nil {
		return l, r
	}
	all := l.InForce(lock.At)
	theirs := slices.IndexFunc(all, func(x Lock) bool { return x.Service == lock.Service && x.By.ID != lock.By.ID })
	mine := slices.IndexFunc(all, func(x Lock) bool { return x.Service == lock.Service && x.Deployment == lock.Deployment })
	switch {
	case Blank(lock.Reason):
		return l, Refuse("", "A lock needs a reason: whoever comes upon it at night has only that.").adding("Add", Flag{"reason", `"why"`})
	case !lock.Until.After(lock.At) || lock.Until.Sub(lock.At) > LockMax:
		return l, Refuse("", "A lock lasts from a moment up to 30 days.").adding("Say for example", Flag{"for", "2h"})
	case theirs >= 0:
		return l, l.locked(all[theirs], lock.Service)
	case mine >= 0:
		all[mine] = lock
	default:
		all = append(all, lock)
	}
	return l.changed(all, LockChange{At: lock.At, By: lock.By, Lock: lock}), nil
}

// Lift takes the lock of a service, or that of all, away, and returns it. Its
// holder may, and whoever the policy names.
func (l Locks) Lift(service string, by Actor, who Person, p *Policy, now time.Time) (after Locks, lifted Lock, err error) {
	if r := p.Admits(by, who); r != nil {
		return l, Lock{}, r
	}
	all := l.InForce(now)
	i := slices.IndexFunc(all, func(x Lock) bool { return x.Service == service })
	switch {
	case i < 0:
		return l, Lock{}, Refuse("", "%s is not locked in %s %s.", subject(service), l.Site.Name, l.Site.Environment).Hint("See what is", VerbLocks)
	}
	if r := p.mayLift(all[i], by, who); r != nil {
		return l, Lock{}, r
	}
	lifted = all[i]
	all = slices.DeleteFunc(all, func(x Lock) bool { return x.Service == service }) // theirs, and that of their deployment
	return l.changed(all, LockChange{At: now, By: by, Lifted: true, Lock: lifted}), lifted, nil
}

// Besides are the locks without those that deployments hold of which that is
// so.
func (l Locks) Besides(so func(deployment string) bool) Locks {
	l.All = slices.DeleteFunc(slices.Clone(l.All), func(x Lock) bool { return x.Deployment != "" && so(x.Deployment) })
	return l
}

// Ended are the locks once what deployments hold is lifted of which that is so.
func (l Locks) Ended(so func(deployment string) bool, now time.Time) Locks {
	for _, x := range l.All {
		if x.Deployment != "" && so(x.Deployment) {
			all := slices.DeleteFunc(slices.Clone(l.All), func(y Lock) bool { return y == x })
			l = l.changed(all, LockChange{At: now, By: Actor{Name: x.Deployment}, Lifted: true, Lock: x})
		}
	}
	return l
}

// Announcement is what a channel is told when a lock was set, or lifted by somebody. It
// is committed with what it tells of: l is what was read before, whose revision
// makes the key unlike that of any other change.
func (l Locks) Announcement(what NoteKind, lock Lock, by Actor, channel string) Message {
	return Message{
		Kind: MessageLock, Channel: channel, DedupKey: MessageLock + "/" + l.Site.Name + "/" + l.Site.Environment + "/" + strconv.FormatInt(l.Rev, 10),
		Note: Note{Kind: what, By: by, Why: lock.Reason},
		Args: map[string]string{
			"retailer": l.Site.Name, "environment": l.Site.Environment, "service": lock.Service, "until": lock.Until.UTC().Format(time.RFC3339), "holder": lock.By.ID,
		},
	}
}

// Forbids returns the refusal of somebody's deployment of a service, or nil.
// Whoever holds a lock is not kept out by it, unless it is one of their
// deployments that does.
func (l Locks) Forbids(service string, by Actor, now time.Time) *Refusal {
	theirs := l
	theirs.All = slices.DeleteFunc(slices.Clone(l.All), func(x Lock) bool { return x.By.ID == by.ID && x.Deployment == "" })
	if lock := theirs.Of(service, now); lock != nil {
		return l.locked(*lock, service)
	}
	return nil
}

// locked refuses what a lock forbids.
func (l Locks) locked(lock Lock, service string) *Refusal {
	lift := Hint{Say: "Wait, ask, or take it away", Verb: VerbUnlock, Args: []string{lock.Service}, Flag: Flag{"env", l.Site.Environment}}
	if lock.Service == "" {
		lift.Args = nil
	}
	holder := lock.By.Name
	if lock.Deployment != "" {
		holder += "'s " + lock.Deployment
	}
	r := Refuse("", "%s is locked in %s %s by %s until %s UTC: %s", subject(service), l.Site.Name, l.Site.Environment,
		holder, lock.Until.UTC().Format("2 Jan 15:04"), Sentence(lock.Reason))
	r.Instead = []Hint{lift}
	r.Locked = &Locked{Service: service, Site: l.Site, Lock: lock}
	return r
}

func subject(service string) string {
	if service == "" {
		return "Everything"
	}
	return service
}

// What the windows of a procedure and the freezes of the config say of a moment is found
// out by package rules, and asked twice: when a deployment is asked for, about the time for
// which it is planned, and before the first of its steps begins that changes what runs.
// Once that has begun, what is half done is finished, unless a window says otherwise that
// is over, or one refuses from then on: then the next such step is held.

// A Verdict is what one of them says of a moment at which it is not simply fine.
type Verdict struct {
	Rule     string     // names it: the same as long as it says the same
	Is       WindowIs   // WindowWarn or WindowRefuse
	Why      string     // a whole sentence in plain text
	Override string     // WindowRefuse: the role that may go on all the same; "": nobody
	Next     time.Time  // WindowRefuse: when nothing refuses any more; zero: not soon
	Ends     WindowEnds // EndsHold, EndsAsk: it holds what has begun, too, before its next change
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

// AsksRules reports whether the rules still have a say: something is to come that changes
// what runs, and of which nothing has begun. In a drill nothing does.
func AsksRules(d Deployment) bool {
	return !d.Drill.On && d.Part == PartMain && (FirstChange(d).IsZero() || slices.ContainsFunc(d.Steps, func(s StepState) bool {
		return s.Mutates() && s.Part == PartMain && !s.Over() && changedBy(s).IsZero()
	}))
}

// FirstChange is when the first began of what changes what runs; zero: nothing has.
func FirstChange(d Deployment) time.Time {
	first := d.Changed
	for _, s := range d.Steps {
		if at := changedBy(s); s.Part == PartMain && !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// changedBy is when a step began to change what runs; zero: it has not.
func changedBy(s StepState) time.Time {
	var first time.Time
	if s.Mutates() && s.Hand && s.Attempt > 0 {
		first = s.Began
	}
	for _, e := range s.Effects {
		if s.Mutates() && e.IsMain() && (first.IsZero() || e.At.Before(first)) {
			first = e.At
		}
	}
	return first
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
	if midway := !FirstChange(c.d).IsZero(); midway {
		all = slices.DeleteFunc(slices.Clone(all), func(v Verdict) bool { return v.Ends == "" || !changedBy(s).IsZero() })
	}
	v := c.d.Refusing(all)
	if v == nil || s.Part != PartMain || !AsksRules(c.d) {
		return Held{}
	}
	h := Held{Why: v.Why, Item: item, Rule: v.Rule, Role: v.Override, Asks: v.Ends == EndsAsk}
	if deciders := c.d.Deciders(); h.Asks && h.Role == "" && len(deciders) > 0 {
		h.Role = deciders[0]
	}
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
	if h.Rule == was.Rule && h.Why == was.Why && h.Until.Equal(was.Until) && h.Role == was.Role && h.Asks == was.Asks {
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
	case !by.holds(s.Held.Role) && !(s.Held.Asks && by.holds(c.d.Deciders()...)):
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
		holdBack(d, s)
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
	s.Held, s.HeldBack = e.Held, false
	holdBack(d, s)
}
