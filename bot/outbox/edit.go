package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A cardEditor brings cards that are there to their newest state. Edits are the
// scarcest thing that Slack gives, fifty a minute for all cards together, so one
// goroutine chooses among the cards of all channels: new states before mere
// progress, and of each what has waited longest. However many states a card has
// had meanwhile, it takes one edit.
type cardEditor struct {
	*Outbox
	inFlight chan struct{}  // a place for each edit under way
	under    sync.WaitGroup // those edits
}

const (
	inFlightMax = 4 // edits under way at once, in case Slack is slow
	editsFor    = 5 // edits that progress leaves to new states, which can then be shown at once
)

// A pendingEdit is a card to be painted.
type pendingEdit struct {
	job
	queue *queue
}

// editCards works until ctx ends.
func (o *Outbox) editCards(ctx context.Context) {
	p := &cardEditor{Outbox: o, inFlight: make(chan struct{}, inFlightMax)}
	defer p.under.Wait()
	for ctx.Err() == nil {
		s, at, ok := p.next(time.Now())
		switch wait := time.Until(at); {
		case !ok:
			linger(ctx, o.pace.Slow, o.editWake)
		case wait > 0:
			linger(ctx, wait, o.editWake)
		default:
			p.do(ctx, s)
		}
	}
}

// next returns the card that comes first, and when it may be painted.
func (p *cardEditor) next(now time.Time) (best pendingEdit, at time.Time, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, q := range p.queues {
		q.mu.Lock()
		for _, j := range q.pendingEdits() {
			ready := q.editableAt(j, now)
			if !ok || editBefore(j, ready, best.job, at, now) {
				best, at, ok = pendingEdit{j, q}, ready, true
			}
		}
		q.mu.Unlock()
	}
	return best, at, ok
}

// editBefore reports whether a card comes before another, as before does.
func editBefore(a job, aAt time.Time, b job, bAt, now time.Time) bool {
	if aAt.After(now) || bAt.After(now) || (a.item != nil) == (b.item != nil) {
		return before(a, aAt, b, bAt, now)
	}
	return a.item != nil
}

// pendingEdits are the queue's cards that have something new to show and are not
// being painted. The caller holds the lock.
func (q *queue) pendingEdits() []job {
	var out []job
	taken := map[string]bool{}
	for _, key := range q.order {
		it := q.items[key]
		if it == nil || it.done != 0 || it.letter.Kind != deployer.MessageCard {
			continue
		}
		id := it.letter.Deployment
		if q.classOf(it.letter) == newState && !it.busy && !taken[id] && !q.isEditing(id) {
			out = append(out, job{class: newState, deployment: id, item: it, since: it.since})
		}
		taken[id] = true // a card that is not there yet shows its pods by itself
	}
	for id, s := range q.cards {
		if (s.moved || !s.again.IsZero()) && !s.busy && !taken[id] {
			out = append(out, job{class: newState, deployment: id, since: s.next})
		}
	}
	return out
}

func (q *queue) isEditing(deployment string) bool {
	s := q.cards[deployment]
	return s != nil && s.busy
}

// editableAt is when a card may be painted, at the earliest. The caller holds the
// lock.
func (q *queue) editableAt(j job, now time.Time) time.Time {
	var next time.Time
	left := editsFor
	if j.item != nil {
		next, left = j.item.next, 0
		if j.item.rest != nil {
			return next
		}
	}
	if s := q.cards[j.deployment]; s != nil {
		next = latest(next, s.next)
		if j.item == nil && !s.moved {
			next = latest(next, s.again)
		}
	}
	return latest(next, q.edits.openReserving(left, now))
}

// do paints a card if it does not show everything already. The letter is taken
// before the deployment is loaded, as in [queue.do].
func (p *cardEditor) do(ctx context.Context, s pendingEdit) {
	q := s.queue
	l, rest, moved := q.beginEdit(s.job)
	if rest {
		q.finish(ctx, s.item)
		q.endEdit(s.job, false)
		return
	}
	d, err := q.records.Load(ctx, s.deployment)
	switch {
	case errors.Is(err, deployer.ErrNotFound) && s.item != nil:
		q.drop(ctx, s.job, l)
		q.endEdit(s.job, false)
	case errors.Is(err, deployer.ErrNotFound):
		q.endEdit(s.job, false)
	case err != nil:
		if ctx.Err() == nil {
			q.log.Error("a deployment can't be loaded", "deployment", s.deployment, "err", err)
		}
		q.postponeEdit(s.job)
		q.endEdit(s.job, moved)
	default:
		p.redraw(ctx, s, l, d, moved)
	}
}

// beginEdit takes a card in hand: nobody else paints it, and pods that move from
// now on count anew. It reports whether something is only left to write down.
func (q *queue) beginEdit(j job) (l deployer.OutboxMessage, rest, moved bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.card(j.deployment)
	s.busy, moved = true, s.moved
	if j.item == nil {
		s.moved = false
		return l, false, moved
	}
	j.item.busy = true
	if j.item.rest != nil {
		return j.item.letter, true, false
	}
	s.moved = false
	return j.item.letter, false, moved
}

