package outbox

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A watchedMailbox is a mailbox that tells what arrives.
type watchedMailbox interface {
	Mailbox
	Watcher
}

// portsOf has a mailbox, and no deployment can be loaded.
func portsOf(box watchedMailbox) Ports {
	return Ports{Mailbox: box, Arrivals: box, Deployments: noRecords{}}
}

// A full mailbox is slow to read, and messages come all the time.
type slowMailbox struct {
	watchedMailbox
	reads    atomic.Int64
	arrivals chan deployer.Box
}

func (f *slowMailbox) Messages(context.Context, string, int) ([]deployer.OutboxMessage, error) {
	f.reads.Add(1)
	time.Sleep(5 * time.Millisecond)
	return nil, nil
}

func (f *slowMailbox) MessagesIn(ctx context.Context, _ deployer.Box) ([]deployer.OutboxMessage, error) {
	return f.Messages(ctx, "", 0)
}

func (f *slowMailbox) Arrivals(context.Context) (<-chan deployer.Box, error) { return f.arrivals, nil }

// 200 deployments at once wrote some hundred messages, and reading all of them
// for each new one took a quarter of the process's time.
func TestFullMailboxIsNotReadAgainAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer stop()
		box := &slowMailbox{arrivals: make(chan deployer.Box)}
		ended := make(chan error, 1)
		go func() {
			ended <- New(nil, portsOf(box), view.Renderer{}, slog.New(slog.DiscardHandler), Pace{}).Run(ctx)
		}()
		arrived := 0
		for ctx.Err() == nil {
			select {
			case box.arrivals <- deployer.Box{Channel: "C1", Deployment: "tangerine-1"}:
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
type endedMailbox struct{ watchedMailbox }

func (endedMailbox) Arrivals(ctx context.Context) (<-chan deployer.Box, error) {
	return make(chan deployer.Box), ctx.Err()
}

// Whoever ends the process while it starts had an error in the log, of an outbox
// that had nothing to do.
func TestRunWithAnEndedContextIsNoError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := New(nil, portsOf(endedMailbox{}), view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
	if err := o.Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
}

// oneMessage is a mailbox with a message that an older process may have sent.
type oneMessage struct{ watchedMailbox }

func (oneMessage) Messages(context.Context, string, int) ([]deployer.OutboxMessage, error) {
	m := deployer.Message{Kind: "starting", DedupKey: "starting/deploys", Channel: "C1"}
	return []deployer.OutboxMessage{{Message: m, Deployment: "tangerine-1", Key: "out/C1/tangerine-1/1", At: time.Now()}}, nil
}

func (oneMessage) Arrivals(context.Context) (<-chan deployer.Box, error) {
	return make(chan deployer.Box), nil
}

// noRecords knows no deployment now.
type noRecords struct{ Deployments }

func (noRecords) Load(context.Context, string) (deployer.Deployment, error) {
	return deployer.Deployment{}, errors.New("not now")
}

// Slack may not be reached for long after the outbox was made: what a process
// sent that died meanwhile may come when it is, and is waited for from then on.
func TestWhatMayHaveBeenSentIsWaitedForFromTheBeginningOfRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := New(nil, portsOf(oneMessage{}), view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
		time.Sleep(time.Hour)
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- o.Run(ctx) }()
		synctest.Wait()
		q := o.queues["C1"]
		q.mu.Lock()
		sent := q.items["out/C1/tangerine-1/1"].maybeSentAt
		q.mu.Unlock()
		if sent.Before(began) {
			t.Errorf("it may have been sent %s before Run began", began.Sub(sent))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
