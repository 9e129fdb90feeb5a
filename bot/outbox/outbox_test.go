package outbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// wantTold is what a story leaves in the channels when nothing goes wrong.
var wantTold = []string{
	`CCHANGE tangerine-1 complete complete/change: *decanting-service* 24-02-05.619-hotfix.627 is complete in tangerine prod.`,
	`CCHANGE tangerine-1 starting starting/change: *decanting-service* 24-02-01.602 → 24-02-05.619-hotfix.627 is starting in tangerine prod, by Ana.`,
	`CTANGERINEDEPLOYS tangerine-1 card card: decanting-service in tangerine prod: Complete. Took. (tangerine-1)
  tangerine-1 note note: ✓ *Change control is followed* · done by Ana
  tangerine-1 ask ask: <!subteam^S1>: Ana asks you to approve decanting-service ` + "`24-02-01.602` → `24-02-05.619-hotfix.627`" + ` in tangerine prod. The buttons are on the card above.
  tangerine-1 note note: ✓ *Tech lead approves* · approved by Bob
  tangerine-1 note note: ✓ *Roll out*
  tangerine-1 note note: ✓ *Pods run the new version*
  tangerine-1 note note: ✓ *Complete.* Took.`,
	`CTANGERINEDEPLOYS tangerine-1 complete complete/deploys: *decanting-service* 24-02-05.619-hotfix.627 is complete in tangerine prod.`,
	`CTANGERINEDEPLOYS tangerine-1 starting starting/deploys: *decanting-service* 24-02-01.602 → 24-02-05.619-hotfix.627 is starting in tangerine prod, by Ana.`,
}

func TestStoryIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast, 0, false)
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		s := &story{fixture: f}
		s.tell()
		p.stop()
		if diff := cmp.Diff(wantTold, f.told(bottest.DeploysID, bottest.ChangeID)); diff != "" {
			t.Errorf("-want +told:\n%s", diff)
		}
		for _, m := range slices.Concat(f.slack.Messages(bottest.DeploysID), f.slack.Messages(bottest.ChangeID)) {
			if m.Metadata == nil || m.Metadata.EventType != EventType {
				t.Errorf("a message without our metadata: %q", m.Text)
			}
		}
	})
}

// Whenever the process dies, before a call or after it and before its answer,
// the next one leaves the channels as if nothing had happened. Slack's client
// for Go posted twice here when it repeated what had been taken.
func TestDeathAtEveryPoint(t *testing.T) {
	for _, after := range []bool{false, true} {
		var over atomic.Bool // the story has fewer calls than that
		crowd(400, func(i int) {
			if !slowtest.Asked() && i%7 > 0 || over.Load() {
				return
			}
			t.Run(fmt.Sprintf("call %d, after %v", i+1, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					if !dieOnce(t, i+1, after) {
						over.Store(true)
					}
				})
			})
		})
		if !over.Load() {
			t.Error("the story has more calls than were tried")
		}
	}
}

// crowd does n things, several at a time: most of them wait most of the time.
func crowd(n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wg.Wait()
}

func dieOnce(t *testing.T, deadly int, after bool) (died bool) {
	f := newFixture(t)
	first := f.open(fast, deadly, after)
	next := make(chan *process, 1)
	over := make(chan struct{})
	go func() {
		defer close(next)
		select {
		case <-first.Died():
			first.stop()
			next <- f.open(fast, 0, false)
		case <-over:
		}
	}()
	s := &story{fixture: f}
	s.tell()
	close(over)
	if p, ok := <-next; ok {
		p.stop()
		died = true
	} else {
		first.stop()
	}
	if diff := cmp.Diff(wantTold, f.told(bottest.DeploysID, bottest.ChangeID)); diff != "" {
		t.Errorf("-want +told:\n%s", diff)
	}
	return died
}

// Slack in a bad mood, and a process that dies again and again: a few hundred
// stories, each with its own seed.
func TestStoriesUnderRandomFaults(t *testing.T) {
	crowd(slowtest.Runs(40, 300), func(seed int) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { tellUnderFaults(t, uint64(seed)) })
		})
	})
}

func tellUnderFaults(t *testing.T, seed uint64) {
	f := newFixture(t)
	rng := rand.New(rand.NewPCG(seed, 1))
	p := f.open(fast, 0, false)
	s := &story{fixture: f}
	for _, line := range s.lines() {
		for range rng.IntN(3) {
			f.slack.Inject(someFault(rng))
		}
		if rng.IntN(3) == 0 {
			time.Sleep(time.Duration(rng.IntN(4)) * time.Millisecond)
			p.stop()
			p = f.open(fast, 0, false)
		}
		line()
	}
	p.stop()
	if diff := cmp.Diff(wantTold, f.told(bottest.DeploysID, bottest.ChangeID)); diff != "" {
		t.Errorf("-want +told:\n%s", diff)
	}
}

