package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// What is locked is said in the channel, to whoever comes upon it, and in the
// list; its holder may deploy, and somebody without a role can't take it away.
// Guards slashdeploy 19 (the holder locked out) and samson 690 (no end).
func TestLock(t *testing.T) {
	r := newRig(t)
	said := func(part string) {
		t.Helper()
		m, err := r.WaitMessage(r.ctx(), deploys, func(m emulator.Message) bool { return strings.Contains(m.Text, part) })
		if err != nil {
			t.Fatalf("nobody says %q: %v", part, err)
		}
		if m.Metadata == nil || m.Metadata.EventPayload["message"] != "lock" {
			t.Errorf("metadata %+v", m.Metadata)
		}
	}
	contains(t, r.types("ana", "/deploy lock web"), "needs a reason")
	r.must(r.Type(r.ctx(), "ana", deploys, `/deploy lock web --for 2h --reason "stock <!channel> taking"`, ""))
	said("*web* in tangerine prod is locked by Ana until")
	said("stock &lt;!channel&gt; taking.\nNobody else starts a deployment there. To end it: `/deploy unlock web --env prod`")
	contains(t, r.types("eve", "/deploy web v2"), "web in tangerine prod is locked by Ana until <!date^", "stock &lt;!channel&gt; taking", "/deploy unlock web")
	contains(t, r.types("eve", "/deploy locks"), "*web* · tangerine prod", "Ana, until")
	contains(t, r.types("eve", "/deploy unlock web"), "Ana holds this lock")
	contains(t, r.types("eve", "/deploy unlock api"), "api is not locked in tangerine prod")
	contains(t, r.types("bob", `/deploy lock web --reason mine`), "web in tangerine prod is locked by Ana")
	r.must(r.Type(r.ctx(), "ana", deploys, "/deploy web v2", ""))
	r.eventually("the holder deploys", func() bool { return len(r.book.all()) == 1 })
	r.must(r.Type(r.ctx(), "ana", deploys, "/deploy unlock web", ""))
	said("🔓 *web* in tangerine prod is no longer locked: Ana has ended their own lock.")
	contains(t, r.types("eve", "/deploy locks"), "Nothing is locked for tangerine.")
	r.must(r.Type(r.ctx(), "ana", deploys, `/deploy lock --reason "end of the year"`, ""))
	said("*Everything in tangerine prod* is locked by Ana until")
	contains(t, r.types("eve", "/deploy api v2"), "api in tangerine prod is locked by Ana", "/deploy unlock --env prod")
}

// lockWords are what a channel is told of a lock that Ana sets and Bob takes
// away.
func lockWords() []deployer.Message {
	ana, bob := deployer.Person{ID: "UANA", Name: "Ana"}, deployer.Person{ID: "UBOB", Name: "Bob"}
	now := time.Now()
	none := deployer.Locks{Retailer: "tangerine", Environment: "prod", Rev: 7}
	lock := deployer.Lock{Service: "web", By: ana, Reason: "stock <!channel> taking", At: now, Until: now.Add(time.Hour)}
	one := none
	one.All, one.Rev = []deployer.Lock{lock}, 8
	return []deployer.Message{
		none.Word(deployer.NoteLocked, lock, ana, deploysID),
		one.Word(deployer.NoteUnlocked, lock, bob, deploysID),
	}
}

// Whenever the process dies, before a call or after it and before its answer,
// the channel is told of a lock once, and of its end once, in that order. It was
// a call beside the outbox once, which died with the process.
func TestLockIsToldOnce(t *testing.T) {
	for _, after := range []bool{false, true} {
		for deadly := range 6 {
			t.Run(fmt.Sprintf("call %d, after %v", deadly+1, after), func(t *testing.T) {
				f := newOffice(t)
				for _, m := range lockWords() {
					f.word(m)
				}
				p := f.open(fast, deadly+1, after)
				f.until("the words are sent, or the process is dead", func() bool {
					select {
					case <-p.Died():
						return true
					default:
						return len(f.waiting()) == 0
					}
				})
				p.stop()
				p = f.open(fast, 0, false)
				defer p.stop()
				f.until("nothing waits", func() bool { return len(f.waiting()) == 0 })
				said := f.slack.Messages(deploysID)
				if len(said) != 2 {
					t.Fatalf("the channel holds %d messages, want two: %+v", len(said), said)
				}
				contains(t, said[0].Text, "🔒 *web* in tangerine prod is locked by Ana until <!date^", "stock &lt;!channel&gt; taking", "`/deploy unlock web --env prod`")
				contains(t, said[1].Text, "🔓 *web* in tangerine prod is no longer locked: Bob has ended the lock of <@UANA>.")
			})
		}
	}
}

// A channel that takes nothing any more holds up no lock: whoever set it is told.
func TestLockThatCannotBeTold(t *testing.T) {
	f := newOffice(t)
	f.slack.Archive(deploysID, true)
	f.word(lockWords()[0])
	p := f.open(fast, 0, false)
	defer p.stop()
	f.until("Ana is told", func() bool { return len(f.slack.Messages("@ana")) == 1 && len(f.waiting()) == 0 })
	contains(t, f.slack.Messages("@ana")[0].Text, "*web* in tangerine prod is locked by Ana", "archived", "What you did holds all the same.")
	if n := p.lost.Load(); n != 1 {
		t.Errorf("%d messages count as lost, want one", n)
	}
}
