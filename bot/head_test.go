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
			r.bot.Holds = func(_ context.Context, heads []string) error {
				asked <- heads[0]
				if heads[0] != tc.holds {
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

// It is asked again, as every night, for all heads, the newest first; what was found
// is said until it is not so any more. So is what is wrong with the records by
// themselves.
func TestHeadsAreHeldAgain(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	for _, payload := range []map[string]any{{"head": "1-a"}, {"head": "2-b", "signature": "S"}} {
		payload["deployment"] = "tangerine-7"
		_, _, err := r.bot.api.PostMessageContext(r.ctx(), r.ChannelID(deploys), slack.MsgOptionText("It is complete.", false),
			slack.MsgOptionMetadata(slack.SlackMetadata{EventType: outbox.EventType, EventPayload: payload}))
		r.must(err)
	}
	var asked []string
	var wrong error
	r.bot.Holds = func(_ context.Context, heads []string) error { asked = heads; return wrong }
	says := func() string { first, _, _ := strings.Cut(r.types("ana", "/deploy status"), "\n"); return first }
	for _, wrong = range []error{nil, errors.New("no record has that hash"), nil} {
		if err := r.bot.CheckHead(r.ctx()); !errors.Is(err, wrong) || !errors.Is(r.bot.Unheld(), wrong) {
			t.Errorf("found is %v, %v; want %v", err, r.bot.Unheld(), wrong)
		}
		if strings.Contains(says(), "no record has that hash") != (wrong != nil) {
			t.Errorf("with %v it says %s", wrong, says())
		}
	}
	if strings.Join(asked, " ") != "2-b.S 1-a" {
		t.Errorf("asked is for %q", asked)
	}
	r.bot.Altered = func() error { return errors.New("d/tangerine/7 is missing") }
	bottest.Contains(t, says(), "⛔ *The records are not what was written:* d/tangerine/7 is missing")
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
