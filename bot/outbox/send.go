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

// do does a job of the queue's worker. What goes wrong is tried again when its
// gates are open.
//
// The letter is taken before the deployment is loaded: a state that is older
// than the letter must never stand for it.
func (q *queue) do(ctx context.Context, j job) {
	l := q.pick(j.item)
	defer q.release(j.item)
	if j.item.rest != nil {
		q.finish(ctx, j.item)
		return
	}
	d, err := q.about(ctx, j.deployment)
	switch {
	case errors.Is(err, deployer.ErrNotFound):
		q.drop(ctx, j, l)
	case err != nil:
		if ctx.Err() == nil {
			q.log.Error("a deployment can't be loaded", "deployment", j.deployment, "err", err)
		}
		q.failed(j)
	case l.Kind == deployer.MessageCard && d.Card.TS != "":
		q.isThere(j.deployment)
	case known(d, l):
		j.item.sent, j.item.rest = l, nothing
		q.finish(ctx, j.item)
	case l.Kind == deployer.MessageRefused:
		q.tell(ctx, j.item, l, d)
	case !j.item.unclear.IsZero():
		q.findPosted(ctx, j.item, l, d)
	default:
		q.send(ctx, j, l, d)
	}
}

// about is the deployment that a letter is about; the zero one, if it is about
// none.
func (q *queue) about(ctx context.Context, deployment string) (deployer.Deployment, error) {
	if deployment == "" {
		return deployer.Deployment{}, nil
	}
	return q.records.Load(ctx, deployment)
}

// isThere notes that a card was posted before, so that it is the painter's.
func (q *queue) isThere(deployment string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.card(deployment).posted = true
}

// pick takes an item in hand: nobody else touches it until it is released.
func (q *queue) pick(it *item) deployer.OutboxMessage {
	q.mu.Lock()
	defer q.mu.Unlock()
	it.busy = true
	return it.letter
}

func (q *queue) release(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it.busy = false
}

// known reports whether the deployment knows already that the announcement was
// posted: a step that is tried again writes the same one once more, while the
// first may still be on its way.
func known(d deployer.Deployment, l deployer.OutboxMessage) bool {
	return l.Receipt && slices.ContainsFunc(d.Steps, func(s deployer.StepState) bool {
		return slices.ContainsFunc(s.Posts, func(p deployer.Post) bool { return p.DedupKey == l.DedupKey })
	})
}

// send posts a letter.
func (q *queue) send(ctx context.Context, j job, l deployer.OutboxMessage, d deployer.Deployment) {
	it := j.item
	if l.Channel == "" {
		q.giveUp(ctx, it, l, d, errNoChannel)
		return
	}
	// The channel's gate is this worker's alone: while it is open, nothing that is
	// taken from the other one is in vain.
	now := time.Now()
	_, here := j.class.reserve()
	if q.limiter.openReserving(here, now).After(now) || !q.posts.pass(q.channel, j.class, now) || !q.limiter.Take(now) {
		return
	}
	text, blocks := q.render(l, d)
	if it.plain {
		text, blocks = plainly(text)
	}
	post, err := q.post(ctx, l, threadOf(l, d), text, blocks)
	switch f, _ := slackapi.OutcomeOf(err); f {
	case slackapi.Delivered:
		q.posted(it, l, post, drawing(text, blocks))
		q.finish(ctx, it)
	case slackapi.Ambiguous:
		q.log.Warn("it is unclear whether a message was posted; it is looked for before it is sent again", "letter", l.Key, "err", err)
		it.unclear = time.Now()
	case slackapi.Rejected:
		if slackapi.Malformed(err) && !it.plain {
			q.log.Error("Slack does not accept the form of a message; it is sent without", "letter", l.Key, "err", err, "details", slackapi.ErrorDetails(err))
			it.plain = true
			return
		}
		q.giveUp(ctx, it, l, d, err)
	}
}

func (q *queue) render(l deployer.OutboxMessage, d deployer.Deployment) (string, []slack.Block) {
	if l.Kind == deployer.MessageCard {
		return view.Card(d, q.engine.Progress(d.ID), q.guide, time.Now())
	}
	return view.Message(l.Message, d, q.guide)
}

