package outbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A reactionState is what is known of the one reaction of ours on a card. The queue's
// lock guards it. Zero: nothing is known, and nothing is to be done.
type reactionState struct {
	on       string    // the timestamp of the card that it was seen on, or set
	name     string    // of the emoji; "": none, where on is set
	due      bool      // it says something else than the card, which shows its newest state
	at       time.Time // it is not tried before
	failures int       // in a row
}

// reactionReads is how many reads of channels the reactions leave to those who look for
// what was posted.
const reactionReads = 15

// reactionPatience is how many failures more a reaction waits for than a message: four
// seconds at first.
const reactionPatience = 4

// errSpent says that a limiter is not open any more: nothing waits for it with a card in
// hand.
var errSpent = errors.New("too many calls at once")

// A reactor brings about the reactions of a channel's cards.
type reactor struct{ *queue }

// reactionDue reports whether the reaction has to say something else than it does.
func (e *cardEdit) reactionDue() bool {
	e.queue.mu.Lock()
	defer e.queue.mu.Unlock()
	r, want := e.queue.card(e.deployment).reaction, view.Reaction(e.d)
	return want != "" && !e.queue.withoutReactions.Load() && (r.on != e.d.Card.TS || r.name != want)
}

// leaveReaction gives back a card that shows its message, which is kept until the
// reaction says so, too. Nothing waits for that: whatever is to be said meanwhile goes
// first.
func (e *cardEdit) leaveReaction() {
	q := e.queue
	q.mu.Lock()
	q.card(e.deployment).reaction.due = true
	if e.item != nil {
		e.item.shownRev = e.message.Rev
	}
	q.mu.Unlock()
	e.end(false)
}

// isReactionDue reports whether nothing but the reaction is missing of a card's message;
// it is nil for one without. The caller holds the lock.
func (s *cardState) isReactionDue(it *item) bool {
	return s != nil && s.reaction.due && !s.editing && s.editAgainAt.IsZero() &&
		(it == nil || it.shownRev == it.message.Rev && it.toRecord == nil)
}

// keeps reports whether the message of a card that was posted is kept: until the reaction
// says the same.
func (q reactor) keeps(it *item) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.cards[it.sent.Deployment]
	if !it.sent.IsCard() || it.message.Rev != it.sent.Rev || s == nil || !s.reaction.due {
		return false
	}
	it.toRecord, it.maybeSentAt, it.failures, it.form, it.shownRev = nil, time.Time{}, 0, whole, it.sent.Rev
	return true
}

// reactableAt is when the calls may be made that bring a reaction about, at the earliest.
// The caller holds the lock.
func (q reactor) reactableAt(deployment string, now time.Time) time.Time {
	at := latest(q.refusal.until, q.adds.opensAt(now), q.removals.opensAt(now))
	if q.card(deployment).reaction.on == "" {
		at = latest(at, q.reads.opensAtReserving(reactionReads, now))
	}
	return at
}

// react brings the reaction on a card to what the card says. What may pass is tried
// again; what is refused for good is left as it is.
func (e *cardEdit) react(ctx context.Context) {
	q := e.queue
	d, err := q.ports.Deployments.Load(ctx, e.deployment)
	if err == nil && d.Card.TS == "" { // it was lost meanwhile: the next one is the worker's to post
		e.handBack()
		return
	}
	if e.d = d; err == nil && !q.withoutReactions.Load() {
		err = reactor{q}.converge(ctx, d, view.Reaction(d))
	}
	code, _ := slackapi.ErrorCode(err)
	if code == "missing_scope" && !q.withoutReactions.Swap(true) {
		q.log.Warn("cards have no reactions until the next start", "err", err)
	}
	outcome, _ := slackapi.OutcomeOf(err)
	final := err == nil || outcome == slackapi.Rejected || errors.Is(err, deployer.ErrNotFound)
	e.noteReaction(final)
	if !final {
		e.end(false)
		return
	}
	e.complete(ctx)
}

// noteReaction notes that the reaction on a card says what it should, or never will; or
// when it is tried again.
func (e *cardEdit) noteReaction(final bool) {
	q := e.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	r := &q.card(e.deployment).reaction
	if !final {
		r.failures++
		r.at = time.Now().Add(q.pace.backoff(r.failures + reactionPatience))
		return
	}
	*r = reactionState{on: e.d.Card.TS, name: view.Reaction(e.d)}
	if e.item != nil {
		e.item.inHand = true // until end, as complete needs it
	}
}

// converge leaves one reaction of ours on a card: first the new one is set, then the
// others go. Both may have happened already.
func (q reactor) converge(ctx context.Context, d deployer.Deployment, want string) error {
	have, err := q.reactionsOn(ctx, d, want)
	if err != nil {
		return err
	}
	at := slack.NewRefToMessage(d.Card.Channel, d.Card.TS)
	if !slices.Contains(have, want) {
		if err := q.reactWith(ctx, q.adds, "already_reacted", func(ctx context.Context) error { return q.client.AddReactionContext(ctx, want, at) }); err != nil {
			return err
		}
	}
	for _, name := range have {
		if name == want {
			continue
		}
		if err := q.reactWith(ctx, q.removals, "no_reaction", func(ctx context.Context) error { return q.client.RemoveReactionContext(ctx, name, at) }); err != nil {
			return err
		}
	}
	return nil
}

// reactWith makes one call, which may say that it is so already.
func (q reactor) reactWith(ctx context.Context, l *Limiter, already string, do func(context.Context) error) error {
	if !l.Take(time.Now()) {
		return errSpent
	}
	err := q.call(ctx, l, l.Close, do)
	if code, _ := slackapi.ErrorCode(err); code == already {
		return nil
	}
	return err
}

// reactionsOn are those of a card that may be ours: what we know of it, else what stands
// there, but for the one that is wanted, which may be somebody else's. Of the others
// Slack says whether they are.
func (q reactor) reactionsOn(ctx context.Context, d deployer.Deployment, want string) (out []string, err error) {
	q.mu.Lock()
	known := q.card(d.ID).reaction
	q.mu.Unlock()
	if known.on == d.Card.TS {
		return []string{known.name}, nil
	}
	if !q.reads.takeReserving(reactionReads, time.Now()) {
		return nil, errSpent
	}
	err = q.call(ctx, q.reads, q.reads.Close, func(ctx context.Context) error {
		h, err := q.client.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: d.Card.Channel, Oldest: d.Card.TS, Latest: d.Card.TS, Inclusive: true, Limit: 1,
		})
		if err != nil {
			return err
		}
		for _, m := range h.Messages {
			for _, r := range m.Reactions {
				if m.Timestamp == d.Card.TS && r.Name != want && slices.Contains(view.Reactions, r.Name) {
					out = append(out, r.Name)
				}
			}
		}
		return nil
	})
	return out, err
}
