package outbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator/faulttest"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// wantPosts is what a scenario leaves in the channels when nothing goes wrong.
var wantPosts = []string{
	`CCHANGE tangerine-1 complete complete/change: *decanting-service* 24-02-05.619-hotfix.627 is complete in tangerine prod.`,
	`CCHANGE tangerine-1 starting starting/change: *decanting-service* 24-02-01.602 → 24-02-05.619-hotfix.627 is starting in tangerine prod, by Ana.`,
	`CTANGERINEDEPLOYS tangerine-1 card card: decanting-service in tangerine prod: Complete. Took. (tangerine-1)
  tangerine-1 note note: ✓ *Change control is followed* · done by Ana
  tangerine-1 ask ask: decanting-service ` + "`24-02-01.602` → `24-02-05.619-hotfix.627`" + ` in tangerine prod: <!subteam^S1>: Ana asks you to approve it. The buttons are on the card above.
  tangerine-1 note note: ✓ *Tech lead approves* · approved by Bob
  tangerine-1 note note: ✓ *Roll out*
  tangerine-1 note note: ✓ *Pods run the new version*
  tangerine-1 note note: ✓ *Complete.* Took.`,
	`CTANGERINEDEPLOYS tangerine-1 complete complete/deploys: *decanting-service* 24-02-05.619-hotfix.627 is complete in tangerine prod.`,
	`CTANGERINEDEPLOYS tangerine-1 starting starting/deploys: *decanting-service* 24-02-01.602 → 24-02-05.619-hotfix.627 is starting in tangerine prod, by Ana.`,
}

func TestEveryMessageOfADeploymentIsPostedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		s := &scenario{fixture: f}
		s.run()
		p.stop()
		if diff := cmp.Diff(wantPosts, f.posts(bottest.DeploysID, bottest.ChangeID)); diff != "" {
			t.Errorf("-want +posted:\n%s", diff)
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
func TestDeathAtAnyCallLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		var over atomic.Bool // the scenario has fewer calls than that
		inParallel(400, func(i int) {
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
			t.Error("the scenario has more calls than were tried")
		}
	}
}

// inParallel does n things, several at a time: most of them wait most of the time.
func inParallel(n int, do func(i int)) {
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
	first := f.openDyingAt(fast, deadly, after)
	next := make(chan *process, 1)
	over := make(chan struct{})
	go func() {
		defer close(next)
		select {
		case <-first.Died():
			first.stop()
			next <- f.open(fast)
		case <-over:
		}
	}()
	s := &scenario{fixture: f}
	s.run()
	close(over)
	if p, ok := <-next; ok {
		p.stop()
		died = true
	} else {
		first.stop()
	}
	if diff := cmp.Diff(wantPosts, f.posts(bottest.DeploysID, bottest.ChangeID)); diff != "" {
		t.Errorf("-want +posted:\n%s", diff)
	}
	if got := s.reactions(); !slices.Equal(got, []string{"white_check_mark "}) {
		t.Errorf("the card has the reactions %v", got)
	}
	return died
}

// Slack in a bad mood, and a process that dies again and again: a few hundred
// scenarios, each with its own seed.
func TestRandomFaultsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	inParallel(slowtest.Runs(24, 300), func(seed int) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runUnderFaults(t, uint64(seed)) })
		})
	})
}

func runUnderFaults(t *testing.T, seed uint64) {
	f := newFixture(t)
	rng := rand.New(rand.NewPCG(seed, 1))
	p := f.open(fast)
	s := &scenario{fixture: f}
	for _, step := range s.steps() {
		for range rng.IntN(3) {
			f.slack.Inject(faultPace.Call(rng))
		}
		if rng.IntN(3) == 0 {
			time.Sleep(time.Duration(rng.IntN(4)) * time.Millisecond)
			p.stop()
			p = f.open(fast)
		}
		step()
	}
	p.stop()
	if diff := cmp.Diff(wantPosts, f.posts(bottest.DeploysID, bottest.ChangeID)); diff != "" {
		t.Errorf("-want +posted:\n%s", diff)
	}
}

// faultPace is how much goes wrong with the calls of an outbox.
var faultPace = faulttest.Pace{
	Methods: []string{"chat.postMessage", "chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "*"},
	Late:    10 * time.Millisecond,
}
