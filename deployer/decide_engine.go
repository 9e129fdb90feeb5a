package deployer

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// engine decides the orders of the engine.
func (c *decider) engine(cmd Command, f Facts) error {
	switch cmd := cmd.(type) {
	case Resolve:
		return c.resolve(cmd, f)
	case RejectStart:
		if err := awaitsTargets(c.d, cmd.Releases); err != nil {
			return err
		}
		if Patching(c.d) != nil {
			rejectPatch(c, cmd.Refusal.Error())
			return nil
		}
		c.ended(Refused, cmd.Refusal.Error())
	case Advance:
	case Elapse:
		s, err := c.timed(cmd.Step, cmd.Attempt)
		if err != nil {
			return err
		}
		if !s.Waits() || c.d.WaitUntil(*s).After(c.now) {
			return ErrStale
		}
		if why := startsLate(c.d, *s, c.now); why != "" {
			c.add(StepEnded{At: c.now, Step: cmd.Step, Status: StepInterrupted, Why: why})
			return nil
		}
		c.add(StepEnded{At: c.now, Step: cmd.Step, Status: Done})
	case Expire:
		if cmd.Step == "" {
			return giveUpWaiting(c)
		}
		s, err := c.timed(cmd.Step, cmd.Attempt)
		if err != nil {
			return err
		}
		if due := s.Due(); due.IsZero() || s.Expired || due.After(c.now) {
			return ErrStale
		}
		c.add(StepExpired{At: c.now, Step: cmd.Step})
	case Remind:
		return remind(c, cmd)
	case EscalateTo:
		return escalate(c, cmd)
	case Intend:
		return c.intend(cmd, f)
	case Reconsider:
		return ruler{c}.reconsider(cmd, f.Verdicts)
	case Try:
		e := c.d.Effect(cmd.Key)
		if e == nil || e.Stage != Intended {
			return ErrStale
		}
		c.add(EffectTried{At: c.now, Key: cmd.Key})
	case OpenGate:
		return c.openGate(cmd)
	case Act:
		e := c.d.Effect(cmd.Key)
		if e == nil || e.Stage != Intended {
			return ErrStale
		}
		c.add(EffectActed{At: c.now, Key: cmd.Key, Ref: cmd.Ref})
	case Settle:
		return c.settle(cmd)
	case Recheck:
		return c.recheck(cmd)
	default:
		return errors.New("decide: that order needs somebody who gives it")
	}
	return nil
}

// settle notes how an effect has ended. What it still asked, nobody answers.
func (c *decider) settle(cmd Settle) error {
	e := c.d.Effect(cmd.Key)
	if e == nil || !e.Open() {
		return ErrStale
	}
	c.add(EffectSettled{At: c.now, Key: cmd.Key, Outcome: cmd.Outcome.bounded()})
	key := ParseEffectKey(cmd.Key)
	if key.Verb != "" {
		return nil
	}
	for _, other := range c.d.Step(key.Step).Effects {
		if other.Item == key.Item && IsGateVerb(other.Verb) && other.Open() {
			c.add(EffectSettled{At: c.now, Key: other.Key, Outcome: Outcome{Result: Absent, Why: "It was over before the answer was given."}})
		}
	}
	return nil
}

// nameMax bounds the name of a failure, in bytes.
const nameMax = 100

// outputsMax bounds how many outputs are kept, and members of one.
const outputsMax = 100

// bounded cuts how an effect has ended to what can be kept.
func (o Outcome) bounded() Outcome {
	o.Why, o.Detail, o.Remark = Tail(o.Why, textMax), Tail(o.Detail, textMax), Tail(o.Remark, textMax)
	o.Kind, o.Outputs = Tail(o.Kind, nameMax), bounded(o.Outputs)
	return o
}

// bounded cuts what a step leaves behind to what can be kept.
func bounded(v Values) Values {
	if v == nil {
		return nil
	}
	out := Values{}
	for _, name := range slices.Sorted(maps.Keys(v))[:min(len(v), outputsMax)] {
		x := v[name]
		x.Text = Tail(x.Text, DetailMax)
		if x.List != nil {
			x.List = slices.Clone(x.List[:min(len(x.List), outputsMax)])
			for i := range x.List {
				x.List[i] = Tail(x.List[i], 1000)
			}
		}
		out[name] = x
	}
	return out
}

// textMax bounds a text of an outside system that is kept, in bytes.
const textMax = 16 << 10

// DetailMax bounds the details in one message, in bytes.
const DetailMax = 8000

// Tail keeps the end of a text, which is where a log says what went wrong.
func Tail(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8("…"+s[len(s)-most:], "")
}

// timed returns the active step that a timer was set for.
func (c *decider) timed(id string, attempt int) (*StepState, error) {
	s := c.d.Step(id)
	if s == nil || s.Status != Active || s.Attempt != attempt {
		return nil, ErrStale
	}
	return s, nil
}

