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

// The channel of a deployment takes nothing any more: whoever asked for it is
// told so, once, and what goes elsewhere goes on.
func TestRequesterIsToldWhatTheChannelCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(f *fixture)
		why   string
	}{
		"archived": {func(f *fixture) { f.slack.Archive(bottest.DeploysID, true) }, "The channel for deploys is archived."},
		"removed":  {func(f *fixture) { f.slack.SetBotMember(bottest.DeploysID, false) }, "I am not in the channel for deploys: invite me there with /invite."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				p := f.open(fast, 0, false)
				defer p.stop()
				c.spoil(f)
				s := &story{fixture: f}
				lines := s.lines()
				lines[0]()
				lines[1]()
				f.until("Ana is told", func() bool { return len(f.slack.Messages("@ana")) > 0 })
				lines[2]()
				lines[3]()
				f.until("the other channel hears of the start", func() bool { return len(f.slack.Messages(bottest.ChangeID)) > 0 })
				told := f.slack.Messages("@ana")
				if len(told) != 1 || !strings.Contains(told[0].Text, "*tangerine-1* (decanting-service in tangerine prod) can't be shown in its channel. "+c.why) {
					t.Errorf("Ana is told %+v", told)
				}
				if told[0].Metadata == nil || told[0].Metadata.EventPayload["message"] != "undelivered" {
					t.Errorf("its metadata is %+v", told[0].Metadata)
				}
				if n := p.lost.Load(); n == 0 {
					t.Error("nothing is counted as lost")
				}
			})
		})
	}
}

// What Slack does not accept for its form is said without it, and the card ends
// with the last state all the same.
func TestMalformedIsSaidPlainly(t *testing.T) {
	for _, word := range []string{"invalid_blocks", "msg_blocks_too_long", "msg_too_long"} {
		t.Run(word, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				p := f.open(fast, 0, false)
				defer p.stop()
				s := &story{fixture: f}
				lines := s.lines()
				f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Error: word})
				lines[0]()
				lines[1]()
				f.until("the card is there", func() bool { return f.card(s.load().ID) != "" })
				for _, line := range lines[2 : len(lines)-1] {
					line()
				}
				f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Error: word})
				f.until("it is complete", func() bool { return s.load().Status == deployer.Complete })
				f.settle()
				if got := strings.Join(f.told(bottest.DeploysID, bottest.ChangeID), "\n"); strings.Contains(got, "could not be delivered") || strings.Count(got, "complete/") != 2 {
					t.Errorf("the channels have:\n%s", got)
				}
				if n := p.lost.Load(); n != 0 {
					t.Errorf("%d messages count as lost", n)
				}
			})
		})
	}
}

// A card whose new state Slack does not accept shows its words.
func TestMalformedEditIsShownPlainly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast, 0, false)
		defer p.stop()
		s := &story{fixture: f}
		s.posted()
		time.Sleep(fast.Settle) // until then every edit is made twice, in case an older process has sent one
		f.slack.Inject(emulator.Fault{Method: "chat.update", Error: "invalid_blocks"})
		s.lines()[2]()
		f.until("the card shows the new state", func() bool { return strings.Contains(f.card(s.id), "to approve") })
		f.settle()
		for _, m := range f.slack.Messages(bottest.DeploysID) {
			if m.TS == s.load().Card.TS && strings.Count(string(m.Blocks), `"type":"`+string(slack.MBTSection)+`"`) != 1 {
				t.Errorf("its blocks are %s", m.Blocks)
			}
		}
	})
}
