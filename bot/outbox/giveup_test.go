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

// The channel of a deployment takes nothing any more: whoever asked for it is
// told so, once, and what goes elsewhere goes on.
func TestRequesterIsToldThatTheChannelTakesNothing(t *testing.T) {
	t.Parallel()
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
				p := f.open(fast)
				defer p.stop()
				c.spoil(f)
				s := &scenario{fixture: f}
				steps := s.steps()
				steps[0]()
				steps[1]()
				f.until("Ana is told", func() bool { return len(f.slack.Messages("@ana")) > 0 })
				steps[2]()
				steps[3]()
				f.until("the other channel hears of the start", func() bool { return len(f.slack.Messages(bottest.ChangeID)) > 0 })
				direct := f.slack.Messages("@ana")
				if len(direct) != 1 || !strings.Contains(direct[0].Text, "*tangerine-1* (decanting-service in tangerine prod) can't be shown in its channel. "+c.why) {
					t.Errorf("Ana is told %+v", direct)
				}
				if direct[0].Metadata == nil || direct[0].Metadata.EventPayload["message"] != "undelivered" {
					t.Errorf("its metadata is %+v", direct[0].Metadata)
				}
				f.until("the announcement there is counted as lost", func() bool { return p.Undelivered() > 0 })
			})
		})
	}
}

// A message that cannot be delivered is said to be so, holds up nothing
// elsewhere, and does not make more and more of itself.
func TestUndeliverableAnnouncementFailsItsStepAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ channel, word, why string }{
		{bottest.ChangeID, "", "I am not in the channel for change: invite me there with /invite."},
		{bottest.ChangeID, "is_archived", "The channel for change is archived."},
		{bottest.ChangeID, "is_inactive", "The channel for change is archived."},
		{bottest.ChangeID, "restricted_action", "Posting in the channel for change is restricted"},
		{bottest.ChangeID, "msg_too_long", "too long"},
	} {
		t.Run(c.word, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				p := f.open(fast)
				defer p.stop()
				s := &scenario{fixture: f}
				steps := s.steps()
				for _, step := range steps[:3] {
					step()
				}
				f.awaitEmpty()
				switch c.word {
				case "":
					f.slack.SetBotMember(c.channel, false)
				case "is_archived":
					f.slack.Archive(c.channel, true)
				default:
					f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Count: 1000, Error: c.word})
				}
				steps[3]()
				f.until("the announcement has failed", func() bool {
					d := s.load()
					return d.Step("starting").Status == deployer.StepFailed
				})
				f.slack.ClearFaults()
				f.awaitEmpty()
				d := s.load()
				if got := d.Step("starting").Why; !strings.Contains(got, c.why) {
					t.Errorf("the step says %q, want %q in it", got, c.why)
				}
				if c.word == "" || c.word == "is_archived" {
					posts := strings.Join(f.posts(bottest.DeploysID), "\n")
					if !strings.Contains(posts, "starting starting/deploys") || !strings.Contains(posts, "could not be delivered") {
						t.Errorf("the other channel has:\n%s", posts)
					}
				}
			})
		})
	}
}

// When even the card can't be posted, the deployment's events end some time:
// an event that says so writes messages, and those can't be posted either.
func TestUndeliverableCardCausesNoEndlessEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.slack.SetBotMember(bottest.DeploysID, false)
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		for _, step := range s.steps()[:3] {
			step()
		}
		time.Sleep(50 * time.Millisecond)
		if d := s.load(); d.Seq > 12 || len(f.Waiting()) > 4 {
			t.Errorf("%d events, left %v", d.Seq, f.Waiting())
		}
		f.slack.SetBotMember(bottest.DeploysID, true)
		f.until("the card is posted once the bot is invited", func() bool { return f.card(s.id) != "" })
		f.awaitEmpty()
	})
}
