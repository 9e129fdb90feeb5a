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

// While the threads of many channels say as much as Slack takes, an
// announcement in another channel goes out at once. Measured before: 0.35 s
// later, with one rollout a second.
func TestThreadsLeaveRoomForAnnouncements(t *testing.T) {
	o := New(nil, nil, nil, nil, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
	q, now := newQueue(o, "C1"), time.Now()
	note := job{class: threaded, item: &item{letter: deployer.OutboxMessage{Message: deployer.Message{Thread: true}}}}
	said := 0
	ready := func(j job) time.Time { at, _ := q.ready(j, now); return at }
	for !ready(note).After(now) {
		if !q.posts.limiter.Take(now) {
			t.Fatal("it is ready, and may not be posted")
		}
		said++
	}
	if said == 0 {
		t.Error("a quiet Slack takes no note")
	}
	for _, c := range []class{announced, firstCard} {
		if at := ready(job{class: c, item: &item{}}); at.After(now) {
			t.Errorf("behind %d notes, class %d waits %s", said, c, at.Sub(now))
		}
	}
	if wait := ready(note).Sub(now); wait > time.Second {
		t.Errorf("the next note waits %s", wait)
	}
}

// A full mailbox is slow to read, and letters come all the time.
type fullMailbox struct {
	Mailbox
	reads    atomic.Int64
	arrivals chan struct{}
}

func (f *fullMailbox) Messages(context.Context, string, int) ([]deployer.OutboxMessage, error) {
	f.reads.Add(1)
	time.Sleep(5 * time.Millisecond)
	return nil, nil
}

func (f *fullMailbox) Arrivals(context.Context) (<-chan struct{}, error) { return f.arrivals, nil }

// 200 deployments at once wrote some hundred letters, and reading all of them
// for each new one took a quarter of the process's time.
func TestFullMailboxIsNotReadAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer stop()
		box := &fullMailbox{arrivals: make(chan struct{})}
		ended := make(chan error, 1)
		go func() {
			ended <- New(nil, box, nil, nil, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{}).Run(ctx)
		}()
		told := 0
		for ctx.Err() == nil {
			select {
			case box.arrivals <- struct{}{}:
				told++
			case <-ctx.Done():
			}
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		// 400 ms are 16 times 5 ms of work and 20 of rest.
		if n := box.reads.Load(); n < 2 || n > 17 {
			t.Errorf("it was read %d times, for %d arrivals", n, told)
		}
	})
}