// awaitsTargets refuses what was looked up of other releases than are to be known now; nil
// ones are not said.
func awaitsTargets(d Deployment, of []Release) error {
	if d.Status != Resolving && Patching(d) == nil || of != nil && !slices.Equal(of, Unresolved(d)) {
		return ErrStale
	}
	return nil
}

func (c *decider) resolve(cmd Resolve, f Facts) error {
	if err := awaitsTargets(c.d, cmd.Releases); err != nil {
		return err
	}
	if c.d.Queued && len(AheadOf(c.d, f)) > 0 {
		return ErrStale
	}
	if c.d.Drill.On {
		cmd.Targets = rehearsed(cmd.Targets)
	}
	live := len(cmd.Targets) > 0 && Patching(c.d) == nil
	for _, t := range cmd.Targets {
		live = live && t.Live
	}
	if live {
		c.ended(Refused, alreadyLive(cmd.Targets))
		return nil
	}
	c.add(Resolved{At: c.now, Targets: cmd.Targets})
	return nil
}

func alreadyLive(targets []Target) string {
	why := ""
	for _, t := range targets {
		why += t.Service + " " + t.After.Version + " is already live. "
	}
	return why + "Nothing was done."
}

// openGate has a person asked, unless the system asks what was answered.
func (c *decider) openGate(cmd OpenGate) error {
	e := c.d.Effect(cmd.Key)
	if e == nil || e.Stage != Acted || e.Gate.ID == cmd.Gate.ID || cmd.Gate.ID == "" {
		return ErrStale
	}
	key := ParseEffectKey(cmd.Key)
	for _, choice := range []Choice{ChoiceProceed, ChoiceAbort} {
		key.Verb = Gate{ID: cmd.Gate.ID, Answer: choice}.verb()
		if given := c.d.Effect(key.String()); given != nil && given.Began >= e.Began && (given.Open() || given.Outcome.Result == OK) {
			return ErrStale
		}
	}
	c.add(GateOpened{At: c.now, Key: cmd.Key, Gate: Gate{ID: cmd.Gate.ID, Asks: Tail(cmd.Gate.Asks, DetailMax)}})
	return nil
}

// ErrHeld answers the intent of an effect that something holds, such as a lock:
// it is asked for again.
var ErrHeld = errors.New("it is held")

// intend lets an effect begin, if it is still wanted, still about what was
// approved, and nothing holds it.
func (c *decider) intend(cmd Intend, f Facts) error {
	lapsed := lapse(c)
	w, s := c.planner().wanted(cmd.Key)
	switch {
	case lapsed && (s == nil || w.Stage != ""):
		return nil
	case s == nil || w.Stage != "":
		return ErrStale
	}
	t := c.d.Target(w.Intent.Service)
	if rollsOut := s.Deploys() && s.Part == PartMain && w.Verb == "" && t != nil && s.Effect(cmd.Key) == nil; rollsOut && hasArrived(cmd.Observation, *t, runsNow(c.d, *t)) {
		c.add(TargetChanged{At: c.now, Service: t.Service, Before: cmd.Observation.State, Live: true, By: c.d.Taken.By})
		return nil
	}
	if h := c.held(*s, w, cmd.Observation, f); h.Why != "" {
		if was := s.Held; was.Why != "" && (was.Item != h.Item || was.Why == h.Why && was.Until.Equal(h.Until)) {
			return ErrHeld
		}
		c.add(StepHeld{At: c.now, Step: s.ID, Held: h})
		return nil
	}
	begin := EffectIntended{At: c.now, Key: cmd.Key, Runner: w.Runner, Attempt: s.Attempt, Before: cmd.Observation.State}
	switch {
	case cmd.Observation.Kind == ObservedUnknown:
		begin.Before = before(c.d, s.Effect(cmd.Key), t)
		c.add(begin)
		c.add(EffectSettled{At: c.now, Key: cmd.Key, Outcome: Outcome{Result: Interrupted, Why: Tail(cmd.Observation.Why, textMax)}})
		return nil
	case cmd.Observation.Kind == ObservedPresent:
		begin.Before = before(c.d, s.Effect(cmd.Key), t)
	case s.Deploys() && s.Part == PartMain && w.Verb == "" && t != nil && !runsNow(c.d, *t).Is(cmd.Observation.State):
		return c.changed(begin, *t, cmd.Observation)
	}
	c.add(begin)
	return nil
}

// hasArrived reports whether somebody else has brought what a target is to run, since
// it was resolved: then nothing is left that anybody could approve.
func hasArrived(seen Observation, t Target, was State) bool {
	return seen.Kind == ObservedAbsent && (seen.Live || seen.State.Image == t.After.Image && t.After.Revision == "" && seen.State.Image != was.Image)
}

