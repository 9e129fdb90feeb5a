package outbox

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

// A message is ours by its author, not by its content: a staging bot's message with
// all that ours say was taken for ours after an unclear post, "starting" was never
// posted, and the rollout went out unannounced.
func TestAnotherBotsMessageIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	for _, unclear := range []emulator.Fault{
		{Error: "internal_error"}, {Error: "internal_error", Taken: true}, {Error: "fatal_error"}, {Lost: true}, {Cut: true}, {Half: true},
	} {
		t.Run(fmt.Sprintf("%+v", unclear), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, withOtherApp)
				f.Store = "ours"
				p := f.open(fast)
				defer p.stop()
				s := &scenario{fixture: f}
				s.startPosted()
				s.confirm()
				f.awaitEmpty()
				payload := map[string]any{"deployment": s.id, "message": "starting", "key": "starting/deploys", "store": "ours", "installation": f.author().Installation}
				theirs := f.ofOtherApp().client()
				for range 2 { // the second one would be the twin that goes
					_, _, err := theirs.PostMessage(bottest.DeploysID, slack.MsgOptionText("staging starts", false),
						slack.MsgOptionMetadata(slack.SlackMetadata{EventType: EventType, EventPayload: payload}))
					if err != nil {
						t.Fatal(err)
					}
				}
				unclear.Method, unclear.Count = "chat.postMessage", 1
				f.slack.Inject(unclear)
				s.approve()
				s.awaitActive("rollout")
				f.awaitEmpty()
				if got := f.bySource("starting/deploys"); !maps.Equal(got, map[string]int{"A0LOCAL": 1, "A1LOCAL": 2}) {
					t.Errorf("it stands there so often: %v", got)
				}
			})
		})
	}
}

// bySource counts the messages with a key, by the app that has posted them.
func (f *fixture) bySource(key string) map[string]int {
	out := map[string]int{}
	for _, m := range f.slack.Messages(bottest.DeploysID) {
		if m.Metadata != nil && m.Metadata.EventPayload["key"] == key {
			out[m.AppID]++
		}
	}
	return out
}

// Two bots of ours in one workspace, with stores of their own, in the same channels,
// and with deployments of the same numbers: whatever becomes of their calls, each
// says what it has to say once.
func TestTwoBotsOfOursInOneChannel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				one := newFixture(t, withOtherApp)
				two := one.ofOtherApp()
				one.Store, two.Store = "one", "two"
				rng := rand.New(rand.NewPCG(seed, 16))
				for range 12 {
					unclear := []emulator.Fault{{Lost: true}, {Error: "internal_error"}, {Error: "internal_error", Taken: true}, {Half: true}}[rng.IntN(4)]
					unclear.Method, unclear.Skip = "chat.postMessage", rng.IntN(3)
					one.slack.Inject(unclear)
				}
				var both sync.WaitGroup
				for _, f := range []*fixture{one, two} {
					both.Go(func() {
						p := f.open(fast)
						defer p.stop()
						(&scenario{fixture: f}).run()
					})
				}
				both.Wait()
				oneSaid, twoSaid := one.saidBy("A0LOCAL", "one"), one.saidBy("A1LOCAL", "two")
				if diff := cmp.Diff(oneSaid, twoSaid); diff != "" || len(oneSaid) < 8 {
					t.Errorf("-one +two:\n%s%v", diff, oneSaid)
				}
			})
		})
	}
}

// saidBy are the kinds of messages that an app has posted, each of them once and for
// that store.
func (f *fixture) saidBy(app, store string) []string {
	f.T.Helper()
	var out []string
	seen, keys := map[string]bool{}, map[string]bool{}
	for _, channel := range []string{bottest.DeploysID, bottest.ChangeID} {
		for _, parent := range f.slack.Messages(channel) {
			for _, m := range append([]emulator.Message{parent}, f.slack.Thread(channel, parent.TS)...) {
				if m.AppID != app || seen[m.TS] {
					continue
				}
				payload := m.Metadata.EventPayload
				key := fmt.Sprint(payload["key"])
				if keys[key] || payload["store"] != store {
					f.T.Errorf("%s of %s is there again, or from the store %v", key, app, payload["store"])
				}
				seen[m.TS], keys[key] = true, true
				out = append(out, channel+" "+fmt.Sprint(payload["message"]))
			}
		}
	}
	slices.Sort(out)
	return out
}

// What counts as ours of what we have signed: what names our installation and our
// store, or is of a version that named less.
func TestSourceOfAMessage(t *testing.T) {
	t.Parallel()
	ours := source{"T1/B1", "s1"}
	for named, want := range map[source]bool{
		ours: true, {"T1/B1", "s2"}: false, {"T1/B2", "s1"}: false, {"T1/B1", ""}: false,
		{"", "s1"}: true, {"", ""}: true, {"", "s2"}: false,
	} {
		if got := ours.counts(named); got != want {
			t.Errorf("%+v counts: %t", named, got)
		}
	}
	for name, c := range map[string]struct {
		m    slack.Message
		want bool
	}{
		"ours":          {slack.Message{Msg: slack.Msg{BotID: "B1", BotProfile: &slack.BotProfile{AppID: "A1"}}}, true},
		"unnamed app":   {slack.Message{Msg: slack.Msg{BotID: "B1"}}, true},
		"another app":   {slack.Message{Msg: slack.Msg{BotID: "B1", BotProfile: &slack.BotProfile{AppID: "A2"}}}, false},
		"another bot":   {slack.Message{Msg: slack.Msg{BotID: "B2", BotProfile: &slack.BotProfile{AppID: "A1"}}}, false},
		"some person's": {slack.Message{Msg: slack.Msg{User: "U1"}}, false},
	} {
		if got := (Author{BotID: "B1", AppID: "A1"}).Wrote(c.m); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
