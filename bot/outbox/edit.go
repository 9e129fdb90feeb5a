package outbox

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// A cardEdit is a pendingEdit that the card editor has taken. It goes through
// these stages:
//
//	begin        nobody else edits the card
//	draw         what it should show, from the deployment as it is now
//	needed       whether it shows something else: only then it is edited
//	call         the edit, and others in simpler forms where Slack does not accept that
//	noteOutcome  what follows from Slack's answer
//	complete     the card shows its message, which need not be kept any more
//	replace      or it can't be edited any more, and another one is posted
//	end          others may edit the card again
type cardEdit struct {
	pendingEdit
	message    deployer.OutboxMessage // which state the card has to show; with an item alone
	wasDirty   bool                   // the card was dirty when this began, and is again if this fails
	onlyRecord bool                   // it shows its message already, which has to be written down yet

	d       deployer.Deployment // these are set by draw
	text    string
	blocks  []slack.Block
	content string // of both
}

// An editResult is what a card shows after an edit.
type editResult int

const (
	shown         editResult = iota // what it should, or it never will
	shownForNow                     // what it should, but an older edit may overtake it
	notShown                        // what it did before, as far as anybody knows
	refusedForNow                   // likewise, until its channel takes edits again
	lost                            // it can't be edited any more
)

// begin takes a card in hand: nobody else edits it, and if it gets dirty from now
// on, that counts anew.
func (p pendingEdit) begin() *cardEdit {
	q := p.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	s, e := q.card(p.deployment), &cardEdit{pendingEdit: p}
	s.editing = true
	if p.item != nil {
		p.item.inHand = p.class != reactions // the card shows its message: the thread need not wait
		e.message, e.onlyRecord = p.item.message, p.item.toRecord != nil
	}
	if !e.onlyRecord && p.class != reactions {
		e.wasDirty, s.dirty = s.dirty, false
		s.reaction.due = false // whether it is, the edit tells
	}
	q.refresh(p.deployment)
	return e
}

// end gives the card back. dirty says that it still has to show something else.
func (e *cardEdit) end(dirty bool) {
	q := e.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.card(e.deployment)
	s.editing, s.dirty = false, s.dirty || dirty
	if e.item != nil {
		e.item.inHand = false
	}
	q.refresh(e.deployment)
	q.wakeUp()
}