// held is what keeps an effect from beginning. What is done already, what holds
// or answers what runs, and the way back are held by nothing.
func (c *decider) held(s StepState, w Wanted, seen Observation, f Facts) Held {
	done := seen.Kind == ObservedUnknown || seen.Kind == ObservedPresent && !seen.PausedByUs
	if !s.Mutates() || s.Part != PartMain && s.Part != PartAfter || w.Verb != "" || done || c.d.Drill.On {
		return Held{}
	}
	if f.Hold != "" && !c.d.hasMutated() {
		return Held{Why: f.Hold, Item: w.Intent.Item}
	}
	services := []string{w.Intent.Service}
	if w.Intent.Service == "" {
		services = nil
		for _, r := range c.d.Releases {
			services = append(services, r.Service)
		}
	}
	if len(services) == 0 {
		services = []string{""} // what is about none is held by what holds everything
	}
	locks := f.Locks.Besides(func(id string) bool { return id == c.d.ID || id == ParentOf(c.d.Origin) })
	for _, service := range services {
		if r := locks.Forbids(service, c.d.Requester, c.now); r != nil {
			l := r.Locked.Lock
			return Held{Why: subject(l.Service) + " is locked by " + l.By.Name + ": " + Sentence(l.Reason), Item: w.Intent.Item, Until: l.Until}
		}
	}
	return ruler{c}.ruled(s, w.Intent.Item, f.Verdicts)
}

// before is what was there before the first attempt, where a look does not
// show it: it was done already, or nothing can be seen. A rollback goes
// back to that.
func before(d Deployment, first *Effect, t *Target) State {
	switch {
	case first != nil:
		return first.Before
	case t != nil:
		return runsNow(d, *t)
	}
	return State{}
}

// changed handles a target that is no longer what it was when people approved.
func (c *decider) changed(begin EffectIntended, t Target, seen Observation) error {
	now, why := seen.State, c.changedWhy(t, seen)
	if c.planner().rolling() {
		c.add(begin)
		c.add(EffectSettled{At: c.now, Key: begin.Key, Outcome: Outcome{Result: Interrupted, Why: why, State: now}})
		return nil
	}
	given := slices.DeleteFunc(slices.Clone(c.d.Steps), func(s StepState) bool {
		return !s.Approves() || s.Part != c.d.Part || s.Status != Done
	})
	if len(given) == 0 { // nobody is asked, but everybody told
		c.add(TargetChanged{At: c.now, Service: t.Service, Before: now, Why: why})
		c.add(begin)
		return nil
	}
	c.add(TargetChanged{At: c.now, Service: t.Service, Before: now})
	for _, s := range given {
		c.add(ApprovalVoided{At: c.now, Step: s.ID, Why: why})
	}
	return nil
}

// changedWhy says what of a target is not as it was.
func (c *decider) changedWhy(t Target, seen Observation) string {
	when := "when this began"
	if slices.ContainsFunc(c.d.Steps, func(s StepState) bool { return s.Approves() && s.Part == c.d.Part && s.Status == Done }) {
		when = "when this was approved"
	}
	if was := runsNow(c.d, t); seen.State.Image != was.Image {
		return t.Service + " runs " + seen.State.Version + " now; it ran " + was.Version + " " + when + "."
	}
	why := t.Service + " is not as it was " + when
	if seen.Kind == ObservedAbsent && seen.Why != "" {
		why += ": " + Tail(seen.Why, DetailMax)
	}
	return Sentence(why)
}

// rolling reports whether an active step has begun a rollout in its attempt.
func (d planner) rolling() bool {
	for _, s := range d.Steps {
		for _, e := range s.Effects {
			if s.Deploys() && s.Status == Active && e.Attempt == s.Attempt {
				return true
			}
		}
	}
	return false
}

func (c *decider) deliver(cmd Deliver) {
	card := IsCardKey(cmd.Post.DedupKey)
	if card && (c.d.Card.TS != "" || cmd.Post.DedupKey != CardKey(c.d)) {
		return
	}
	p := c.d.ProblemOf(cmd.Post.DedupKey)
	if p != nil && p.Post.TS != "" {
		return
	}
	if s := c.d.announcing(cmd.Post.DedupKey); !card && p == nil && (s == nil || s.Posted(cmd.Post.DedupKey)) {
		return
	}
	c.add(Delivered{At: c.now, Post: cmd.Post, Kind: cmd.Kind})
}

// loseCard has another card posted, unless nothing changes on it any more.
func (c *decider) loseCard(cmd LoseCard) {
	if !Lives(c.d) || cmd.Post.TS == "" || c.d.Card != cmd.Post {
		return
	}
	c.add(Undelivered{At: c.now, DedupKey: cmd.Post.DedupKey, Why: cmd.Why})
}

func (c *decider) giveUp(cmd GiveUp) {
	if s := c.d.announcing(cmd.DedupKey); s != nil && s.Posted(cmd.DedupKey) || IsCardKey(cmd.DedupKey) && c.d.Card.TS != "" {
		return
	}
	if p := c.d.ProblemOf(cmd.DedupKey); p != nil && p.Key() == cmd.DedupKey && p.Post.TS != "" {
		return
	}
	c.add(Undelivered{At: c.now, DedupKey: cmd.DedupKey, Why: cmd.Why})
}
