package outbox

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

// Two processes, or an answer that came late beyond all measure, can leave a
// post twice: the younger goes.
func TestYoungerOfTwoPostsIsDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &scenario{fixture: f}
		s.start()
		s.resolve()
		api := f.client()
		var first string
		for i := range 3 {
			_, ts, err := api.PostMessage(bottest.DeploysID, slack.MsgOptionText("a card", false), slack.MsgOptionMetadata(slack.SlackMetadata{
				EventType: EventType, EventPayload: map[string]any{"deployment": s.id, "message": "card", "key": "card"},
			}))
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = ts
			}
		}
		p := f.open(fast)
		defer p.stop()
		f.awaitEmpty()
		if got := s.load().Card.TS; got != first {
			t.Errorf("the card is at %s, want the oldest, %s", got, first)
		}
		if got := len(f.slack.Messages(bottest.DeploysID)); got != 1 {
			t.Errorf("%d messages are left", got)
		}
	})
}

// Numbers begin again in a new database: a card of another one with the same
// number is not taken for ours, which is posted; one that names no store is.
func TestPostOfAnotherStoreIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		posted string // the store that the card there names
		cards  int    // that are there in the end
	}{"another store": {"theirs", 2}, "our store": {"ours", 1}, "none": {"", 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				f.Store = "ours"
				s := &scenario{fixture: f}
				s.start()
				s.resolve()
				payload := map[string]any{"deployment": s.id, "message": "card", "key": "card", "newer": true}
				if tc.posted != "" {
					payload["store"] = tc.posted
				}
				_, ts, err := f.client().PostMessage(bottest.DeploysID, slack.MsgOptionText("a card", false),
					slack.MsgOptionMetadata(slack.SlackMetadata{EventType: EventType, EventPayload: payload}))
				if err != nil {
					t.Fatal(err)
				}
				p := f.open(fast)
				defer p.stop()
				f.awaitEmpty()
				if got := len(f.slack.Messages(bottest.DeploysID)); got != tc.cards || (s.load().Card.TS == ts) != (tc.cards == 1) {
					t.Errorf("%d cards, and ours is %s; there was %s", got, s.load().Card.TS, ts)
				}
			})
		})
	}
}

// What was posted is found behind several pages of other people's messages.
func TestPostIsFoundBehindManyPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.postCardUnnoticed()
		for i := range 450 {
			if _, err := f.slack.Post("UBOB", bottest.DeploysID, fmt.Sprint("chat ", i), ""); err != nil {
				t.Fatal(err)
			}
		}
		p := f.open(fast)
		defer p.stop()
		f.awaitEmpty()
		if got := len(f.slack.Messages(bottest.DeploysID)); got != 451 {
			t.Errorf("%d messages, want 451: one card", got)
		}
		if f.slack.CallCount("conversations.history") < 3 {
			t.Error("the history was not read page by page")
		}
	})
}

// An answer that comes after the client's time-out: the post was taken.
func TestPostWithASlowAnswerIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		quick := fast
		quick.Timeout = 50 * time.Millisecond
		p := f.open(quick)
		defer p.stop()
		f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Count: 2, Late: 150 * time.Millisecond})
		s := &scenario{fixture: f}
		s.startPosted()
		if got := len(f.slack.Messages(bottest.DeploysID)); got != 1 {
			t.Errorf("%d messages are in the channel, want the card alone", got)
		}
	})
}

// postCardUnnoticed starts a deployment whose first card is posted by a process that dies
// before it knows.
func (f *fixture) postCardUnnoticed() {
	s := &scenario{fixture: f}
	patient := fast
	patient.Settle = time.Minute
	dying := f.open(patient)
	f.until("it has looked into the mailbox", func() bool { return dying.mailboxReads.Load() > 0 })
	time.Sleep(10 * time.Millisecond)
	f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Lost: true})
	s.start()
	s.resolve()
	f.until("the card is posted, and nobody knows", func() bool { return len(f.slack.Messages(bottest.DeploysID)) == 1 })
	dying.stop()
}

// Slack is away while the deployment goes on: the card's message is replaced by
// newer ones, but what may have been posted is as old as the first.
func TestCardIsLookedForSinceItsDeploymentBegan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.postCardUnnoticed()
		for _, m := range f.AllMessages() {
			m.At = m.At.Add(time.Hour)
			f.Put(m)
		}
		p := f.open(fast)
		defer p.stop()
		f.awaitEmpty()
		if got := len(f.slack.Messages(bottest.DeploysID)); got != 1 {
			t.Errorf("%d cards", got)
		}
	})
}
