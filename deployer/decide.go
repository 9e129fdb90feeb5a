package deployer

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// ErrStale answers an order of the engine that has been overtaken: what it
// reports, or wants to begin, is not awaited any more.
var ErrStale = errors.New("the deployment does not wait for that any more")

// Decide says what follows from an order: events and messages that belong into
// one commit. No events and no error mean that the order was carried out
// before. A *Refusal is for the person who gave it.
func Decide(d Deployment, o Order, f Facts) ([]Event, []Message, error) {
	if o.Nonce != "" && slices.Contains(d.OrdersSeen, o.Nonce) {
		return nil, nil, nil
	}
	c := &decider{d: d, now: f.Now}
	if err := c.order(o, f); err != nil {
		return nil, nil, err
	}
	if o.Nonce != "" {
		c.add(OrderSeen{At: f.Now, By: o.By, Nonce: o.Nonce})
	}
	c.follow()
	return c.events, c.messages(), nil
}

// A decider collects what follows, step by step.
type decider struct {
	d      Deployment
	now    time.Time
	events []Event
	out    []Message
}

func (c *decider) add(e Event) {
	c.d = Apply(c.d, e)
	c.events = append(c.events, e)
	c.out = append(c.out, messagesFor(c.d, e)...)
}

// messages are what the events send, with the card where it has changed.
func (c *decider) messages() []Message {
	for _, e := range c.events {
		switch e := e.(type) {
		case OrderSeen, Created, Delivered:
		case Ended:
			if e.Status != Refused {
				return append(c.out, c.d.card())
			}
		default:
			return append(c.out, c.d.card())
		}
	}
	return c.out
}

func (d Deployment) card() Message {
	return Message{Kind: MessageCard, DedupKey: MessageCard, Channel: d.Channels["deploys"], Receipt: d.Card.TS == ""}
}

func (c *decider) order(o Order, f Facts) error {
	if cmd, ok := o.Command.(Start); ok {
		return c.start(cmd, o.By, f)
	}
	switch cmd := o.Command.(type) {
	case Deliver:
		c.deliver(cmd)
		return nil
	case GiveUp:
		c.giveUp(cmd)
		return nil
	}
	if c.d.Status.Ended() {
		if o.By.ID == "" {
			return ErrStale
		}
		return HasEnded(c.d)
	}
	if o.By.ID != "" {
		return c.person(o.Command, o.By, f.Roles)
	}
	return c.engine(o.Command)
}

// engine decides the orders of the engine.
func (c *decider) engine(cmd Command) error {
	switch cmd := cmd.(type) {
	case Resolve:
		return c.resolve(cmd)
	case RejectStart:
		if c.d.Status != Resolving {
			return ErrStale
		}
		c.add(Ended{At: c.now, Status: Refused, Why: cmd.Refusal.Error()})
	case Elapse:
		s, err := c.timed(cmd.Step, cmd.Attempt)
		if err != nil {
			return err
		}
		if s.Uses != KindWait || c.d.WaitUntil(*s).After(c.now) {
			return ErrStale
		}
		c.add(StepEnded{At: c.now, Step: cmd.Step, Status: Done})
	case Expire:
		s, err := c.timed(cmd.Step, cmd.Attempt)
		if err != nil {
			return err
		}
		if s.Timeout <= 0 || s.Expired || s.Began.Add(s.Timeout).After(c.now) {
			return ErrStale
		}
		c.add(StepExpired{At: c.now, Step: cmd.Step})
	case Remind:
		return c.remind(cmd)
	case Intend:
		return c.intend(cmd)
	case Act:
		e := c.d.Effect(cmd.Key)
		if e == nil || e.Stage != Intended {
			return ErrStale
		}
		c.add(EffectActed{At: c.now, Key: cmd.Key, Ref: cmd.Ref})
	case Settle:
		e := c.d.Effect(cmd.Key)
		if e == nil || !e.Open() {
			return ErrStale
		}
		out := cmd.Outcome
		out.Why, out.Detail = tail(out.Why, textMax), tail(out.Detail, textMax)
		c.add(EffectSettled{At: c.now, Key: cmd.Key, Outcome: out})
	default:
		return errors.New("decide: that order needs somebody who gives it")
	}
	return nil
}

// textMax bounds a text of an outside system that is kept, in bytes.
const textMax = 16 << 10

// detailMax bounds the details in one message, in bytes.
const detailMax = 8000

