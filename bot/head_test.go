package bot

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/outbox"
)

// A file that was changed, or put back, while nobody ran is noticed at the next
// start: the newest head that Slack shows is not in it. The log says so, and the
// first line of where things stand. Where it is in it, or none was posted, nobody
// hears anything.
func TestRecordsThatSlackKnowsOtherwiseAreSaidToBe(t *testing.T) {
	t.Parallel()
	const said = "The records are not those that Slack knows of"
	for name, tc := range map[string]struct {
		heads []string // posted, the newest last
		holds string
		warns bool
	}{
		"held": {[]string{"old", "new"}, "new", false}, "put back": {[]string{"old", "new"}, "old", true}, "none": {nil, "new", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newColdFixture(t)
			asked := make(chan string, 2)
			r.bot.Holds = func(_ context.Context, head string) error {
				asked <- head
				if head != tc.holds {
					return errors.New("no record has that hash")
				}
				return nil
			}
			for _, head := range tc.heads {
				_, _, err := r.bot.api.PostMessageContext(r.ctx(), r.ChannelID(deploys), slack.MsgOptionText("It is complete.", false),
					slack.MsgOptionMetadata(slack.SlackMetadata{EventType: outbox.EventType, EventPayload: map[string]any{"deployment": "tangerine-7", "head": head}}))
				r.must(err)
			}
			r.start()
			r.must(r.WaitSockets(r.ctx(), 2))
			r.eventually("the bot is ready", func() bool { return r.bot.Ready() == nil })
			if len(tc.heads) > 0 {
				if got := <-asked; got != "new" {
					t.Errorf("asked is for %q", got)
				}
			}
			r.eventually("the command says it first, or not", func() bool {
				first, _, _ := strings.Cut(r.types("ana", "/deploy status"), "\n")
				return strings.Contains(first, said) == tc.warns
			})
			if strings.Contains(r.log.String(), "records are not those that Slack knows of") != tc.warns {
				t.Errorf("the log says %s", r.log.String())
			}
		})
	}
}

// A deployment that can be read and is not carried on says so above its card.
func TestStatusSaysWhatIsNotCarriedOn(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy web v2")
	r.card("Done")
	r.bot.Quarantined = func() map[string]string { return map[string]string{"tangerine-1": "it met a bug of this program"} }
	bottest.Contains(t, r.types("ana", "/deploy status tangerine-1"), "⛔ *tangerine-1 is not carried on:* it met a bug of this program.\n")
}
