package outbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// An edit that came late overwrote a newer one, and the card showed an old
// state for good.
func TestCardIsEditedAgainAfterALateEdit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		quick := fast
		quick.Timeout, quick.Settle = 50*time.Millisecond, 500*time.Millisecond
		p := f.open(quick)
		defer p.stop()
		s := &scenario{fixture: f}
		s.startPosted()
		f.slack.Inject(emulator.Fault{Method: "chat.update", Delay: 250 * time.Millisecond})
		s.confirm()
		before := f.slack.CallCount("chat.update")
		f.until("that is being edited", func() bool { return f.slack.CallCount("chat.update") > before })
		s.approve()
		s.awaitActive("rollout")
		f.awaitEmpty()
		time.Sleep(quick.Settle) // the late one has come
		if got := f.card(s.id); !strings.Contains(got, "Roll") {
			t.Errorf("the card says %q", got)
		}
	})
}

// A card whose new state Slack does not accept shows its words.
func TestCardWhoseFormSlackRefusesShowsItsWords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		s.startPosted()
		time.Sleep(fast.Settle)                                                                  // until then every edit is made twice, in case an older process has sent one
		f.slack.Inject(emulator.Fault{Method: "chat.update", Error: "invalid_blocks", Count: 2}) // with the list of steps, and without
		s.confirm()
		f.until("the card shows the new state", func() bool { return strings.Contains(f.card(s.id), "to approve") })
		f.awaitEmpty()
		for _, m := range f.slack.Messages(bottest.DeploysID) {
			if m.TS == s.load().Card.TS && strings.Count(string(m.Blocks), `"type":"`+string(slack.MBTSection)+`"`) != 1 {
				t.Errorf("its blocks are %s", m.Blocks)
			}
		}
	})
}

// The card of a deployment that has ended is gone: nothing is asked on it any more.
func TestCardThatIsDeletedAtTheEndStaysDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		steps := s.steps()
		for _, step := range steps {
			step()
		}
		if _, _, err := f.client().DeleteMessage(bottest.DeploysID, s.load().Card.TS); err != nil {
			t.Fatal(err)
		}
		before := f.slack.CallCount("chat.update")
		f.SetProgress(s.id, "rollout/"+bottest.Web, deployer.Progress{Total: 3})
		for range 3 {
			p.Dirty(s.id)
			time.Sleep(time.Second)
		}
		if got := f.slack.CallCount("chat.update") - before; got > 1 || len(f.cards()) > 0 {
			t.Errorf("the card was edited %d times after it was gone, and there are %v", got, f.cards())
		}
	})
}

// An edit that Slack refuses for good is not made again, and the next state of the
// card is shown.
func TestRefusedEditIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		s.startPosted()
		time.Sleep(fast.Settle)
		before := f.slack.CallCount("chat.update")
		f.slack.Inject(emulator.Fault{Method: "chat.update", Error: "some_new_code"})
		s.confirm()
		f.awaitEmpty()
		if got := f.slack.CallCount("chat.update") - before; got != 1 {
			t.Errorf("%d edits, want the refused one alone", got)
		}
		s.approve()
		s.awaitActive("rollout")
		f.awaitEmpty()
		if got := f.card(s.id); !strings.Contains(got, "Roll") {
			t.Errorf("the card says %q", got)
		}
	})
}

// Just after a start, a card is shown once more when older edits have settled. The
// thread does not wait for that: it came five seconds late.
func TestTheThreadFollowsACardThatIsShownForNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		slow := fast
		slow.Settle = time.Minute
		p := f.open(slow)
		defer p.stop()
		s := &scenario{fixture: f}
		s.startPosted()
		began := time.Now()
		s.confirm()
		f.until("the thread asks for the approval", func() bool {
			return strings.Contains(bottest.JSON(t, f.slack.Thread(bottest.DeploysID, s.load().Card.TS)), "asks you to approve")
		})
		if took := time.Since(began); took >= cardFirstMax {
			t.Errorf("it came after %s", took)
		}
	})
}
