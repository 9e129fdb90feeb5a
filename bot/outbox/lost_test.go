package outbox

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// cards are the cards that stand in the channel, by their keys.
func (f *fixture) cards() map[string]emulator.Message {
	out := map[string]emulator.Message{}
	for _, m := range f.slack.Messages(bottest.DeploysID) {
		if m.Metadata != nil && m.Metadata.EventPayload["message"] == "card" {
			out[fmt.Sprint(m.Metadata.EventPayload["key"])] = m
		}
	}
	return out
}

// A card that can't be edited any more is posted anew, once, whatever happens to the
// calls: people were told that the buttons are on the card above, where there were none.
func TestCardThatCantBeEditedIsPostedAnew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil   func(*fixture, *scenario)
		says    string
		oldStay bool
	}{
		"deleted": {func(f *fixture, s *scenario) {
			if _, _, err := f.client().DeleteMessage(bottest.DeploysID, s.load().Card.TS); err != nil {
				f.T.Fatal(err)
			}
		}, "was deleted", false},
		"too old": {func(f *fixture, _ *scenario) {
			f.slack.Inject(emulator.Fault{Method: "chat.update", Error: "edit_window_closed"})
		}, "too old", true},
		"of another app": {func(f *fixture, _ *scenario) {
			f.slack.Inject(emulator.Fault{Method: "chat.update", Error: "cant_update_message"})
		}, "another Slack app", true},
	} {
		for _, unclear := range []emulator.Fault{{}, {Lost: true}, {Error: "internal_error", Taken: true}, {Error: "internal_error"}} {
			t.Run(fmt.Sprint(name, unclear.Lost, unclear.Error, unclear.Taken), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newFixture(t)
					p := f.open(fast)
					defer p.stop()
					s := &scenario{fixture: f}
					s.startPosted()
					time.Sleep(fast.Settle)
					c.spoil(f, s)
					if unclear != (emulator.Fault{}) {
						unclear.Method = "chat.postMessage"
						f.slack.Inject(unclear)
					}
					s.confirm()
					f.awaitEmpty()
					d, cards := s.load(), f.cards()
					if _, there := cards["card"]; there != c.oldStay || len(cards) > 2 || cards["card#2"].TS != d.Card.TS || d.CardsLost != 1 {
						t.Fatalf("the cards are %v, the deployment's is %+v", cards, d.Card)
					}
					if !strings.Contains(string(cards["card#2"].Blocks), `"Approve"`) {
						t.Errorf("the new card has %s", cards["card#2"].Blocks)
					}
					thread := ""
					for _, m := range f.slack.Thread(bottest.DeploysID, d.Card.TS) {
						thread += m.Text + "\n"
					}
					if !strings.Contains(thread, "This is the card now. The one before ") || !strings.Contains(thread, c.says) || !strings.Contains(thread, "asks you to approve") {
						t.Errorf("its thread has:\n%s", thread)
					}
					for _, m := range f.slack.Messages(bottest.DeploysID) {
						if m.ThreadTS != d.Card.TS && strings.Contains(m.Text, "on the card above") {
							t.Errorf("where there is no card, it says %q", m.Text)
						}
					}
					s.approve()
					s.awaitActive("rollout")
					f.awaitEmpty()
					if got := len(f.cards()); got != len(cards) {
						t.Errorf("there are %d cards in the end", got)
					}
				})
			})
		}
	}
}

// A process that dies while it posts the next card leaves one of it all the same.
func TestNextCardIsPostedOnceThroughCrashes(t *testing.T) {
	t.Parallel()
	for call := 1; call <= 8; call++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint(call, after), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newFixture(t)
					p := f.open(fast)
					s := &scenario{fixture: f}
					s.startPosted()
					p.stop()
					if _, _, err := f.client().DeleteMessage(bottest.DeploysID, s.load().Card.TS); err != nil {
						t.Fatal(err)
					}
					s.confirm()
					dying := f.openDyingAt(fast, call, after)
					time.Sleep(time.Second)
					dying.stop()
					last := f.open(fast)
					defer last.stop()
					f.awaitEmpty()
					if cards := f.cards(); len(cards) != 1 || cards["card#2"].TS != s.load().Card.TS {
						t.Errorf("the cards are %v, the deployment's is %+v", cards, s.load().Card)
					}
				})
			})
		}
	}
}

// A refusal that can pass was taken for good: a card showed an old state, and nobody was
// called, also after the channel was taken out of the archive, and after a restart.
func TestWhatAChannelDoesNotTakeNowIsSaidLater(t *testing.T) {
	t.Parallel()
	type change = func(f *fixture, on bool)
	for name, spoil := range map[string]change{
		"archived": func(f *fixture, on bool) { f.slack.Archive(bottest.DeploysID, on) },
		"removed":  func(f *fixture, on bool) { f.slack.SetBotMember(bottest.DeploysID, !on) },
		"scope": func(f *fixture, on bool) {
			if f.slack.ClearFaults(); on {
				for _, method := range []string{"chat.update", "chat.postMessage"} {
					f.slack.Inject(emulator.Fault{Method: method, Error: "missing_scope", Count: 1 << 30})
				}
			}
		},
	} {
		for how, resume := range map[string]func(*process) *process{
			"by itself":     func(p *process) *process { return p },
			"after a click": func(p *process) *process { p.TryAgain(bottest.DeploysID); return p },
			"after a restart": func(p *process) *process {
				p.stop()
				return p.again()
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newFixture(t)
					slow := fast
					slow.WaitMax = time.Minute // an hour and more between two tries
					p := f.open(slow)
					defer func() { p.stop() }()
					s := &scenario{fixture: f}
					s.startPosted()
					time.Sleep(fast.Settle)
					spoil(f, true)
					s.confirm()
					time.Sleep(20 * time.Minute)
					before := f.slack.CallCount("chat.update") + f.slack.CallCount("chat.postMessage")
					time.Sleep(6 * time.Hour)
					if n := f.slack.CallCount("chat.update") + f.slack.CallCount("chat.postMessage") - before; n > 60 {
						t.Errorf("%d tries in six hours", n)
					}
					spoil(f, false)
					began := time.Now()
					p = resume(p)
					f.awaitEmpty()
					if took := time.Since(began); how != "by itself" && took > time.Minute {
						t.Errorf("it took %s", took)
					}
					if got := f.cards()["card"]; !strings.Contains(string(got.Blocks), `"Approve"`) {
						t.Errorf("the card has %s", got.Blocks)
					}
					posts := strings.Join(f.posts(bottest.DeploysID), "\n")
					if !strings.Contains(posts, "asks you to approve") || strings.Contains(posts, "could not be delivered") {
						t.Errorf("the channel has:\n%s", posts)
					}
					if d := s.load(); d.Step("control").Status != deployer.Done {
						t.Errorf("the step is %s", d.Step("control").Status)
					}
				})
			})
		}
	}
}
