package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/flood"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/socketmode"
	"github.com/stationmaster/stationmaster/bot/view"
)

// many are n names with spaces between.
func many(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " %s%d", prefix, i)
	}
	return b.String()
}

// A burst lost to the limits (SCPRv4 239); a client whose queue was full lost
// 33 of 80.
func TestNoCommandOfABurstIsLost(t *testing.T) {
	t.Parallel()
	const n = 200
	person := func(i int) string { return fmt.Sprint("person", i%(n/flood.Burst)) } // each as many as one may
	r := newFixture(t, func(s *setup) {
		s.slack.Timing.Ack = 20 * time.Second // this is about loss, not about the machine's speed
		for i := range n / flood.Burst {
			s.slack.Users = append(s.slack.Users, emulator.User{Name: person(i)})
		}
		for _, name := range strings.Fields(many("service-", n)) {
			s.bot.Services[name] = view.Service{Procedure: "deployment"}
		}
	})
	r.engine.setSlow(2 * time.Millisecond)
	all(n, func(i int) { r.must(r.Type(r.ctx(), person(i), deploys, fmt.Sprintf("/deploy service-%d v2", i), "")) })
	if got := len(r.engine.all()); got != n {
		t.Fatalf("%d of %d commands have started something", got, n)
	}
	for i := range n / flood.Burst {
		for _, m := range r.Ephemerals(person(i)) {
			t.Errorf("%s was told %q", person(i), m.Text)
		}
	}
}

func TestNoClickOfABurstIsLost(t *testing.T) {
	t.Parallel()
	const n = 200
	r := atApproval(t, func(s *setup) { s.slack.Timing.Ack = 20 * time.Second })
	m := r.card("Approve")
	before := r.ordersOf()
	all(n, func(int) {
		r.must(r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: m.TS, Button: "Approve", Stale: true}))
	})
	if got := r.ordersOf() - before; got != n {
		t.Errorf("%d of %d clicks came to the engine", got, n)
	}
	if got := r.approvals(); got != 1 {
		t.Errorf("%d approvals", got)
	}
}

func (r *fixture) ordersOf() int {
	r.engine.mu.Lock()
	defer r.engine.mu.Unlock()
	return r.engine.orders
}

func all(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

func (r *fixture) pending() int {
	return r.bot.queues.Pending()
}

// An order that takes too long stays unacknowledged: Slack tells the person.
func TestSlowOrderIsCarriedOutUnacknowledged(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.engine.setSlow(r.bot.answerWithin + 200*time.Millisecond)
		if err := r.Type(r.ctx(), "ana", deploys, "/deploy web v2", ""); !errors.Is(err, emulator.ErrTimeout) {
			t.Errorf("Slack says %v", err)
		}
		r.eventually("the order is carried out", func() bool { return len(r.engine.all()) == 1 })
	})
}

// Slack drops an acknowledgement of more than 20,480 bytes without a word, and
// sends the command again: a large answer goes another way.
func TestAnswerTooLargeForAnAcknowledgementArrives(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	var blocks []slack.Block
	for range 10 {
		blocks = append(blocks, slack.NewSectionBlock(mrkdwn.Text(strings.Repeat("é", 1200)), nil, nil))
	}
	r.eventually("the bot knows its socket", func() bool { return len(r.bot.connections[0].Sockets()) > 0 })
	r.bot.work(socketmode.Envelope{ID: "1", Type: "slash_commands", At: time.Now(), Socket: r.bot.connections[0].Sockets()[0]}, task{
		user: "UANA", channel: r.ChannelID(deploys), do: func(context.Context) answer { return answer{text: "much", blocks: blocks} },
	})
	r.hears("ana", "much")
}

// The end of the process: what was begun is finished and acknowledged.
func TestOrderIsFinishedAtTheEndOfTheProcess(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.engine.setSlow(300 * time.Millisecond)
		done := make(chan error, 1)
		go func() { done <- r.Type(r.ctx(), "ana", deploys, "/deploy web v2", "") }()
		r.eventually("the order is being committed", func() bool { return r.pending() > 0 })
		r.stop()
		if err := <-done; err != nil {
			t.Errorf("Slack says %v", err)
		}
		if err := r.ended(); err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}

// What waited too long is not done behind the person's back: Slack has told
// them that it failed.
func TestWhatWaitedTooLongIsNotDone(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.engine.setSlow(4 * r.bot.answerWithin)
		all(3, func(i int) {
			_ = r.Type(r.ctx(), "ana", deploys, fmt.Sprintf("/deploy %s v2", []string{"web", "api", "decanting-service"}[i]), "") // of three, one at most is in time
		})
		r.eventually("the queue is empty", func() bool { return r.pending() == 0 })
		if n := len(r.engine.all()); n != 1 {
			t.Errorf("%d deployments, though Slack has told that two failed", n)
		}
	})
}

// The same command delivered up to three times (bolt-js 2188, 2487).
func TestCommandDeliveredAgainStartsNothingMore(t *testing.T) {
	t.Parallel()
	for name, newID := range map[string]bool{"same id": false, "new id": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newFixture(t)
			r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Copies: 2, NewID: newID})
			if said := r.types("ana", "/deploy web v2"); said != "" {
				t.Errorf("the person was told %q", said)
			}
			r.types("ana", "/deploy status") // behind the copies, most likely
			r.card("Done")
			if n := len(r.engine.all()); n != 1 {
				t.Errorf("%d deployments", n)
			}
			for _, m := range r.Ephemerals("ana") {
				if strings.Contains(m.Text, "being deployed") {
					t.Errorf("a copy was refused aloud: %q", m.Text)
				}
			}
		})
	}
}

// Delivered again after a restart: nothing is in memory, the store knows.
func TestCommandDeliveredAgainAfterARestartStartsNothingMore(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Copies: 1, NewID: true, After: time.Minute})
		r.must(r.Type(r.ctx(), "ana", deploys, "/deploy web v2", ""))
		r.bot.answered.mu.Lock()
		r.bot.answered.answers = map[string]answer{}
		r.bot.answered.mu.Unlock()
		r.eventually("the copy was given to the engine", func() bool {
			r.engine.mu.Lock()
			defer r.engine.mu.Unlock()
			return r.engine.orders == 2
		})
		if n := len(r.engine.all()); n != 1 {
			t.Errorf("%d deployments", n)
		}
	})
}
