package deployer

import (
	"errors"
	"fmt"
	"time"
)

// Pack puts what follows from an order into one commit.
func Pack(before Deployment, o Order, events []Event, messages []Message) Commit {
	c := Commit{Before: before, After: Fold(before, events...), Events: events, Messages: messages}
	for _, e := range events {
		switch e.(type) {
		case Created:
			c.Claim, c.Origin = c.After.Places(), c.After.Origin
		case PlacesFreed:
			c.Release = c.After.Places()
		}
	}
	switch cmd := o.Command.(type) {
	case Deliver:
		c.Sent = sent(cmd.OutboxKey)
	case GiveUp:
		c.Sent = sent(cmd.OutboxKey)
	}
	c.Live, c.Wakeup = !c.After.Status.Ended(), c.After.Wakeup()
	return c
}

// A Wakeup says when the engine has to look at a deployment by itself. When it
// is zero, only an order leads to something.
type Wakeup struct {
	Now bool      // something is to be looked up, or an effect is under way
	At  time.Time // else: its next timer; zero: none
}

// Wakeup is when the engine has to look at the deployment by itself.
func (d Deployment) Wakeup() Wakeup {
	p := Next(d, time.Time{})
	if p.Resolve || len(p.Effects)+len(p.Due)+len(p.Asks) > 0 {
		return Wakeup{Now: true}
	}
	return Wakeup{At: p.Wake}
}

func sent(key string) []string {
	if key == "" {
		return nil
	}
	return []string{key}
}

// A Record is one commit in the history of a deployment, as it was written.
type Record struct {
	Seq    int       // the number of its first event; the first record's is 1
	At     time.Time // when it was written
	Hash   string    // of this record
	Prev   string    // of the record before it; "" for the first
	Events []Event
}

// A Commit is what happens together or not at all.
type Commit struct {
	Before   Deployment // the state that the events were decided on
	After    Deployment // Before with the events applied
	Events   []Event
	Messages []Message // to be sent
	Sent     []string  // keys of the outbox messages that were sent
	Claim    []string  // places; all are free, or the commit fails with ErrConflict
	Release  []string  // places that the deployment holds
	Origin   string    // claimed for good
	Locks    *Locks    // what it was decided under: of a start, and of what lets an effect begin; it must still be so
	Live     bool      // something may still happen to the deployment
	Wakeup   Wakeup    // where it is live: when the engine has to look at it by itself
}

// Check refuses a commit that no order can lead to. Every Journal asks it first.
func (c Commit) Check() error {
	switch {
	case c.After.ID == "":
		return errors.New("the commit names no deployment")
	case c.Before.ID != c.After.ID && c.Before.ID != "":
		return fmt.Errorf("the commit was decided on %s", c.Before.ID)
	case c.After.Seq != c.Before.Seq+len(c.Events):
		return fmt.Errorf("the commit leads from event %d to %d with %d events", c.Before.Seq, c.After.Seq, len(c.Events))
	case c.Before.Seq == 0 && len(c.Events) == 0:
		return errors.New("the commit creates a deployment without an event")
	}
	return nil
}
