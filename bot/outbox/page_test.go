package outbox

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// Whoever is paged is told at least once, though their messages can't be looked for: a
// lost answer, and a process that died on it, have it sent again.
func TestPageIsSentAgainWhereItIsUnclear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &scenario{fixture: f}
		s.start()
		p := f.open(fast)
		defer p.stop()
		f.awaitEmpty()
		f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Status: 503, Count: 2})
		f.Put(deployer.OutboxMessage{Deployment: s.id, Message: deployer.Message{
			Kind: deployer.MessagePaged, DedupKey: "paged/7/UANA", Channel: "UANA", Note: deployer.Note{Kind: deployer.NoteAsksApprove, Step: "Approved"},
		}})
		f.until("nothing waits", func() bool { return len(f.Waiting()) == 0 })
		got := f.slack.Messages("@ana")
		if len(got) == 0 || !strings.Contains(got[0].Text, "You are paged") {
			t.Errorf("Ana is told %+v", got)
		}
		if n := f.slack.CallCount("chat.postMessage"); n < 3 {
			t.Errorf("it was sent %d times", n)
		}
	})
}
