package outbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// lockMessages are what a channel is told of a lock that Ana sets and Bob takes
// away.
func lockMessages() []deployer.Message {
	ana, bob := deployer.Actor{ID: "UANA", Name: "Ana"}, deployer.Actor{ID: "UBOB", Name: "Bob"}
	now := time.Now()
	none := deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Rev: 7}
	lock := deployer.Lock{Service: "web", By: ana, Reason: "stock <!channel> taking", At: now, Until: now.Add(time.Hour)}
	one := none
	one.All, one.Rev = []deployer.Lock{lock}, 8
	return []deployer.Message{
		none.Announcement(deployer.NoteLocked, lock, ana, bottest.DeploysID),
		one.Announcement(deployer.NoteUnlocked, lock, bob, bottest.DeploysID),
	}
}

// Whenever the process dies, before a call or after it and before its answer,
// the channel is told of a lock once, and of its end once, in that order. It was
// a call beside the outbox once, which died with the process.
func TestLockIsAnnouncedOnceWheneverTheProcessDies(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for deadly := range 6 {
			t.Run(fmt.Sprintf("call %d, after %v", deadly+1, after), func(t *testing.T) {
				f := newFixture(t)
				for _, m := range lockMessages() {
					f.Tell(m)
				}
				p := f.openDyingAt(fast, deadly+1, after)
				f.until("the words are sent, or the process is dead", func() bool {
					select {
					case <-p.Died():
						return true
					default:
						return len(f.Waiting()) == 0
					}
				})
				p.stop()
				p = f.open(fast)
				defer p.stop()
				f.until("nothing waits", func() bool { return len(f.Waiting()) == 0 })
				said := f.slack.Messages(bottest.DeploysID)
				if len(said) != 2 {
					t.Fatalf("the channel holds %d messages, want two: %+v", len(said), said)
				}
				bottest.Contains(t, said[0].Text, "🔒 *web* in tangerine prod is locked by Ana until <!date^", "stock &lt;!channel&gt; taking", "`/deploy unlock web --env prod`")
				bottest.Contains(t, said[1].Text, "🔓 *web* in tangerine prod is no longer locked: Bob has ended the lock of <@UANA>.")
			})
		}
	}
}

// A channel that takes nothing any more holds up no lock: whoever set it is told.
func TestWhoeverSetALockIsToldThatItsChannelTakesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.slack.Archive(bottest.DeploysID, true)
	f.Tell(lockMessages()[0])
	p := f.open(fast)
	defer p.stop()
	f.until("Ana is told", func() bool { return len(f.slack.Messages("@ana")) == 1 && len(f.Waiting()) == 0 })
	bottest.Contains(t, f.slack.Messages("@ana")[0].Text, "*web* in tangerine prod is locked by Ana", "archived", "What you did holds all the same.")
	if n := p.Undelivered(); n != 1 {
		t.Errorf("%d messages count as lost, want one", n)
	}
}
