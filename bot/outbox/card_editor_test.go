package outbox

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// Of many cards those with a new state come first, the one that waits longest
// before the others, and then those whose pods have moved.
func TestNewStatesAreShownBeforeProgress(t *testing.T) {
	t.Parallel()
	o := New(nil, Ports{}, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
	now := time.Now()
	q := o.queue("C1")
	card := func(id string, age time.Duration) deployer.OutboxMessage {
		return deployer.OutboxMessage{Message: deployer.Message{Kind: deployer.MessageCard, DedupKey: deployer.MessageCard, Channel: "C1"}, Deployment: id, Key: id, Rev: 1, At: now.Add(-age)}
	}
	q.set([]deployer.OutboxMessage{card("old", time.Hour), card("young", time.Second)}, 1, false)
	newer := card("old", 0)
	newer.Rev = 2 // its state has changed once more: it waits as long as before
	q.set([]deployer.OutboxMessage{newer, card("young", time.Second)}, 2, false)
	q.markDirty("moving")
	c := &cardEditor{Outbox: o}
	var order []string
	for range 3 {
		e, ok := c.next(now)
		if !ok || e.readyAt.After(now) {
			t.Fatalf("nothing to edit after %v", order)
		}
		order = append(order, e.deployment)
		e.begin()
	}
	if got := strings.Join(order, " "); got != "old young moving" {
		t.Errorf("edited: %s", got)
	}
	if e, ok := c.next(now); ok {
		t.Errorf("%s is edited twice at once", e.deployment)
	}
}

// Progress edits the card at its pace, and the last state is shown.
func TestManyChangesTakeFewEdits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		slower := fast
		slower.Card = 40 * time.Millisecond
		p := f.open(slower)
		defer p.stop()
		s := &scenario{fixture: f}
		for _, step := range s.steps()[:6] {
			step()
		}
		f.awaitEmpty()
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
