package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// A countedMailbox counts the messages that are read.
type countedMailbox struct {
	*deployertest.Journal
	read atomic.Int64
}

func (c *countedMailbox) Messages(ctx context.Context, after string, limit int) ([]deployer.OutboxMessage, error) {
	m, err := c.Journal.Messages(ctx, after, limit)
	c.read.Add(int64(len(m)))
	return m, err
}

func (c *countedMailbox) MessagesIn(ctx context.Context, box deployer.Box) ([]deployer.OutboxMessage, error) {
	m, err := c.Journal.MessagesIn(ctx, box)
	c.read.Add(int64(len(m)))
	return m, err
}

// crowd lays so many messages into a mailbox, of as many deployments.
func crowd(n int) *countedMailbox {
	c := &countedMailbox{Journal: deployertest.NewJournal()}
	for i := range n {
		c.Put(deployer.OutboxMessage{
			Message:    deployer.Message{Kind: "starting", DedupKey: fmt.Sprint("starting/", i), Channel: shop(i)},
			Deployment: fmt.Sprint("tangerine-", i+1), Key: fmt.Sprintf("out/%s/tangerine-%d/000001", shop(i), i+1),
		})
	}
	return c
}

// Of a message that arrives its own box is read, however many others wait: at
// 10,000 each arrival cost 0.43 s.
func TestAnArrivalReadsNothingElseThatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waiting := slowtest.Runs(2000, 10_000)
		const arriving = 20
		box := crowd(waiting)
		o := New(nil, portsOf(box), view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- o.Run(ctx) }()
		synctest.Wait()
		if n := box.read.Swap(0); n != int64(waiting) {
			t.Fatalf("the start has read %d messages", n)
		}
		for i := range arriving {
			m := deployer.OutboxMessage{Message: deployer.Message{Kind: "complete", Channel: shop(i), DedupKey: "complete"}, Deployment: fmt.Sprint("tangerine-", i+1)}
			box.Put(m)
			time.Sleep(time.Second)
		}
		if n := box.read.Load(); n != 2*arriving {
			t.Errorf("for %d arrivals %d messages were read, want those of their boxes, two each", arriving, n)
		}
		for i := range arriving {
			q := o.queues[shop(i)]
			q.mu.Lock()
			if b := q.boxes[fmt.Sprint("tangerine-", i+1)]; len(b.items) != 2 {
				t.Errorf("arrival %d is not in its queue", i)
			}
			q.mu.Unlock()
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A gap in what is told has everything read, and what went meanwhile forgotten.
func TestAGapHasEverythingRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box := crowd(300)
		told := make(chan deployer.Box)
		o := New(nil, portsOf(gappedMailbox{box, told}), view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- o.Run(ctx) }()
		synctest.Wait()
		gone, err := box.Journal.Messages(ctx, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := box.Discard(ctx, gone[0]); err != nil {
			t.Fatal(err)
		}
		box.Put(deployer.OutboxMessage{Message: deployer.Message{Kind: "starting", Channel: "CNEW"}, Deployment: "tangerine-999"})
		told <- deployer.Box{}
		synctest.Wait()
		q := o.queues[gone[0].Channel]
		q.mu.Lock()
		if q.items[gone[0].Key] != nil || q.boxes[gone[0].Deployment] != nil {
			t.Error("what went is still there")
		}
		q.mu.Unlock()
		if o.queues["CNEW"] == nil {
			t.Error("what came is not there")
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A gappedMailbox tells what a test says.
type gappedMailbox struct {
	*countedMailbox
	told chan deployer.Box
}

func (g gappedMailbox) Arrivals(context.Context) (<-chan deployer.Box, error) { return g.told, nil }

// BenchmarkArrival measures what one arrival costs with 10,000 messages waiting in
// ten channels, against 100: the read, and the looks of a worker and of the card
// editor that follow.
func BenchmarkArrival(b *testing.B) {
	few, many := arrivalCost(b, 100), arrivalCost(b, 10_000)
	for b.Loop() {
		few, many = min(few, arrivalCost(b, 100)), min(many, arrivalCost(b, 10_000))
	}
	b.ReportMetric(few.Seconds()*1e6, "us-of-100")
	b.ReportMetric(many.Seconds()*1e6, "us-of-10000")
	b.ReportMetric(float64(many)/float64(few), "ratio")
	b.ReportMetric(0, "ns/op")
}

// arrivalCost is how long an arrival takes on average.
func arrivalCost(b *testing.B, waiting int) time.Duration {
	const arrivals = 200
	o := New(nil, portsOf(inOrder{}), view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
	editor, due := &cardEditor{Outbox: o}, unread{}
	ctx, stop := context.WithCancel(b.Context())
	stop() // no worker takes a turn: what is measured takes them
	byChannel := map[string][]deployer.OutboxMessage{}
	for i := range waiting {
		m, _ := inOrder{}.MessagesIn(ctx, deployer.Box{Channel: shop(i), Deployment: fmt.Sprint("tangerine-", i+1)})
		byChannel[shop(i)] = append(byChannel[shop(i)], m...)
	}
	for channel, messages := range byChannel {
		o.queue(channel).set(messages, 1, false)
	}
	began := time.Now()
	for i := range arrivals {
		due.add(deployer.Box{Channel: shop(i), Deployment: fmt.Sprint("tangerine-", i%waiting+1)})
		if err := o.read(ctx, &due); err != nil {
			b.Fatal(err)
		}
		o.queues[shop(i)].next(time.Now())
		editor.next(time.Now())
	}
	o.workers.Wait()
	return time.Since(began) / arrivals
}

// inOrder finds a box at once, as a store with ordered keys does; the journal in
// memory looks through everything.
type inOrder struct{ *countedMailbox }

func (inOrder) MessagesIn(_ context.Context, box deployer.Box) ([]deployer.OutboxMessage, error) {
	key := "out/" + box.Channel + "/" + box.Deployment + "/000001"
	return []deployer.OutboxMessage{{Message: deployer.Message{Kind: "starting", Channel: box.Channel}, Deployment: box.Deployment, Key: key, Rev: 1}}, nil
}
