package bot

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
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
			r.begin()
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
	r := newColdFixture(t)
	var mu sync.Mutex
	var asked []string
	var wrong, altered error
	locked := func(do func()) { mu.Lock(); defer mu.Unlock(); do() }
	r.bot.Holds = func(_ context.Context, heads []string) (err error) {
		locked(func() { asked, err = heads, wrong })
		return err
	}
	r.bot.Altered = func() (err error) { locked(func() { err = altered }); return err }
	for _, payload := range []map[string]any{{"head": "1-a"}, {"head": "2-b", "signature": "S"}} {
		payload["deployment"] = "tangerine-7"
		_, _, err := r.bot.api.PostMessageContext(r.ctx(), r.ChannelID(deploys), slack.MsgOptionText("It is complete.", false),
			slack.MsgOptionMetadata(slack.SlackMetadata{EventType: outbox.EventType, EventPayload: payload}))
		r.must(err)
	}
	r.begin()
	known := func() (heads string) { locked(func() { heads = strings.Join(asked, " ") }); return heads }
	r.eventually("it was asked at the start", func() bool { return known() != "" })
	says := func() string { first, _, _ := strings.Cut(r.types("ana", "/deploy status"), "\n"); return first }
	for _, is := range []error{nil, errors.New("no record has that hash"), nil} {
		locked(func() { wrong = is })
		if err := r.bot.CheckHead(r.ctx()); !errors.Is(err, is) || !errors.Is(r.bot.Unheld(), is) {
			t.Errorf("found is %v, %v; want %v", err, r.bot.Unheld(), is)
		}
		if strings.Contains(says(), "no record has that hash") != (is != nil) {
			t.Errorf("with %v it says %s", is, says())
		}
	}
	if known() != "2-b.S 1-a" {
		t.Errorf("asked is for %q", known())
	}
	locked(func() { altered = errors.New("d/tangerine/7 is missing") })
	bottest.Contains(t, says(), "⛔ *The records are not what was written:* d/tangerine/7 is missing")
}

// A deployment that can be read and is not carried on says so above its card.
func TestStatusSaysWhatIsNotCarriedOn(t *testing.T) {
	t.Parallel()
	r := newColdFixture(t)
	var ill atomic.Bool
	r.bot.Quarantined = func() map[string]string {
		if !ill.Load() {
			return nil
		}
		return map[string]string{"tangerine-1": "it met a bug of this program"}
	}
	r.begin()
	r.types("ana", "/deploy web v2")
	r.card("Done")
	ill.Store(true)
	bottest.Contains(t, r.types("ana", "/deploy status tangerine-1"), "⛔ *tangerine-1 is not carried on:* it met a bug of this program.\n")
}
