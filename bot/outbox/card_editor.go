package outbox

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A cardEditor brings cards that are there to their newest state. Edits are the
// scarcest thing that Slack gives, fifty a minute for all cards together, so one
// goroutine chooses among the cards of all channels: new states before mere
// progress, and of each what has waited longest. However many states a card has
// had meanwhile, it takes one edit.
type cardEditor struct {
	*Outbox
	inFlight chan struct{}  // holds one for each edit that Slack has not answered yet
	reacting atomic.Bool    // a reaction is being set: one at a time, so that they take nothing from the edits
	calls    sync.WaitGroup // those edits
}

const (
	inFlightMax     = 4 // edits that are made at once, in case Slack is slow
	progressReserve = 5 // edits that progress leaves to new states, which can then be shown at once
)

// A pendingEdit is a card of some queue that has something new to show. Its item
// is nil where that is progress alone.
type pendingEdit struct {
	job
	queue *queue
}

// editCards works until ctx ends.
func (o *Outbox) editCards(ctx context.Context) {
	c := &cardEditor{Outbox: o, inFlight: make(chan struct{}, inFlightMax)}
	defer c.calls.Wait()
	for ctx.Err() == nil {
		p, ok := c.next(time.Now())
		switch wait := time.Until(p.readyAt); {
		case !ok:
			sleepOrWake(ctx, o.pace.WaitMax, o.editWake)
		case wait > 0:
			sleepOrWake(ctx, wait, o.editWake)
		case p.class == reactions:
			c.react(ctx, p)
		default:
			c.do(ctx, p)
		}
	}
}

// do brings a card up to date. The message is taken before the deployment is
// loaded, as in [queue.do].
func (c *cardEditor) do(ctx context.Context, p pendingEdit) {
	q, e := p.queue, p.begin()
	if e.onlyRecord {
		q.record(ctx, e.item)
		e.end(false)
		return
	}
	d, err := c.ports.Deployments.Load(ctx, p.deployment)
	switch {
	case errors.Is(err, deployer.ErrNotFound):
		if e.item != nil {
			q.drop(ctx, e.item, e.message)
		}
		e.end(false)
	case err != nil:
		if ctx.Err() == nil {
			c.log.Error("a deployment can't be loaded", "deployment", p.deployment, "err", err)
		}
		e.postpone()
		e.end(e.wasDirty)
	case d.Card.TS == "": // it is the worker's to post
		e.handBack()
	default:
		e.draw(ctx, d)
		c.show(ctx, e)
	}
}

// show has Slack show what was drawn, if it does not yet. The call goes on in the
// background.
func (c *cardEditor) show(ctx context.Context, e *cardEdit) {
	if !e.needed() {
		c.shown(ctx, e)
		return
	}
	if !c.startCall(ctx, e.pendingEdit) {
		e.end(e.wasDirty)
		return
	}
	c.calls.Go(func() {
		defer c.endCall()
		err := e.call(ctx)
		switch e.noteOutcome(err) {
		case shown:
			c.shown(ctx, e)
		case lost:
			e.replace(ctx, err)
		case refusedForNow:
			e.message.Channel = e.queue.channel // without an item it is none
			waitOut(ctx, e.queue, e.message, e.d, err)
			e.end(e.wasDirty)
		case shownForNow:
			e.end(false)
		case notShown:
			e.end(e.wasDirty)
		}
	})
}

// shown goes on with a card that shows what it should.
func (c *cardEditor) shown(ctx context.Context, e *cardEdit) {
	if e.reactionDue() {
		e.leaveReaction()
		return
	}
	e.complete(ctx)
}

// react brings the reaction on a card to what the card says, in the background.
func (c *cardEditor) react(ctx context.Context, p pendingEdit) {
	c.reacting.Store(true)
	e := p.begin()
	c.calls.Go(func() {
		e.react(ctx)
		c.reacting.Store(false)
		p.queue.wakeUp()
	})
}

// next returns the card that comes first; it may have to wait until it is ready.
func (c *cardEditor) next(now time.Time) (first pendingEdit, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []pendingEdit
	for _, q := range c.queues {
		q.mu.Lock()
		for _, j := range q.cardTurns.heads(now) {
			if j.class == reactions && c.reacting.Load() {
				continue
			}
			j.readyAt = q.editableAt(j, now)
			all = append(all, pendingEdit{j, q})
		}
		q.mu.Unlock()
	}
	return firstOf(all, func(a, b pendingEdit) bool { return editBefore(a.job, b.job, now) })
}

// editBefore reports whether a card comes before another: of two that are ready,
// the one with a new state, else as before says.
func editBefore(a, b job, now time.Time) bool {
	if a.readyAt.After(now) || b.readyAt.After(now) || a.class != b.class || (a.item != nil) == (b.item != nil) {
		return before(a, b, now)
	}
	return a.item != nil
}

// ownEditTime is what the card editor does next with a card, and until when that
// has to wait by itself, whatever the limiter says. s is what is known of it, or nil.
func (j job) ownEditTime(s *cardState) (at time.Time, a action) {
	a = progressing
	if j.class == reactions {
		return latest(s.reaction.at, s.notBefore), reacting
	}
	if j.item != nil {
		if at, a = j.item.notBefore, editing; j.item.toRecord != nil {
			return at, recording
		}
	}
	if s != nil {
		at = latest(at, s.notBefore)
		if j.item == nil && !s.dirty {
			at = latest(at, s.editAgainAt)
		}
	}
	return at, a
}

// editableAt is when a card may be edited, at the earliest. The caller holds the
// lock.
func (q *queue) editableAt(j job, now time.Time) time.Time {
	own, action := j.ownEditTime(q.cards[j.deployment])
	switch action {
	case recording:
		return own
	case reacting:
		return latest(own, reactor{q}.reactableAt(j.deployment, now))
	}
	return latest(own, q.refusal.until, q.edits.opensAtReserving(j.editReserve(), now))
}

// editReserve is how many edits a card leaves to others.
func (j job) editReserve() int {
	if j.item != nil {
		return 0
	}
	return progressReserve
}

// startCall counts an edit, and waits until there are not too many in flight. If
// it reports true, endCall has to follow.
func (c *cardEditor) startCall(ctx context.Context, p pendingEdit) bool {
	select {
	case c.inFlight <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	if !c.edits.takeReserving(p.editReserve(), time.Now()) {
		<-c.inFlight
		return false
	}
	return true
}

func (c *cardEditor) endCall() { <-c.inFlight }
