package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// Run delivers until ctx ends, which is no error, and returns when nothing is
// under way any more.
func (o *Outbox) Run(ctx context.Context) error {
	o.startedAt = time.Now() // not before Slack was reached: what an older process sent last may have waited for that too
	arrivals, err := o.ports.Arrivals.Arrivals(ctx)
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
	due, lookAt := unread{all: true}, time.Time{}
	for failures := 0; ; {
		begun, scan := time.Now(), due.all
		err := o.read(ctx, &due)
		if err != nil && ctx.Err() == nil {
			failures++
			o.log.Error("the mailbox can't be read", "err", err)
			lookAt = time.Now().Add(o.pace.backoff(failures))
		} else if failures = 0; scan {
			lookAt = time.Now().Add(max(o.pace.WaitMax, scanShare*time.Since(begun)))
		}
		next := nextReadAt(begun, time.Now())
		if !o.awaitArrival(ctx, arrivals, &due, lookAt) || !slackapi.Sleep(ctx, time.Until(next)) {
			return nil
		}
	}
}

// scanShare is how many times as long as the last scan of the whole mailbox took it
// is before the next one, which comes in case an arrival was not told.
const scanShare = 1000

// nextReadAt is when the mailbox may be read again: a few messages at once, but
// where hundreds arrive, that must not take the processor from whoever brings
// them.
func nextReadAt(begun, ended time.Time) time.Time {
	const (
		pauseShare = 4 // so many times as long as the read took
		pauseMax   = 100 * time.Millisecond
	)
	return ended.Add(min(pauseShare*ended.Sub(begun), pauseMax))
}

// awaitArrival waits for messages that are not read, no longer than until lookAt,
// when all has to be read, and hands out dirty cards meanwhile. It reports whether
// to go on.
func (o *Outbox) awaitArrival(ctx context.Context, arrivals <-chan deployer.Box, due *unread, lookAt time.Time) bool {
	t := time.NewTimer(time.Until(lookAt))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-o.dirtyWake:
			o.handOutDirty(ctx)
		case box, ok := <-arrivals:
			if ok {
				due.add(box)
				due.drain(arrivals)
				return true
			}
			arrivals = nil
		case <-t.C:
			due.all = true
			return true
		}
	}
}