func someFault(rng *rand.Rand) emulator.Fault {
	methods := []string{"chat.postMessage", "chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "*"}
	f := emulator.Fault{Method: methods[rng.IntN(len(methods))], Skip: rng.IntN(3), Count: 1 + rng.IntN(2)}
	switch rng.IntN(8) {
	case 0, 1:
		f.Lost = true
	case 2:
		f.Cut = true
	case 3:
		f.Half = true
	case 4:
		f.Status = 500
	case 5:
		f.Error = "internal_error"
	case 6:
		f.Error = "service_unavailable"
	case 7:
		f.Late = 10 * time.Millisecond
	}
	return f
}

// Two processes, or an answer that came late beyond all measure, can leave a
// post twice: the younger goes.
func TestYoungerOfTwoIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &story{fixture: f}
		s.begin()
		s.resolve()
		api := f.client()
		var first string
		for i := range 3 {
			_, ts, err := api.PostMessage(bottest.DeploysID, slack.MsgOptionText("a card", false), slack.MsgOptionMetadata(slack.SlackMetadata{
				EventType: EventType, EventPayload: map[string]any{"deployment": s.id, "message": "card", "key": "card"},
			}))
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = ts
			}
		}
		p := f.open(fast, 0, false)
		defer p.stop()
		f.settle()
		if got := s.load().Card.TS; got != first {
			t.Errorf("the card is at %s, want the oldest, %s", got, first)
		}
		if got := len(f.slack.Messages(bottest.DeploysID)); got != 1 {
			t.Errorf("%d messages are left", got)
		}
	})
}

// What was posted is found behind several pages of other people's messages.
func TestLooksThroughAllPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.lostCard()
		for i := range 450 {
			if _, err := f.slack.Post("UBOB", bottest.DeploysID, fmt.Sprint("chat ", i), ""); err != nil {
				t.Fatal(err)
			}
		}
		p := f.open(fast, 0, false)
		defer p.stop()
		f.settle()
		if got := len(f.slack.Messages(bottest.DeploysID)); got != 451 {
			t.Errorf("%d messages, want 451: one card", got)
		}
		if f.slack.CallCount("conversations.history") < 3 {
			t.Error("the history was not read page by page")
		}
	})
}

// Somebody deleted the card: that is not undone, and the thread goes on.
func TestDeletedCardStaysDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast, 0, false)
		defer p.stop()
		s := &story{fixture: f}
		lines := s.lines()
		s.posted()
		api := f.client()
		if _, _, err := api.DeleteMessage(bottest.DeploysID, s.load().Card.TS); err != nil {
			t.Fatal(err)
		}
		for _, line := range lines[2:] {
			line()
		}
		told := strings.Join(f.told(bottest.DeploysID), "\n")
		if strings.Contains(told, "card card") || strings.Count(told, "done by Ana") != 1 || strings.Count(told, "complete/deploys") != 1 {
			t.Errorf("the channel has:\n%s", told)
		}
		if got := f.slack.CallCount("chat.update"); got != 1 {
			t.Errorf("the card was edited %d times after it was gone", got)
		}
	})
}

// Progress edits the card at its pace, and the last state is shown.
func TestProgressIsCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		slower := fast
		slower.Card = 40 * time.Millisecond
		p := f.open(slower, 0, false)
		defer p.stop()
		s := &story{fixture: f}
		for _, line := range s.lines()[:6] {
			line()
		}
		f.settle()
		before, began := f.slack.CallCount("chat.update"), time.Now()
		for i := range 100 {
			f.SetProgress(s.id, "rollout/"+bottest.Web, deployer.Progress{Total: 100, Updated: i + 1, Available: i + 1})
			p.Dirty(s.id)
			time.Sleep(time.Millisecond)
		}
		f.until("the last state is shown", func() bool { return strings.Contains(f.card(s.id), "100 of 100 pods new") })
		most := int(time.Since(began)/slower.Card) + 2
		if got := f.slack.CallCount("chat.update") - before; got < 2 || got > most {
			t.Errorf("%d edits for 100 changes, want 2 to %d", got, most)
		}
	})
}

// The store failing at the wrong moment posts nothing twice.
func TestAnEngineThatCannotWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &story{fixture: f}
		p := &stubborn{process: f.open(fast, 0, false), failures: 3}
		p.stop()
		o := New(f.client(), f.Engine, f.Engine, p, view.Renderer{Names: bottest.PhoneBook{}, Command: "/deploy"}, p.Outbox.log, fast)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- o.Run(ctx) }()
		s.tell()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(wantTold, f.told(bottest.DeploysID, bottest.ChangeID)); diff != "" {
			t.Errorf("-want +told:\n%s", diff)
		}
		if p.failures > 0 {
			t.Error("nothing failed")
		}
	})
}

// stubborn fails some orders, of which every other one was carried out.
type stubborn struct {
	*process
	mu       sync.Mutex
	failures int
}

func (p *stubborn) Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failures == 0 {
		return p.Engine.Do(ctx, o)
	}
	p.failures--
	if p.failures%2 == 0 {
		_, _ = p.Engine.Do(ctx, o) // carried out, but nobody is told
	}
	return deployer.Deployment{}, deployer.ErrUnknown
}

func (p *stubborn) Progress(id string) map[string]deployer.Progress { return p.Engine.Progress(id) }
