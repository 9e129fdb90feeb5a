package outbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// An answer that comes after the client's time-out: the post was taken.
func TestSlowAnswerIsNotPostedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		quick := fast
		quick.Timeout = 50 * time.Millisecond
		p := f.open(quick, 0, false)
		defer p.stop()
		f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Count: 2, Late: 150 * time.Millisecond})
		s := &story{fixture: f}
		s.posted()
		if got := len(f.slack.Messages(bottest.DeploysID)); got != 1 {
			t.Errorf("%d messages are in the channel, want the card alone", got)
		}
	})
}

// Retry-After stops the method that it was said about, and no other.
func TestRateLimitStopsOneMethod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast, 0, false)
		defer p.stop()
		s := &story{fixture: f}
		s.posted()
		f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Status: 429, RetryAfter: 1})
		s.lines()[2]() // a note and an ask
		var limited time.Time
		f.until("Slack has said 429", func() bool {
			for _, c := range f.slack.Calls() {
				if c.Method == "chat.postMessage" && c.Error != "" {
					limited = c.At
				}
			}
			return !limited.IsZero()
		})
		f.until("the card is edited meanwhile", func() bool { return strings.Contains(f.card(s.id), "to approve") })
		if time.Since(limited) > 900*time.Millisecond {
			t.Error("the edit waited for the posts' pause")
		}
		f.settle()
		for _, c := range f.slack.Calls() {
			if c.Method == "chat.postMessage" && c.At.After(limited) && c.At.Sub(limited) < time.Second {
				t.Errorf("a post %v after 429 with Retry-After: 1", c.At.Sub(limited))
			}
		}
	})
}

// A message that cannot be delivered is said to be so, holds up nothing
// elsewhere, and does not make more and more of itself.
func TestChannelWithoutTheBot(t *testing.T) {
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
				p := f.open(fast, 0, false)
				defer p.stop()
				s := &story{fixture: f}
				lines := s.lines()
				for _, line := range lines[:3] {
					line()
				}
				f.settle()
				switch c.word {
				case "":
					f.slack.SetBotMember(c.channel, false)
				case "is_archived":
					f.slack.Archive(c.channel, true)
				default:
					f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Count: 1000, Error: c.word})
				}
				lines[3]()
				f.until("the announcement has failed", func() bool {
					d := s.load()
					return d.Step("starting").Status == deployer.StepFailed
				})
				f.slack.ClearFaults()
				f.settle()
				d := s.load()
				if got := d.Step("starting").Why; !strings.Contains(got, c.why) {
					t.Errorf("the step says %q, want %q in it", got, c.why)
				}
				if c.word == "" || c.word == "is_archived" {
					told := strings.Join(f.told(bottest.DeploysID), "\n")
					if !strings.Contains(told, "starting starting/deploys") || !strings.Contains(told, "could not be delivered") {
						t.Errorf("the other channel has:\n%s", told)
					}
				}
			})
		})
	}
}

// When even the card can't be posted, the deployment's events end some time:
// telling that something can't be told would go on for ever.
func TestUndeliverableCardDoesNotEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.slack.SetBotMember(bottest.DeploysID, false)
		p := f.open(fast, 0, false)
		defer p.stop()
		s := &story{fixture: f}
		for _, line := range s.lines()[:3] {
			line()
		}
		f.settle()
		time.Sleep(50 * time.Millisecond)
		d := s.load()
		if d.Seq > 12 || len(f.Waiting()) > 0 {
			t.Errorf("%d events, left %v", d.Seq, f.Waiting())
		}
		f.slack.SetBotMember(bottest.DeploysID, true)
		s.approve()
		f.until("the card is posted once the bot is invited", func() bool { return f.card(s.id) != "" })
	})
}

func TestRevokedTokenKeepsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast, 0, false)
		defer p.stop()
		f.slack.Revoke("bot", "token_revoked")
		s := &story{fixture: f}
		lines := s.lines()
		lines[0]()
		lines[1]()
		f.until("it is noticed", func() bool { return p.Healthy() != nil })
		lines[2]()
		time.Sleep(30 * time.Millisecond)
		if got := len(f.Waiting()); got < 3 {
			t.Errorf("only %d letters are kept", got)
		}
		if got := p.Healthy(); got == nil || strings.Contains(got.Error(), "xoxb") || !strings.Contains(got.Error(), "revoked") {
			t.Errorf("Healthy() = %v", got)
		}
		f.slack.Revoke("bot", "")
		for _, line := range lines[3:] {
			line()
		}
		if err := p.Healthy(); err != nil {
			t.Errorf("Healthy() = %v afterwards", err)
		}
		if diff := cmp.Diff(wantTold, f.told(bottest.DeploysID, bottest.ChangeID)); diff != "" {
			t.Errorf("-want +told:\n%s", diff)
		}
	})
}

// A step that is tried again announces again, while its first announcement is
// still waiting for Slack.
func TestAnnouncementWrittenTwiceIsPostedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &story{fixture: f}
		lines := s.lines()
		for _, line := range lines[:4] {
			line()
		}
		for _, m := range f.AllMessages() {
			if m.Receipt && m.Kind != deployer.MessageCard {
				m.Key += "-again"
				f.Put(m)
			}
		}
		p := f.open(fast, 0, false)
		defer p.stop()
		for _, line := range lines[4:] {
			line()
		}
		if diff := cmp.Diff(wantTold, f.told(bottest.DeploysID, bottest.ChangeID)); diff != "" {
			t.Errorf("-want +told:\n%s", diff)
		}
	})
}

// lostCard begins a story whose first card is posted by a process that dies
// before it knows.
func (f *fixture) lostCard() {
	s := &story{fixture: f}
	patient := fast
	patient.Settle = time.Minute
	dying := f.open(patient, 0, false)
	f.until("it has looked into the mailbox", func() bool { return dying.scans.Load() > 0 })
	time.Sleep(10 * time.Millisecond)
	f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Lost: true})
	s.begin()
	s.resolve()
	f.until("the card is posted, and nobody knows", func() bool { return len(f.slack.Messages(bottest.DeploysID)) == 1 })
	dying.stop()
}

// Slack is away while the deployment goes on: the card's letter is replaced by
// newer ones, but what may have been posted is as old as the first.
func TestCardIsLookedForFromItsBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.lostCard()
		for _, m := range f.AllMessages() {
			m.At = m.At.Add(time.Hour)
			f.Put(m)
		}
		p := f.open(fast, 0, false)
		defer p.stop()
		f.settle()
		if got := len(f.slack.Messages(bottest.DeploysID)); got != 1 {
			t.Errorf("%d cards", got)
		}
	})
}
