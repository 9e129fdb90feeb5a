package outbox

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// reactions are those on the card, each with how many gave it.
func (s *scenario) reactions() (out []string) {
	for _, m := range s.slack.Messages(bottest.DeploysID) {
		if m.TS != s.load().Card.TS {
			continue
		}
		for _, r := range m.Reactions {
			out = append(out, strings.Repeat(r.Name+" ", r.Count))
		}
	}
	return out
}

// has waits until the card has that reaction, and no other.
func (s *scenario) has(name string) {
	s.T.Helper()
	s.until("the card has "+name+" alone", func() bool { return slices.Equal(s.reactions(), []string{name + " "}) })
	s.awaitEmpty()
}

// The card has one reaction at a time, which says how it stands.
func TestCardHasOneReactionForItsState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		steps := s.steps()
		steps[0]()
		steps[1]()
		s.has("hourglass_flowing_sand")
		steps[2]()
		steps[3]()
		s.has("gear")
		for _, step := range steps[4:] {
			step()
		}
		s.has("white_check_mark")
	})
}

// A process that knows nothing of a card finds what the one before it has left there, and
// leaves alone what people gave.
func TestReactionOfAnEarlierProcessIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		s := &scenario{fixture: f}
		s.startPosted()
		s.has("hourglass_flowing_sand")
		for _, name := range []string{"eyes", "gear"} {
			if err := f.slack.React("UBOB", bottest.DeploysID, s.load().Card.TS, name, true); err != nil {
				t.Fatal(err)
			}
		}
		p.stop()
		s.confirm()
		s.approve()
		p = f.open(fast)
		defer p.stop()
		want := []string{"eyes ", "gear gear "}
		f.until("its own is replaced", func() bool { return cmp.Equal(s.reactions(), want) })
		f.awaitEmpty()
	})
}

// Whatever Slack says of reactions, and however long, nothing else waits for them; and
// when it takes them, the card has the last one.
func TestNothingWaitsForReactions(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"they are too many": {Error: "ratelimited", Status: 429, RetryAfter: 30},
		"they get lost":     {Cut: true, Count: 12},
		"they are slow":     {Delay: time.Second, Count: 4},
		"Slack has trouble": {Error: "service_unavailable", Count: 12},
		"they came already": {Lost: true, Count: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				p := f.open(fast)
				defer p.stop()
				for _, method := range []string{"reactions.add", "reactions.remove"} {
					fault.Method = method
					f.slack.Inject(fault)
				}
				s := &scenario{fixture: f}
				steps := s.steps()
				for _, step := range steps[:len(steps)-1] {
					step()
				}
				begun := time.Now()
				f.until("all is said", func() bool {
					got := strings.Join(f.posts(bottest.DeploysID, bottest.ChangeID), "\n")
					return strings.Contains(f.card(s.id), "Complete") && strings.Count(got, "complete/") == 2
				})
				if waited := time.Since(begun); waited > 10*time.Second {
					t.Errorf("all was said after %s", waited)
				}
				s.has("white_check_mark")
			})
		})
	}
}

// Without the scope cards have no reactions, and all else goes on: Slack is asked once.
func TestCardsHaveNoReactionsWithoutTheScope(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(c *emulator.Config) {
			c.App.Scopes = []string{"chat:write", "channels:history"}
		})
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		s.run()
		if got := s.load().Status; got != deployer.Complete || len(s.reactions()) > 0 {
			t.Errorf("it is %s, with %v", got, s.reactions())
		}
		if n := f.slack.CallCount("reactions.add") + f.slack.CallCount("reactions.remove"); n != 1 {
			t.Errorf("Slack was asked %d times", n)
		}
	})
}

// What Slack refuses on one card is left, and the next state is tried again.
func TestReactionThatIsRefusedIsLeft(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"too_many_emoji", "too_many_reactions", "message_not_found", "not_reactable", "thread_locked", "invalid_name", "already_reacted"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				p := f.open(fast)
				defer p.stop()
				s := &scenario{fixture: f}
				f.slack.Inject(emulator.Fault{Method: "reactions.add", Error: word})
				s.startPosted()
				f.until("Slack was asked", func() bool { return f.slack.CallCount("reactions.add") > 0 })
				f.awaitEmpty()
				s.confirm()
				s.approve()
				s.has("gear")
			})
		})
	}
}