// endEdit ends that. again says that it still has to show that its pods have
// moved.
func (q *queue) endEdit(j job, again bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.card(j.deployment)
	s.busy, s.moved = false, s.moved || again
	if j.item != nil {
		j.item.busy = false
	}
	q.wakeUp()
}

// postponeEdit has a card wait after something went wrong here.
func (q *queue) postponeEdit(j job) {
	if j.item != nil {
		q.failed(j)
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.card(j.deployment).next = time.Now().Add(q.pace.backoff(3))
}

// redraw edits a card if it shows something else than it should.
func (p *cardEditor) redraw(ctx context.Context, s pendingEdit, l deployer.OutboxMessage, d deployer.Deployment, moved bool) {
	q := s.queue
	text, blocks := view.Card(d, q.engine.Progress(d.ID), q.guide, time.Now())
	drawn := drawing(text, blocks)
	q.mu.Lock()
	known := q.card(s.deployment)
	known.posted = known.posted || d.Card.TS != ""
	same := drawn == known.drawn || known.gone || d.Card.TS == ""
	q.mu.Unlock()
	if same {
		p.shown(ctx, s, l, d)
		return
	}
	left := editsFor
	if s.item != nil {
		left = 0
	}
	select {
	case p.inFlight <- struct{}{}:
	case <-ctx.Done():
		q.endEdit(s.job, moved)
		return
	}
	if !q.edits.takeReserving(left, time.Now()) {
		<-p.inFlight
		q.endEdit(s.job, moved)
		return
	}
	p.under.Go(func() {
		defer func() { <-p.inFlight }()
		err := q.edit(ctx, d.Card, text, blocks)
		if slackapi.Malformed(err) && q.edits.Pass(ctx) {
			q.log.Error("Slack does not accept the form of a card; it is shown without", "deployment", d.ID, "err", err, "details", slackapi.ErrorDetails(err))
			text, blocks = plainly(text)
			err = q.edit(ctx, d.Card, text, blocks)
		}
		switch q.edited(s.job, drawn, err) {
		case shows:
			p.shown(ctx, s, l, d)
		case showsForNow:
			q.endEdit(s.job, false)
		case showsNot:
			q.endEdit(s.job, moved)
		}
	})
}

// shown notes that a card shows what the letter is about.
func (p *cardEditor) shown(ctx context.Context, s pendingEdit, l deployer.OutboxMessage, d deployer.Deployment) {
	if s.item != nil {
		s.item.sent, s.item.rest = l, nothing
		s.queue.finish(ctx, s.item)
	}
	s.queue.endEdit(s.job, false)
	s.queue.forget(d)
}

// Looks are what a card shows after an edit.
type editResult int

const (
	shows       editResult = iota // what it should, or it never will
	showsForNow                   // what it should, but an older edit may overtake it
	showsNot
)

// edited notes what came of an edit. One without an answer, or of a process
// that died, may still be on its way: until it has settled, whatever is painted
// counts as not shown yet, and is painted once more afterwards.
func (q *queue) edited(j job, drawn string, err error) editResult {
	f, _ := slackapi.OutcomeOf(err)
	q.mu.Lock()
	defer q.mu.Unlock()
	now, s := time.Now(), q.card(j.deployment)
	s.next = now.Add(q.pace.Card)
	switch f {
	case slackapi.Delivered:
		s.again = time.Time{}
		if settled := latest(s.shaky, q.born.Add(q.pace.Settle)); now.Before(settled) {
			s.drawn, s.again = "", settled
			if j.item != nil {
				j.item.next = settled
			}
			return showsForNow
		}
		s.drawn = drawn
		return shows
	case slackapi.Rejected:
		// Whoever deleted a card did not want it: "status" shows its buttons
		// again. The thread goes on without it.
		word, _ := slackapi.ErrorCode(err)
		s.gone = word == "message_not_found" || word == "cant_update_message" || word == "edit_window_closed"
		s.drawn, s.again = drawn, time.Time{}
		q.log.Warn("a card can't be brought up to date", "deployment", j.deployment, "err", err, "gone", s.gone)
		return shows
	case slackapi.Ambiguous:
		s.shaky = now.Add(q.pace.Settle)
	}
	return showsNot
}

// forget drops what is known about a card that will not change any more.
func (q *queue) forget(d deployer.Deployment) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.cards[d.ID]; d.Status.Ended() && s != nil && !s.moved && !s.gone && !s.busy {
		delete(q.cards, d.ID)
	}
}

// drawing tells one picture of a card from another.
func drawing(text string, blocks []slack.Block) string {
	b, err := json.Marshal(blocks)
	if err != nil {
		return "" // never equal to what is drawn
	}
	return text + string(b)
}