// postpone lets a card wait after something went wrong here.
func (e *cardEdit) postpone() {
	q := e.queue
	if e.item != nil {
		q.putOff(e.item)
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.card(e.deployment).notBefore = time.Now().Add(q.pace.backoff(3))
}

func (e *cardEdit) draw(ctx context.Context, d deployer.Deployment) {
	e.d = d
	e.text, e.blocks = e.queue.renderCard(ctx, d, whole)
	e.content = contentOf(e.text, e.blocks)
}

// needed reports whether the card, which is there, shows something else than what
// was drawn.
func (e *cardEdit) needed() bool {
	q := e.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.card(e.deployment)
	s.posted = true
	return !s.deleted && s.content != e.content
}

// handBack gives back a card that is not there: it was lost a moment ago, or never
// posted.
func (e *cardEdit) handBack() {
	q := e.queue
	if e.item != nil {
		q.putOff(e.item)
	}
	q.mu.Lock()
	s := q.card(e.deployment)
	s.posted, s.reaction = false, reactionState{}
	q.mu.Unlock()
	e.end(false)
}

// call edits the card.
func (e *cardEdit) call(ctx context.Context) error {
	q, d := e.queue, e.d
	err := q.edit(ctx, d.Card, e.text, e.blocks)
	blocks := e.blocks
	for f := whole; slackapi.Malformed(err) && f != bare && q.edits.Pass(ctx); {
		f = q.simpler(blocks, err)
		q.log.Error("Slack does not accept the form of a card; it is shown in a simpler one", "deployment", d.ID, "err", err, "details", slackapi.ErrorDetails(err))
		var text string
		if text, blocks = q.renderCard(ctx, d, f); q.withoutPlans.Load() && f != bare {
			e.content = contentOf(text, blocks) // which is what will be drawn from now on
		}
		err = q.edit(ctx, d.Card, text, blocks)
	}
	return err
}

// noteOutcome notes what came of the call. What is not shown is tried again, as
// soon as the limiter of edits is open and the card's own pause is over.
func (e *cardEdit) noteOutcome(err error) editResult {
	q := e.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	s, now := q.card(e.deployment), time.Now()
	s.notBefore = now.Add(q.pace.Card)
	switch outcome, _ := slackapi.OutcomeOf(err); outcome {
	case slackapi.Delivered:
		if q.refusal != (channelRefusal{}) {
			q.refusal = channelRefusal{}
			refreshAll(q)
		}
		return e.noteDelivered(s, now)
	case slackapi.Rejected:
		return e.noteRejected(s, err)
	case slackapi.Ambiguous:
		s.lateEditUntil = now.Add(q.pace.Settle)
	}
	return notShown
}

// noteDelivered notes that Slack has made the edit. An earlier one without an
// answer, or of a process that died, may still come: until it has settled,
// whatever a card shows counts as not shown yet, and is shown once more
// afterwards. The caller holds the lock.
func (e *cardEdit) noteDelivered(s *cardState, now time.Time) editResult {
	q := e.queue
	settled := latest(s.lateEditUntil, q.startedAt.Add(q.pace.Settle))
	if !now.Before(settled) {
		s.content, s.editAgainAt = e.content, time.Time{}
		return shown
	}
	s.content, s.editAgainAt = "", settled
	if e.item != nil {
		e.item.notBefore, e.item.shownRev = settled, e.message.Rev
	}
	return shownForNow
}

// noteRejected notes that Slack refuses the edit. What may pass is tried again. A card
// that can't be edited any more is lost while something changes on it, since people
// need its buttons; after that it is left alone. Any other refusal is for this state
// of the card: the next one is tried. The caller holds the lock.
func (e *cardEdit) noteRejected(s *cardState, err error) editResult {
	code, _ := slackapi.ErrorCode(err)
	gone := lostReasons[code] != ""
	switch {
	case gone && deployer.Lives(e.d):
		return lost
	case slackapi.MayPass(err):
		return refusedForNow
	}
	s.deleted = gone
	s.content, s.editAgainAt = e.content, time.Time{}
	e.queue.log.Warn("a card can't be brought up to date", "deployment", e.deployment, "err", err, "gone", gone)
	return shown
}

// lostReasons say why a card can't be edited any more, by Slack's codes.
var lostReasons = map[string]string{
	"message_not_found":   "The one before was deleted.",
	"cant_update_message": "The one before is of another Slack app, and can't be changed.",
	"edit_window_closed":  "The one before is too old to be changed.",
}

// replace has another card posted in the place of this one, which then does not count
// any more. What was known of it goes first: it must not be taken for the next one's.
func (e *cardEdit) replace(ctx context.Context, cause error) {
	q := e.queue
	code, _ := slackapi.ErrorCode(cause)
	q.log.Warn("a card can't be edited any more; another one is posted", "deployment", e.deployment, "err", cause)
	q.mu.Lock()
	s := q.card(e.deployment)
	s.posted, s.content, s.editAgainAt, s.notBefore, s.undelivered = false, "", time.Time{}, time.Time{}, false
	s.reaction = reactionState{}
	q.mu.Unlock()
	lose := func(ctx context.Context) error {
		return q.command(ctx, e.deployment, deployer.LoseCard{Post: e.d.Card, Why: lostReasons[code]})
	}
	if e.item != nil {
		q.finish(ctx, e.item, e.message, lose)
		e.end(false)
		return
	}
	ctx, cancel := outlive(ctx, q.pace.Grace)
	defer cancel()
	err := lose(ctx)
	if err != nil {
		q.log.Error("that a card is lost can't be written down", "deployment", e.deployment, "err", err)
		e.postpone()
	}
	e.end(err != nil)
}

// complete notes that the card shows what its message is about, or never will.
func (e *cardEdit) complete(ctx context.Context) {
	if e.item != nil {
		e.queue.finish(ctx, e.item, e.message, recordNothing)
	}
	e.end(false)
	e.queue.forgetCard(e.d)
}