// tail keeps the end of a text, which is where a log says what went wrong.
func tail(s string, most int) string {
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

func (c *decider) resolve(cmd Resolve) error {
	if c.d.Status != Resolving {
		return ErrStale
	}
	live := len(cmd.Targets) > 0
	for _, t := range cmd.Targets {
		live = live && t.Live
	}
	if live {
		c.add(Ended{At: c.now, Status: Refused, Why: alreadyLive(cmd.Targets)})
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

// intend lets an effect begin, if it is still wanted and still about what was
// approved.
func (c *decider) intend(cmd Intend) error {
	w, s := c.d.wanted(cmd.Key)
	if s == nil || w.Stage != "" {
		return ErrStale
	}
	begin := EffectIntended{
		At: c.now, Step: s.ID, Key: cmd.Key, Runner: w.Runner, Service: w.Service(), Attempt: s.Attempt, Before: cmd.Observation.State,
	}
	t := c.d.Target(w.Service())
	old := s.effect(cmd.Key)
	switch {
	case cmd.Observation.Kind == ObservedUnknown:
		begin.Before = before(old, *t)
		c.add(begin)
		c.add(EffectSettled{At: c.now, Key: cmd.Key, Outcome: Outcome{Result: Interrupted, Why: cmd.Observation.Why}})
		return nil
	case cmd.Observation.Kind == ObservedPresent:
		begin.Before = before(old, *t)
	case s.Uses == KindRollout && !s.Back && !w.Pause && cmd.Observation.State.Image != t.Before.Image:
		return c.changed(begin, *t, cmd.Observation.State)
	}
	c.add(begin)
	return nil
}

// before is what was there before the first attempt, where a look does not
// show it: the deed is done already, or nothing can be seen. A rollback goes
// back to that.
func before(first *Effect, t Target) State {
	if first != nil {
		return first.Before
	}
	return t.Before
}

// wanted finds an effect that should be under way, and its step.
func (d Deployment) wanted(key string) (Wanted, *StepState) {
	for _, w := range d.underWay() {
		if w.Key == key {
			return w, d.Step(w.Intent.Step)
		}
	}
	return Wanted{}, nil
}

// changed handles a target that is no longer what it was when people approved.
func (c *decider) changed(begin EffectIntended, t Target, now State) error {
	why := t.Service + " runs " + now.Version + " now; it ran " + t.Before.Version + " when this was approved."
	if c.d.rolling() {
		c.add(begin)
		c.add(EffectSettled{At: c.now, Key: begin.Key, Outcome: Outcome{Result: Interrupted, Why: why, State: now}})
		return nil
	}
	c.add(TargetChanged{At: c.now, Service: t.Service, Before: now})
	asked := false
	for _, s := range c.d.Steps {
		if s.Uses == KindApprove && s.Back == c.d.Back && s.Status == Done {
			c.add(ApprovalVoided{At: c.now, Step: s.ID, Why: why})
			asked = true
		}
	}
	if !asked {
		c.add(begin)
	}
	return nil
}

// rolling reports whether an active step has begun a rollout in its attempt.
func (d Deployment) rolling() bool {
	for _, s := range d.Steps {
		for _, e := range s.Effects {
			if s.Uses == KindRollout && s.Status == Active && e.Attempt == s.Attempt {
				return true
			}
		}
	}
	return false
}

func (c *decider) deliver(cmd Deliver) {
	if cmd.Kind == MessageCard && c.d.Card.TS != "" {
		return
	}
	if s := c.d.announcing(cmd.Post.DedupKey); cmd.Kind != MessageCard && (s == nil || s.posted(cmd.Post.DedupKey)) {
		return
	}
	c.add(Delivered{At: c.now, Post: cmd.Post, Kind: cmd.Kind})
}

func (c *decider) giveUp(cmd GiveUp) {
	if s := c.d.announcing(cmd.DedupKey); s != nil && s.posted(cmd.DedupKey) {
		return
	}
	c.add(Undelivered{At: c.now, DedupKey: cmd.DedupKey, Why: cmd.Why})
}

// follow adds what follows by itself, until nothing does.
func (c *decider) follow() {
	for c.d.Status != Resolving && !c.d.Status.Ended() && c.one() {
	}
}

// one adds one consequence and reports whether there was any.
func (c *decider) one() bool {
	if c.d.Status == Halting {
		if len(c.d.underWay()) > 0 {
			return false
		}
		c.add(Ended{At: c.now, Status: Stopped, Why: c.d.Why})
		return true
	}
	for _, s := range c.d.Steps {
		if s.Status != Active || s.Back != c.d.Back {
			continue
		}
		if status, why, ok := c.d.conclusion(s); ok {
			c.add(StepEnded{At: c.now, Step: s.ID, Status: status, Why: why})
			return true
		}
	}
	return c.d.Status == Running && (c.begin() || c.end())
}

// begin starts a step whose needs are done.
func (c *decider) begin() bool {
	for _, s := range c.d.Steps {
		if s.Status == Pending && s.Back == c.d.Back && c.d.ready(s) {
			c.add(StepBegan{At: c.now, Step: s.ID, Attempt: s.Attempt + 1})
			return true
		}
	}
	return false
}

// ready reports whether everything that the step needs, directly or not, is
// done: an approval that was voided holds up all that comes after it.
func (d Deployment) ready(s StepState) bool {
	for _, id := range s.Needs {
		n := d.Step(id)
		if n == nil || n.Status != Done || !d.ready(*n) {
			return false
		}
	}
	return true
}

func (c *decider) end() bool {
	for _, s := range c.d.Steps {
		if s.Back == c.d.Back && s.Status != Done {
			return false
		}
	}
	status := Complete
	if c.d.Back {
		status = RolledBack
	}
	c.add(Ended{At: c.now, Status: status})
	return true
}
