package outbox

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A full mailbox is slow to read, and messages come all the time.
type slowMailbox struct {
	Mailbox
	reads    atomic.Int64
	arrivals chan struct{}
}

func (f *slowMailbox) Messages(context.Context, string, int) ([]deployer.OutboxMessage, error) {
	f.reads.Add(1)
	time.Sleep(5 * time.Millisecond)
	return nil, nil
}

func (f *slowMailbox) Arrivals(context.Context) (<-chan struct{}, error) { return f.arrivals, nil }

// 200 deployments at once wrote some hundred messages, and reading all of them
// for each new one took a quarter of the process's time.
func TestFullMailboxIsNotReadAgainAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer stop()
		box := &slowMailbox{arrivals: make(chan struct{})}
		ended := make(chan error, 1)
		go func() {
			ended <- New(nil, box, nil, nil, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{}).Run(ctx)
		}()
		arrived := 0
		for ctx.Err() == nil {
			select {
			case box.arrivals <- struct{}{}:
				arrived++
			case <-ctx.Done():
			}
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		// 400 ms are 16 times 5 ms of work and 20 of rest.
		if n := box.reads.Load(); n < 2 || n > 17 {
			t.Errorf("it was read %d times, for %d arrivals", n, arrived)
		}
	})
}

// endedMailbox tells of nothing once ctx has ended, as a store does.
type endedMailbox struct{ Mailbox }

func (endedMailbox) Arrivals(ctx context.Context) (<-chan struct{}, error) {
	return make(chan struct{}), ctx.Err()
}

// Whoever ends the process while it starts had an error in the log, of an outbox
// that had nothing to do.
func TestRunWithAnEndedContextIsNoError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := New(nil, endedMailbox{}, nil, nil, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
	if err := o.Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
}
