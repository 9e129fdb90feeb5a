package outbox

import (
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// However long calls are on their way, Slack never sees more than fifty in a
// minute, and with enough to do it sees nearly as many.
func TestMinuteGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const minutes = 30
		g := newMinuteLimiter(Pace{}.WithDefaults(), 1200*time.Millisecond, 10, 50)
		var arrived []time.Time
		for end := time.Now().Add(minutes * time.Minute); time.Now().Before(end); {
			if !g.Pass(t.Context()) {
				t.Fatal("the test has ended")
			}
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
			arrived = append(arrived, time.Now())
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
			g.done()
		}
		for i := 50; i < len(arrived); i++ {
			if d := arrived[i].Sub(arrived[i-50]); d < time.Minute {
				t.Fatalf("51 calls arrived within %s", d)
			}
		}
		if n := len(arrived); n < 50*minutes*95/100 {
			t.Errorf("%d calls in %d minutes", n, minutes)
		}
	})
}

// Slack does not say whether a channel has too many posts or the workspace.
func TestFullChannelIsNotTheWorkspace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPoster(nil, Pace{}.WithDefaults(), slog.New(slog.DiscardHandler))
		open := func(g *Limiter) bool { return !g.open(time.Now()).After(time.Now()) }
		p.full("C1", 10*time.Second)
		if open(p.channel("C1")) || !open(p.channel("C2")) || !open(p.posts.limiter) {
			t.Error("one full channel closes others, or not itself")
		}
		time.Sleep(11 * time.Second)
		p.full("C2", 10*time.Second)
		if !open(p.posts.limiter) {
			t.Error("what another channel had long ago closes all of them")
		}
		p.full("C1", 10*time.Second)
		if open(p.posts.limiter) {
			t.Error("two channels in a row are full, and posts go on")
		}
	})
}

// An edit that came late overwrote a newer one, and the card showed an old
// state for good.
func TestLateEditIsPaintedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		quick := fast
		quick.Timeout, quick.Settle = 50*time.Millisecond, 500*time.Millisecond
		p := f.open(quick, 0, false)
		defer p.stop()
		s := &story{fixture: f}
		s.posted()
		f.slack.Inject(emulator.Fault{Method: "chat.update", Delay: 250 * time.Millisecond})
		s.lines()[2]() // Ana has confirmed
		before := f.slack.CallCount("chat.update")
		f.until("that is being painted", func() bool { return f.slack.CallCount("chat.update") > before })
		s.approve()
		s.active("rollout")
		f.settle()
		time.Sleep(quick.Settle) // the late one has come
		if got := f.card(s.id); !strings.Contains(got, "Roll") {
			t.Errorf("the card says %q", got)
		}
	})
}

// Of many cards those with a new state come first, the one that waits longest
// before the others, and then those whose pods have moved.
func TestPainterChooses(t *testing.T) {
	o := New(nil, nil, nil, nil, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
	now := time.Now()
	q := o.queue("C1")
	card := func(id string, age time.Duration) deployer.OutboxMessage {
		return deployer.OutboxMessage{Message: deployer.Message{Kind: deployer.MessageCard, Channel: "C1"}, Deployment: id, Key: id, Rev: 1, At: now.Add(-age)}
	}
	q.set([]deployer.OutboxMessage{card("old", time.Hour), card("young", time.Second)}, 1, false)
	newer := card("old", 0)
	newer.Rev = 2 // its state has changed once more: it waits as long as before
	q.set([]deployer.OutboxMessage{newer, card("young", time.Second)}, 2, false)
	q.move("moving")
	p := &cardEditor{Outbox: o}
	var order []string
	for range 3 {
		s, at, ok := p.next(now)
		if !ok || at.After(now) {
			t.Fatalf("nothing to paint after %v", order)
		}
		order = append(order, s.deployment)
		q.beginEdit(s.job)
	}
	if got := strings.Join(order, " "); got != "old young moving" {
		t.Errorf("painted: %s", got)
	}
	if s, _, ok := p.next(now); ok {
		t.Errorf("%s is painted twice at once", s.deployment)
	}
}
