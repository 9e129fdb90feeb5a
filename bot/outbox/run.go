package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// mailboxPage is how many messages are read from the mailbox at once.
const mailboxPage = 200

// Run delivers until ctx ends, which is no error, and returns when nothing is
// under way any more.
func (o *Outbox) Run(ctx context.Context) error {
	o.startedAt = time.Now() // not before Slack was reached: what an older process sent last may have waited for that too
	arrivals, err := o.mailbox.Arrivals(ctx)
	if ctx.Err() != nil {
		return nil // before it began; a mailbox may say that as an error
	}
	if err != nil {
		return fmt.Errorf("watch the mailbox: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer o.workers.Wait()
	defer cancel()
	o.workers.Go(func() { o.editCards(ctx) })
	for failures := 0; ; {
		wait := o.pace.WaitMax // a look now and then, in case an arrival was missed
		begun := time.Now()
		if err := o.scan(ctx); err != nil && ctx.Err() == nil {
			failures++
			o.log.Error("the mailbox can't be read", "err", err)
			wait = o.pace.backoff(failures)
		} else {
			failures = 0
		}
		next := nextScanAt(begun, time.Now())
		if !o.awaitArrival(ctx, arrivals, wait) || !slackapi.Sleep(ctx, time.Until(next)) {
			return nil
		}
	}
}

// nextScanAt is when the mailbox may be read again. Each time, all that waits is
// read: a few messages at once, but where hundreds wait, and as many arrive, that
// must not take the processor from whoever brings them.
func nextScanAt(begun, ended time.Time) time.Time {
	const (
		pauseShare = 4 // so many times as long as the scan took
		pauseMax   = 100 * time.Millisecond
	)
	return ended.Add(min(pauseShare*ended.Sub(begun), pauseMax))
}

// awaitArrival waits for new messages, or so long, and hands out dirty cards
// meanwhile. It reports whether to go on.
func (o *Outbox) awaitArrival(ctx context.Context, arrivals <-chan deployer.Box, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-o.dirtyWake:
			o.handOutDirty(ctx)
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

// scan reads the mailbox and hands every channel its messages.
func (o *Outbox) scan(ctx context.Context) error {
	number := o.scans.Add(1)
	byChannel, err := o.readMailbox(ctx)
	if err != nil {
		return err
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
		q.set(byChannel[q.channel], number, !o.scanned)
		if q.needsWorker() {
			o.workers.Go(func() { q.work(ctx) })
		}
	}
	o.scanned = true
	return nil
}

// readMailbox reads all messages, and sorts them by channel.
func (o *Outbox) readMailbox(ctx context.Context) (map[string][]deployer.OutboxMessage, error) {
	byChannel := map[string][]deployer.OutboxMessage{}
	for after := ""; ; {
		page, err := o.mailbox.Messages(ctx, after, mailboxPage)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			byChannel[m.Channel] = append(byChannel[m.Channel], m)
		}
		if len(page) < mailboxPage {
			return byChannel, nil
		}
		after = page[len(page)-1].Key
	}
}
