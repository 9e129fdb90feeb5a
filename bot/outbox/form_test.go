package outbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// cardBlocks are the blocks of a deployment's card, as Slack has them.
func (s *scenario) cardBlocks() string {
	for _, m := range s.slack.Messages(bottest.DeploysID) {
		if m.TS == s.load().Card.TS {
			return string(m.Blocks)
		}
	}
	return ""
}

// refused is how many calls Slack has refused for their blocks.
func (f *fixture) refused() (n int) {
	for _, c := range f.slack.Calls() {
		if c.Error == "invalid_blocks" {
			n++
		}
	}
	return n
}

const (
	hasPlan = `"type":"plan"`
	inFoot  = `Step 2 of` // how far it is, with the list of steps or without
)

// Where a workspace does not take the list of steps, they stand in the foot of its cards
// with their buttons, and that is found out once: every other card is drawn so at once.
// The next process tries again.
func TestCardsHaveNoListOfStepsWhereSlackTakesNone(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"plan", "task_card"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, func(c *emulator.Config) { c.Team.WithoutBlocks = []string{kind} })
				p := f.open(fast)
				s := &scenario{fixture: f}
				s.startPosted()
				s.confirm()
				f.until("the card shows the new state", func() bool { return strings.Contains(s.cardBlocks(), inFoot) })
				f.awaitEmpty()
				if got := s.cardBlocks(); strings.Contains(got, hasPlan) || !strings.Contains(got, `"approve"`) {
					t.Errorf("the card is %s", got)
				}
				time.Sleep(fast.Settle)
				f.awaitEmpty()
				before := f.refused()
				s.approve()
				f.until("it goes on", func() bool { d := s.load(); return d.Step("approve").Status == deployer.Done })
				f.awaitEmpty()
				if n := f.refused(); n != before || before != 1 {
					t.Errorf("Slack has refused %d calls, then %d: once is enough", before, n)
				}
				p.stop()
				p = f.open(fast)
				defer p.stop()
				p.Dirty(s.load().ID)
				f.until("the next process has asked Slack again", func() bool {
					return f.refused() > before
				})
			})
		})
	}
}

// A refusal that names nothing is for this state of the card alone: it is shown without
// the list, and the next one has it again.
func TestCardThatSlackRefusesOnceHasItsListAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		s.startPosted()
		time.Sleep(fast.Settle) // until then every edit is made twice
		f.slack.Inject(emulator.Fault{Method: "chat.update", Error: "invalid_blocks"})
		s.confirm()
		f.until("the card shows the new state without the list", func() bool {
			got := s.cardBlocks()
			return strings.Contains(got, inFoot) && !strings.Contains(got, hasPlan) && strings.Contains(got, `"approve"`)
		})
		s.approve()
		f.until("the next state has the list", func() bool { return strings.Contains(s.cardBlocks(), hasPlan) })
	})
}
