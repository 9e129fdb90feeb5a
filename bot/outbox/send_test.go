package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/logtest"
)

// What Slack does not accept for its form is said without it, and the card ends
// with the last state all the same.
func TestMessageWhoseFormSlackRefusesIsPostedPlainly(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"invalid_blocks", "msg_blocks_too_long", "msg_too_long"} {
		t.Run(word, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				p := f.open(fast)
				defer p.stop()
				s := &scenario{fixture: f}
				steps := s.steps()
				f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Error: word})
				steps[0]()
				steps[1]()
				f.until("the card is there", func() bool { return f.card(s.load().ID) != "" })
				for _, step := range steps[2 : len(steps)-1] {
					step()
				}
				f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Error: word})
				f.until("it is complete", func() bool { return s.load().Status == deployer.Complete })
				f.awaitEmpty()
				if got := strings.Join(f.posts(bottest.DeploysID, bottest.ChangeID), "\n"); strings.Contains(got, "could not be delivered") || strings.Count(got, "complete/") != 2 {
					t.Errorf("the channels have:\n%s", got)
				}
				if n := p.Undelivered(); n != 0 {
					t.Errorf("%d messages count as lost", n)
				}
			})
		})
	}
}

// A step that is tried again announces again, while its first announcement is
// still waiting for Slack.
func TestAnnouncementWrittenTwiceIsPostedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		s := &scenario{fixture: f}
		steps := s.steps()
		for _, step := range steps[:4] {
			step()
		}
		for _, m := range f.AllMessages() {
			if m.Receipt && m.Kind != deployer.MessageCard {
				m.Key += "-again"
				f.Put(m)
			}
		}
		p := f.open(fast)
		defer p.stop()
		for _, step := range steps[4:] {
			step()
		}
		if diff := cmp.Diff(wantPosts, f.posts(bottest.DeploysID, bottest.ChangeID)); diff != "" {
			t.Errorf("-want +posted:\n%s", diff)
		}
	})
}

// Every word of a good end carries the head of the records, as it is then, and
// every message its store; the newest head is found again. Without a head it goes
// out all the same.
func TestGoodEndsCarryTheHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.Store = "ours"
		var heads atomic.Int32
		f.head = func(context.Context) (string, error) {
			n := heads.Add(1)
			if n == 2 {
				return "", errors.New("it is closed")
			}
			return fmt.Sprint("head ", n, ".signed"), nil
		}
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		s.run()
		carried := map[string]int{}
		for _, channel := range []string{bottest.DeploysID, bottest.ChangeID} {
			for _, m := range f.slack.Messages(channel) {
				payload := m.Metadata.EventPayload
				if payload["store"] != "ours" || payload["installation"] != "T0LOCAL/B0BOT" {
					t.Errorf("%v names the store %v and the installation %v", payload["key"], payload["store"], payload["installation"])
				}
				head, has := payload["head"]
				if signature := payload["signature"]; has != (signature == "signed") {
					t.Errorf("%v has the head %v, signed %v", payload["key"], head, signature)
				}
				if payload["message"] == MessageComplete || has {
					carried[fmt.Sprintf("%v %v", payload["message"], head)]++
				}
			}
		}
		if diff := cmp.Diff(map[string]int{"complete head 1": 1, "complete <nil>": 1}, carried); diff != "" {
			t.Errorf("-want +carried:\n%s", diff)
		}
		for by, want := range map[[2]string]string{{"B0BOT", "ours"}: "head 1.signed", {"B0BOT", "theirs"}: "", {"B1BOT", "ours"}: ""} {
			ports := Ports{Author: func() Author { return Author{BotID: by[0]} }, Store: by[1]}
			of := New(f.client(), ports, view.Renderer{}, logtest.Logger(), fast)
			if got, err := of.Heads(t.Context(), []string{bottest.ChangeID, bottest.DeploysID}); strings.Join(got, " ") != want || err != nil {
				t.Errorf("of %v, the heads are %q, %v", by, got, err)
			}
		}
		if got, err := p.Heads(t.Context(), []string{"CGONE", bottest.ChangeID, bottest.DeploysID}); strings.Join(got, " ") != "head 1.signed" || err == nil {
			t.Errorf("beside a channel that is gone they are %q, %v", got, err)
		}
	})
}
