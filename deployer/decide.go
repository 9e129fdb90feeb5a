package deployer

import (
	"errors"
	"slices"
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

func (c *decider) planner() planner { return planner{c.d} }

func (c *decider) add(e Event) {
	c.d = Apply(c.d, e)
	c.events = append(c.events, e)
	c.out = append(c.out, messageWriter{c.d}.follow(e)...)
}

// messages are what the events send, with the card where it has changed.
func (c *decider) messages() []Message {
	for _, e := range c.events {
		switch e := e.(type) {
		case OrderSeen, Created, Delivered:
		case Ended:
			if e.Status != Refused {
				return append(c.out, messageWriter{c.d}.card())
			}
		default:
			return append(c.out, messageWriter{c.d}.card())
		}
	}
	return c.out
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
		a, ok := o.Command.(Answer)
		if !ok {
			return Refuse("", "People can't do that.")
		}
		return c.answer(a, o.By, f.Roles)
	}
	return c.engine(o.Command)
}

// follow adds what follows by itself, until nothing does.
func (c *decider) follow() {
	for c.d.Status != Resolving && !c.d.Status.Ended() && c.one() {
	}
}

// one adds one consequence and reports whether there was any.
func (c *decider) one() bool {
	if c.d.Status == Halting {
		if len(c.planner().underWay()) > 0 {
			return false
		}
		c.add(Ended{At: c.now, Status: Stopped, Why: c.d.Why})
		return true
	}
	for _, s := range c.d.Steps {
		if s.Status != Active || s.Back != c.d.Back {
			continue
		}
		if status, why, ok := c.planner().conclusion(s); ok {
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