// threadOf is the thread that a letter belongs into, or "".
func threadOf(l deployer.OutboxMessage, d deployer.Deployment) string {
	if !l.Thread {
		return ""
	}
	return d.Card.TS
}

// posted notes where a letter is now; that has to be written down. Only then
// is a card known to be there: the thread needs what was written.
func (q *queue) posted(it *item, l deployer.OutboxMessage, post deployer.Post, drawn string) {
	it.sent, it.rest = l, nothing
	if !l.Receipt && l.Kind != deployer.MessageCard {
		return
	}
	cmd := deployer.Deliver{Post: post, Kind: l.Kind, OutboxKey: ownKey(l)}
	it.rest = func(ctx context.Context) error {
		err := q.command(ctx, l.Deployment, cmd)
		if err == nil && l.Kind == deployer.MessageCard {
			q.mu.Lock()
			s := q.card(l.Deployment)
			s.posted, s.drawn, s.next = true, drawn, time.Now().Add(q.pace.Card)
			q.mu.Unlock()
		}
		return err
	}
}

// ownKey is the key of a letter that nothing else can take the place of. A
// card's can be taken by a newer one, which must not go with it.
func ownKey(l deployer.OutboxMessage) string {
	if l.Kind == deployer.MessageCard {
		return ""
	}
	return l.Key
}

// tell whispers to one person. That takes no metadata, so it cannot be found
// again: where it is unclear whether they were told, they are told again, since
// what was refused leaves nothing else to see. Whom Slack lets nobody whisper to
// there is told in a direct message.
func (q *queue) tell(ctx context.Context, it *item, l deployer.OutboxMessage, d deployer.Deployment) {
	if !q.ephemerals.Take(time.Now()) {
		return
	}
	text, blocks := q.render(l, d)
	err := q.postOnceEphemeral(ctx, l, text, blocks)
	switch f, _ := slackapi.OutcomeOf(err); f {
	case slackapi.RateLimited, slackapi.NotSent, slackapi.Unauthorized:
		return
	case slackapi.Ambiguous:
		q.mu.Lock()
		it.failures++
		again := it.failures < ephemeralTries
		it.next = time.Now().Add(q.pace.backoff(it.failures))
		q.mu.Unlock()
		if again {
			return
		}
		q.log.Warn("it is unclear whether a refusal was told", "letter", l.Key, "err", err)
	case slackapi.Rejected:
		q.log.Warn("a refusal can't be told in its channel", "letter", l.Key, "err", err)
		q.direct(ctx, l.To, l.Deployment, text)
	}
	it.sent, it.rest = l, nothing
	q.finish(ctx, it)
}

// finish writes down what became of an item and forgets the letter that was
// sent, or tries that again later. A newer letter may have come meanwhile.
func (q *queue) finish(ctx context.Context, it *item) {
	ctx, cancel := lasting(ctx, q.pace.Grace)
	defer cancel()
	err := it.rest(ctx)
	if err == nil {
		err = q.box.Discard(ctx, it.sent)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case err != nil:
		q.log.Error("what became of a message can't be written down", "letter", it.sent.Key, "err", err)
		it.failures++
		it.next = time.Now().Add(q.pace.backoff(it.failures))
	case it.letter.Rev != it.sent.Rev:
		it.rest, it.unclear, it.failures, it.since, it.plain = nil, time.Time{}, 0, it.letter.At, false
	default:
		it.done = q.Outbox.scans.Load()
	}
}

// command gives the engine an order; one that is not needed any more is no
// error.
func (q *queue) command(ctx context.Context, deployment string, cmd deployer.Command) error {
	_, err := q.engine.Do(ctx, deployer.Order{Deployment: deployment, Command: cmd})
	if letGo(err) {
		return nil
	}
	return err
}

// drop forgets a letter whose deployment does not exist.
func (q *queue) drop(ctx context.Context, j job, l deployer.OutboxMessage) {
	q.log.Error("a message is dropped, since nobody knows its deployment", "letter", l.Key)
	j.item.sent, j.item.rest = l, nothing
	q.finish(ctx, j.item)
}

// failed puts an item off.
func (q *queue) failed(j job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j.item.failures++
	j.item.next = time.Now().Add(q.pace.backoff(j.item.failures))
}
