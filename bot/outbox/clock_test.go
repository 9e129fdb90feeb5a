package outbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

// Slack's clock is not ours. With one 150 s behind, what was posted and not answered
// was looked for where it could not be, and stood there twice.
func TestPostIsFoundByAClockThatIsOff(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-150 * time.Second, 150 * time.Second, -50 * time.Minute, -5 * time.Hour, 5 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, func(c *emulator.Config) { c.Team.ClockAhead = ahead })
				f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Count: 2, Lost: true}) // the card, too
				p := f.open(fast)
				defer p.stop()
				p.NoteTime(time.Now().Add(ahead)) // as the start of the bot does
				s := &scenario{fixture: f}
				s.startPosted()
				s.confirm()
				f.awaitEmpty()
				f.slack.Inject(emulator.Fault{Method: "chat.postMessage", Count: 2, Lost: true})
				s.approve()
				s.awaitActive("rollout")
				f.awaitEmpty()
				posts := strings.Join(f.posts(bottest.DeploysID), "\n")
				if strings.Count(posts, "starting starting/deploys") != 1 || strings.Count(posts, "card card") != 1 {
					t.Errorf("the channel has:\n%s", posts)
				}
			})
		})
	}
}

func TestTimestampsAreTimes(t *testing.T) {
	t.Parallel()
	at := time.Unix(1770328800, 123456000)
	if got := timestamp(at); got != "1770328800.123456" {
		t.Errorf("%v is %s", at, got)
	}
	if got, ok := timeOf("1770328800.123456"); !ok || !got.Equal(at) {
		t.Errorf("it is read as %v, %t", got, ok)
	}
	for _, ts := range []string{"", "x", "1.x", "0.1"} {
		if got, ok := timeOf(ts); ok {
			t.Errorf("%q is %v", ts, got)
		}
	}
	if got := timestamp(time.Time{}); got != "" {
		t.Errorf("no time is %q", got)
	}
}
