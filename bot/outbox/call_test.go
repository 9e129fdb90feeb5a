package outbox

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

// Slack does not say whether a channel has too many posts or the workspace.
func TestOneFullChannelDoesNotCloseTheWorkspace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPoster(nil, Pace{}.WithDefaults(), slog.New(slog.DiscardHandler))
		open := func(g *Limiter) bool { return !g.opensAt(time.Now()).After(time.Now()) }
		p.closeChannel("C1", 10*time.Second)
		if open(p.channelLimiter("C1")) || !open(p.channelLimiter("C2")) || !open(p.posts.limiter) {
			t.Error("one full channel closes others, or not itself")
		}
		time.Sleep(11 * time.Second)
		p.closeChannel("C2", 10*time.Second)
		if !open(p.posts.limiter) {
			t.Error("what another channel had long ago closes all of them")
		}
		p.closeChannel("C1", 10*time.Second)
		if open(p.posts.limiter) {
			t.Error("two channels in a row are full, and posts go on")
		}
	})
}

// Retry-After stops the method that it was said about, and no other.
func TestRateLimitStopsOneMethod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		s.startPosted()
		f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Status: 429, RetryAfter: 1})
		s.confirm() // a note and an ask
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
		f.awaitEmpty()
		for _, c := range f.slack.Calls() {
			if c.Method == "chat.postMessage" && c.At.After(limited) && c.At.Sub(limited) < time.Second {
				t.Errorf("a post %v after 429 with Retry-After: 1", c.At.Sub(limited))
			}
		}
	})
}

func TestRevokedTokenKeepsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer p.stop()
		f.slack.Revoke("bot", "token_revoked")
		s := &scenario{fixture: f}
		steps := s.steps()
		steps[0]()
		steps[1]()
		f.until("it is noticed", func() bool { return p.Healthy() != nil })
		steps[2]()
		time.Sleep(30 * time.Millisecond)
		if got := len(f.Waiting()); got < 3 {
			t.Errorf("only %d messages are kept", got)
		}
		if got := p.Healthy(); got == nil || strings.Contains(got.Error(), "xoxb") || !strings.Contains(got.Error(), "revoked") {
			t.Errorf("Healthy() = %v", got)
		}
		f.slack.Revoke("bot", "")
		for _, step := range steps[3:] {
			step()
		}
		if err := p.Healthy(); err != nil {
			t.Errorf("Healthy() = %v afterwards", err)
		}
		if diff := cmp.Diff(wantPosts, f.posts(bottest.DeploysID, bottest.ChangeID)); diff != "" {
			t.Errorf("-want +posted:\n%s", diff)
		}
	})
}
