package deployer

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// ErrSurplus answers an order of the engine that has been overtaken: what it
// reports, or wants to begin, is not awaited any more.
var ErrSurplus = errors.New("the deployment does not wait for that any more")

// Decide says what follows from an order: events and messages that belong into
// one commit. No events and no error mean that the order was carried out
// before. A *Refusal is for the person who gave it.
func Decide(d Deployment, o Order, f Facts) ([]Event, []Message, error) {
	if o.Nonce != "" && slices.Contains(d.Heard, o.Nonce) {
		return nil, nil, nil
	}
	c := &course{d: d, now: f.Now}
	if err := c.order(o, f); err != nil {
		return nil, nil, err
	}
	if o.Nonce != "" {
		c.add(Heard{At: f.Now, By: o.By, Nonce: o.Nonce})
	}
	c.follow()
	return c.events, c.messages(), nil
}

// A course collects what follows, step by step.
type course struct {
	d      Deployment
	now    time.Time
	events []Event
	out    []Message
}

func (c *course) add(e Event) {
	c.d = Apply(c.d, e)
	c.events = append(c.events, e)
	c.out = append(c.out, letters(c.d, e)...)
}

// messages are what the events send, with the card where it has changed.
func (c *course) messages() []Message {
	for _, e := range c.events {
		switch e := e.(type) {
		case Heard, Created, Delivered:
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
	return Message{Kind: MessageCard, Mark: MessageCard, Channel: d.Channels["deploys"], Receipt: d.Card.TS == ""}
}

func (c *course) order(o Order, f Facts) error {
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
			return ErrSurplus
		}
		return HasEnded(c.d)
	}
	if o.By.ID != "" {
		return c.person(o.Command, o.By, f.Roles)
	}
	return c.engine(o.Command)
}

// engine decides the orders of the engine.
func (c *course) engine(cmd Command) error {
	switch cmd := cmd.(type) {
	case Resolve:
		return c.resolve(cmd)
	case Turn:
		if c.d.Status != Resolving {
			return ErrSurplus
		}
		c.add(Ended{At: c.now, Status: Refused, Why: cmd.Refusal.Error()})
	case Elapse:
		s, err := c.timed(cmd.Step, cmd.Attempt)
		if err != nil {
			return err
		}
		if s.Uses != KindWait || c.d.Over(*s).After(c.now) {
			return ErrSurplus
		}
		c.add(StepEnded{At: c.now, Step: cmd.Step, Status: Done})
	case Expire:
		s, err := c.timed(cmd.Step, cmd.Attempt)
		if err != nil {
			return err
		}
		if s.Timeout <= 0 || s.Expired || s.Began.Add(s.Timeout).After(c.now) {
			return ErrSurplus
		}
		c.add(StepExpired{At: c.now, Step: cmd.Step})
	case Remind:
		return c.remind(cmd)
	case Intend:
		return c.intend(cmd)
	case Act:
		e := c.d.Effect(cmd.Key)
		if e == nil || e.Stage != Intended {
			return ErrSurplus
		}
		c.add(EffectActed{At: c.now, Key: cmd.Key, Ref: cmd.Ref})
	case Settle:
		e := c.d.Effect(cmd.Key)
		if e == nil || !e.Open() {
			return ErrSurplus
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
func (c *course) timed(id string, attempt int) (*StepState, error) {
	s := c.d.Step(id)
	if s == nil || s.Status != Active || s.Attempt != attempt {
		return nil, ErrSurplus
	}
	return s, nil
}

func (c *course) resolve(cmd Resolve) error {
	if c.d.Status != Resolving {
		return ErrSurplus
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
func (c *course) intend(cmd Intend) error {
	w, s := c.d.wanted(cmd.Key)
	if s == nil || w.Stage != "" {
		return ErrSurplus
	}
	begin := EffectIntended{
		At: c.now, Step: s.ID, Key: cmd.Key, Runner: w.Runner, Service: w.Service(), Attempt: s.Attempt, Before: cmd.Sight.State,
	}
	t := c.d.Target(w.Service())
	old := s.effect(cmd.Key)
	switch {
	case cmd.Sight.Kind == SightUnknown:
		begin.Before = before(old, *t)
		c.add(begin)
		c.add(EffectSettled{At: c.now, Key: cmd.Key, Outcome: Outcome{Result: Interrupted, Why: cmd.Sight.Why}})
		return nil
	case cmd.Sight.Kind == SightPresent:
		begin.Before = before(old, *t)
	case s.Uses == KindRollout && !s.Back && !w.Pause && cmd.Sight.State.Image != t.Before.Image:
		return c.changed(begin, *t, cmd.Sight.State)
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
func (c *course) changed(begin EffectIntended, t Target, now State) error {
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

func (c *course) deliver(cmd Deliver) {
	if cmd.Kind == MessageCard && c.d.Card.TS != "" {
		return
	}
	if s := c.d.announcing(cmd.Post.Key); cmd.Kind != MessageCard && (s == nil || s.posted(cmd.Post.Key)) {
		return
	}
	c.add(Delivered{At: c.now, Post: cmd.Post, Kind: cmd.Kind})
}

func (c *course) giveUp(cmd GiveUp) {
	if s := c.d.announcing(cmd.Key); s != nil && s.posted(cmd.Key) {
		return
	}
	c.add(Undelivered{At: c.now, Key: cmd.Key, Why: cmd.Why})
}

// follow adds what follows by itself, until nothing does.
func (c *course) follow() {
	for c.d.Status != Resolving && !c.d.Status.Ended() && c.one() {
	}
}

// one adds one consequence and reports whether there was any.
func (c *course) one() bool {
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
func (c *course) begin() bool {
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

func (c *course) end() bool {
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
