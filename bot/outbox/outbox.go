package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A Mailbox holds what must be sent. It is safe for concurrent use.
type Mailbox interface {
	// Messages returns messages in the order of their keys, from behind after.
	Messages(ctx context.Context, after string, limit int) ([]deployer.OutboxMessage, error)
	// Discard forgets a message, unless a newer one has taken its place.
	Discard(ctx context.Context, l deployer.OutboxMessage) error
	// Arrivals tells of new messages until ctx ends. Several may be told as one.
	Arrivals(ctx context.Context) (<-chan struct{}, error)
}

// Records are the deployments that messages are about. They are safe for
// concurrent use.
type Records interface {
	// Load returns a deployment; an unknown id is deployer.ErrNotFound.
	Load(ctx context.Context, id string) (deployer.Deployment, error)
}

// An Engine is told what was delivered. It is safe for concurrent use.
type Engine interface {
	// Do carries out an order and returns once it is committed.
	Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error)
	// Progress is how far the effects under way have come, by their keys.
	Progress(id string) map[string]deployer.Progress
}

// An Outbox brings what lies in the mailbox to Slack, every message once.
//
// A letter stays in the mailbox until Slack has taken it and that is written
// down. One that may have been sent already, because the process that did so
// died or because Slack's answer was lost, is looked for in the channel, by its
// metadata, before it is sent: after the time in which an unanswered call can
// still take effect. Of two that are there, the younger is deleted.
//
// Each channel has its own queue and goroutine, so that a message that cannot
// be delivered holds up nothing elsewhere. In a queue announcements come first,
// each behind its deployment's card, then other first cards, then the threads;
// where there is more to say in all channels together than Slack takes, their
// queues go in that order too. New states of cards that are there are one
// painter's for all channels, and of them only the last one counts.
//
// All methods may be called from any goroutine.
type Outbox struct {
	*poster
	box     Mailbox
	records Records
	engine  Engine
	guide   view.Renderer

	born  time.Time
	scans atomic.Int64 // how many were begun
	lost  atomic.Int64 // messagesFor that can never be delivered
	woken bool         // what was there at the start is known

	mu     sync.Mutex
	queues map[string]*queue
	moved  map[string]bool // deployments whose pods have moved on

	movedWake chan struct{} // moved has something
	editWake  chan struct{} // a card has something new to show
	workers   sync.WaitGroup
}

// letterPage is how many letters are read at once.
const letterPage = 200

// New makes an outbox. The client must not repeat calls by itself.
func New(client *slack.Client, box Mailbox, records Records, engine Engine, g view.Renderer, log *slog.Logger, p Pace) *Outbox {
	p = p.WithDefaults()
	return &Outbox{
		poster: newPoster(client, p, log), box: box, records: records, engine: engine, guide: g,
		born: time.Now(), queues: map[string]*queue{}, moved: map[string]bool{}, movedWake: make(chan struct{}, 1), editWake: make(chan struct{}, 1),
	}
}

// Run delivers until ctx ends, which is no error, and returns when nothing is
// under way any more.
func (o *Outbox) Run(ctx context.Context) error {
	arrivals, err := o.box.Arrivals(ctx)
	if err != nil {
		return fmt.Errorf("watch the mailbox: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer o.workers.Wait()
	defer cancel()
	o.workers.Go(func() { o.editCards(ctx) })
	for failures := 0; ; {
		wait := o.pace.Slow // a look now and then, in case an arrival was missed
		begun := time.Now()
		if err := o.scan(ctx); err != nil && ctx.Err() == nil {
			failures++
			o.log.Error("the mailbox can't be read", "err", err)
			wait = o.pace.backoff(failures)
		} else {
			failures = 0
		}
		next := restAfter(begun, time.Now())
		if !o.idle(ctx, arrivals, wait) || !slackapi.Sleep(ctx, time.Until(next)) {
			return nil
		}
	}
}

// restAfter is when the mailbox may be read again. Each time, all that waits is
// read: a few letters at once, but where hundreds wait, and as many arrive, that
// must not take the processor from whoever brings them.
func restAfter(begun, ended time.Time) time.Time {
	const (
		share = 4 // parts of rest for one of work
		most  = 100 * time.Millisecond
	)
	return ended.Add(min(share*ended.Sub(begun), most))
}

// idle waits for new letters and redraws cards meanwhile. It reports whether
// to go on.
func (o *Outbox) idle(ctx context.Context, arrivals <-chan struct{}, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-o.movedWake:
			o.refresh(ctx)
		case _, ok := <-arrivals:
			if ok {
				return true
			}
			arrivals = nil
		case <-t.C:
			return true
		}
	}
}

// scan hands every channel its letters.
func (o *Outbox) scan(ctx context.Context) error {
	number := o.scans.Add(1)
	byChannel := map[string][]deployer.OutboxMessage{}
	for after := ""; ; {
		page, err := o.box.Messages(ctx, after, letterPage)
		if err != nil {
			return err
		}
		for _, l := range page {
			byChannel[l.Channel] = append(byChannel[l.Channel], l)
		}
		if len(page) < letterPage {
			break
		}
		after = page[len(page)-1].Key
	}
	o.mu.Lock()
	for channel := range byChannel {
		o.queue(channel)
	}
	queues := make([]*queue, 0, len(o.queues))
	for _, q := range o.queues {
		queues = append(queues, q)
	}
	o.mu.Unlock()
	for _, q := range queues {
		q.set(byChannel[q.channel], number, !o.woken)
		o.work(ctx, q)
	}
	o.woken = true
	return nil
}

// queue returns the channel's queue. The caller holds the lock.
func (o *Outbox) queue(channel string) *queue {
	q := o.queues[channel]
	if q == nil {
		q = newQueue(o, channel)
		o.queues[channel] = q
	}
	return q
}

// work sees to it that the queue has its goroutine while there is something to
// do.
func (o *Outbox) work(ctx context.Context, q *queue) {
	if q.start() {
		o.workers.Go(func() { q.run(ctx) })
	}
}

// Dirty says that the card of a deployment may show something else now: its pods
// have moved on, or somebody's name is known. It never waits.
func (o *Outbox) Dirty(deployment string) {
	o.mu.Lock()
	o.moved[deployment] = true
	o.mu.Unlock()
	select {
	case o.movedWake <- struct{}{}:
	default:
	}
}

// refresh hands the deployments that have moved on to the queues of their
// cards. A first card that is on its way may have been drawn before.
func (o *Outbox) refresh(ctx context.Context) {
	o.mu.Lock()
	moved := o.moved
	o.moved = map[string]bool{}
	o.mu.Unlock()
	for id := range moved {
		d, err := o.records.Load(ctx, id)
		if err != nil {
			continue // its next change will show it
		}
		o.mu.Lock()
		q := o.queue(d.Channels["deploys"])
		o.mu.Unlock()
		q.move(id)
	}
}

// Undelivered is how many messages could never be delivered.
func (o *Outbox) Undelivered() int64 { return o.lost.Load() }

// letGo reports whether an order of the outbox was carried out, or need not be.
func letGo(err error) bool {
	var refusal *deployer.Refusal
	return err == nil || errors.Is(err, deployer.ErrStale) || errors.Is(err, deployer.ErrNotFound) || errors.As(err, &refusal)
}
