package channels_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/channels"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// A fixture is a System on a local Slack, over a wire in memory.
type fixture struct {
	t      *testing.T
	slack  *emulator.Server
	api    *slack.Client
	runner deployer.Runner
}

// in runs a test in a bubble of synctest.
func in(t *testing.T, do func(f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, wire := bottest.SlackOnWire(t, emulator.Config{
			Users: []emulator.User{
				{ID: "UANA", Name: "ana"}, {ID: "UBOB", Name: "bob"}, {ID: "UROSA", Name: "rosa"}, {ID: "UGONE", Name: "gone"}, {ID: "UTAM", Name: "tam"},
			},
			Channels: []emulator.Channel{
				{ID: "CDEPLOYS", Name: "tangerine-deploys"}, {ID: "COUT", Name: "outside", Members: []string{"bob"}, WithoutBot: true},
				{ID: "COLD", Name: "old", Archived: true}, {ID: "CSHARED", Name: "shared", Shared: true},
				{ID: "CHIDDEN", Name: "hidden", Private: true, WithoutBot: true},
			},
		})
		f := &fixture{t: t, slack: server, api: bottest.ClientOfWire(t, wire)}
		roles := map[string][]string{"sre": {"UBOB", "UROSA"}, "team-web": {"UROSA"}, "tam:tangerine": {"UTAM"}, "leavers": {"UGONE", "UROSA"}}
		f.runner = channels.New(channels.Config{
			API: f.api, Members: func(role string) []string { return roles[role] },
			Owner: func(service string) string { return map[string]string{"web": "team-web"}[service] },
			TAM:   func(retailer string) string { return "tam:" + retailer },
		}).Runners()["channel"]
		do(f)
	})
}

// intent wants a channel.
func intent(name string, invite ...string) deployer.Intent {
	return deployer.Intent{
		Deployment: "tangerine-1", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Step: "room", By: deployer.Actor{ID: "UANA", Name: "Ana"},
		Services: []string{"web", "api"},
		With:     deployer.Values{"name": {Text: name}, "as": {Text: "change"}, "topic": {Text: "web v2 in\ntangerine"}, "invite": {List: invite}},
	}
}

// look is what the runner finds.
func (f *fixture) look(in deployer.Intent) deployer.Observation {
	f.t.Helper()
	o, err := f.runner.Look(f.t.Context(), in)
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

// open opens it, and returns how that ended.
func (f *fixture) open(in deployer.Intent) (ref string, o deployer.Outcome) {
	f.t.Helper()
	ref, err := f.runner.Act(f.t.Context(), in)
	if err != nil {
		f.t.Fatal(err)
	}
	if o, err = f.runner.Follow(f.t.Context(), in, ref, nil); err != nil {
		f.t.Fatal(err)
	}
	return ref, o
}

// members are who is in a channel besides the bot.
func (f *fixture) members(channel string) []string {
	f.t.Helper()
	all, _, err := f.api.GetUsersInConversationContext(f.t.Context(), &slack.GetUsersInConversationParameters{ChannelID: channel})
	if err != nil {
		f.t.Fatal(err)
	}
	people := map[string]bool{}
	for _, id := range all {
		if slices.Contains([]string{"UANA", "UBOB", "UROSA", "UTAM", "UGONE"}, id) {
			people[id] = true
		}
	}
	return slices.Sorted(maps.Keys(people))
}

// A channel that is not there is created, named as Slack takes it, filled and found again.
func TestChannelIsCreated(t *testing.T) {
	t.Parallel()
	in(t, func(f *fixture) {
		want := intent("#Change CC-123", "requester", "tam", "sre", "owner", "on-call")
		if o := f.look(want); o.Kind != deployer.ObservedAbsent {
			f.t.Fatalf("before: %+v", o)
		}
		ref, o := f.open(want)
		if o.Result != deployer.OK || o.Why != "#change-cc-123 is there. Nobody is known for on-call, and so nobody of them was invited." ||
			!strings.HasPrefix(o.Outputs["url"].Text, "https://") || !strings.HasSuffix(o.Outputs["url"].Text, ".slack.com/archives/"+ref) {
			f.t.Errorf("%+v", o)
		}
		ch, err := f.api.GetConversationInfoContext(f.t.Context(), &slack.GetConversationInfoInput{ChannelID: ref})
		if err != nil || ch.Name != "change-cc-123" || ch.IsPrivate || ch.Topic.Value != "web v2 in tangerine" {
			f.t.Errorf("%+v, %v", ch, err)
		}
		if got := f.members(ref); !slices.Equal(got, []string{"UANA", "UBOB", "UROSA", "UTAM"}) {
			f.t.Errorf("in it are %v", got)
		}
		if o := f.look(want); o.Kind != deployer.ObservedPresent || o.Ref != ref {
			f.t.Errorf("after: %+v", o)
		}
		if again, _ := f.open(want); again != ref || f.slack.CallCount("conversations.create") != 1 {
			f.t.Errorf("it is %s and was %s", again, ref)
		}
	})
}

// One that is there is joined and given what is missing.
func TestChannelIsFound(t *testing.T) {
	t.Parallel()
	in(t, func(f *fixture) {
		ref, o := f.open(intent("outside", "sre"))
		if ref != "COUT" || o.Result != deployer.OK || !slices.Equal(f.members(ref), []string{"UBOB", "UROSA"}) || f.slack.CallCount("conversations.create") != 0 {
			f.t.Errorf("%s, %+v, %v", ref, o, f.members(ref))
		}
		if o := f.look(intent("outside", "sre", "tam")); o.Kind != deployer.ObservedAbsent {
			f.t.Errorf("somebody is missing: %+v", o)
		}
	})
}

// Wherever it is cut off, whoever looks again does the rest, and nothing twice.
func TestChannelIsFinishedByWhoeverComesNext(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"conversations.list", "conversations.create", "conversations.setTopic", "conversations.members", "conversations.invite"} {
		for how, fault := range map[string]emulator.Fault{"cut": {Cut: true}, "lost": {Lost: true}, "unclear": {Error: "fatal_error", Taken: true}} {
			in(t, func(f *fixture) {
				want := intent("change", "sre")
				fault.Method = method
				f.slack.Inject(fault)
				if _, err := f.runner.Act(f.t.Context(), want); err == nil {
					f.t.Errorf("%s %s: it went well", method, how)
				}
				time.Sleep(time.Minute)
				o := f.look(want)
				ref := o.Ref
				if o.Kind == deployer.ObservedAbsent {
					ref, _ = f.open(want)
				}
				if got := f.members(ref); !slices.Equal(got, []string{"UBOB", "UROSA"}) {
					f.t.Errorf("%s %s: in it are %v", method, how, got)
				}
				if o := f.look(want); o.Kind != deployer.ObservedPresent {
					f.t.Errorf("%s %s: %+v", method, how, o)
				}
			})
		}
	}
}

// What Slack refuses for good fails in words, with its name, and a person may have it
// tried again.
func TestChannelThatSlackRefusesIsDenied(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, method, code, why string }{
		{"old", "", "", "#old is archived. Take it out of the archive, or have the step name another."},
		{"shared", "", "", "#shared is shared with another organization, which would read along. Have the step name another."},
		{"hidden", "", "", "There is a channel #hidden that the bot can't see. Invite the bot there and make it public, or have the step name another."},
		{"---", "", "", "#--- can't be the name of a channel: Slack says invalid_name_punctuation."},
		{"change", "conversations.create", "restricted_action", "This workspace does not let the bot do that with #change: its settings say who may create channels, and who may invite."},
		{"change", "conversations.create", "too_many_convos_for_team", "Slack does not let the bot have #change: it says too_many_convos_for_team."},
		{"change", "conversations.invite", "restricted_action", "This workspace does not let the bot do that with #change: its settings say who may create channels, and who may invite."},
	} {
		in(t, func(f *fixture) {
			if c.method != "" {
				f.slack.Inject(emulator.Fault{Method: c.method, Error: c.code})
			}
			ref, o := f.open(intent(c.name, "sre"))
			if o.Result != deployer.Failed || o.Kind != "denied" || o.Why != c.why {
				f.t.Errorf("%s %s: %s, %+v", c.name, c.code, ref, o)
			}
		})
	}
}

// Somebody who can't be invited keeps nobody else out.
func TestWhoCanNotBeInvitedIsLeftOut(t *testing.T) {
	t.Parallel()
	in(t, func(f *fixture) {
		if err := f.slack.DeactivateUser("gone", true); err != nil {
			f.t.Fatal(err)
		}
		ref, o := f.open(intent("change", "leavers", "sre"))
		if o.Result != deployer.OK || !slices.Equal(f.members(ref), []string{"UBOB", "UROSA"}) {
			f.t.Errorf("%+v, %v", o, f.members(ref))
		}
	})
}

// Without its scopes the bot says which it lacks.
func TestChannelWithoutScopesSaysWhich(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, wire := bottest.SlackOnWire(t, emulator.Config{App: emulator.App{Scopes: []string{"channels:read"}}})
		runner := channels.New(channels.Config{API: bottest.ClientOfWire(t, wire), Members: func(string) []string { return nil }}).Runners()["channel"]
		ref, err := runner.Act(t.Context(), intent("change"))
		if err != nil || !strings.HasPrefix(ref, "denied: The bot lacks the scope channels:manage") {
			t.Errorf("%s, %v", ref, err)
		}
	})
}

// A name that somebody else takes at the same moment is the channel that is found then.
func TestChannelThatSomebodyElseCreatesIsFound(t *testing.T) {
	t.Parallel()
	in(t, func(f *fixture) {
		f.slack.Inject(emulator.Fault{Method: "conversations.create", Error: "name_taken", Taken: true})
		ref, o := f.open(intent("change"))
		if o.Result != deployer.OK || !strings.HasPrefix(ref, "C") {
			f.t.Errorf("%s, %+v", ref, o)
		}
	})
}

// Slack that is away is no answer.
func TestSlackThatIsAwayIsNoAnswer(t *testing.T) {
	t.Parallel()
	in(t, func(f *fixture) {
		f.slack.Inject(emulator.Fault{Method: "*", Status: 503, Count: 1 << 10})
		var r *deployer.Refusal
		if _, err := f.runner.Look(f.t.Context(), intent("change")); err == nil || errors.As(err, &r) {
			f.t.Errorf("looked: %v", err)
		}
		if ref, err := f.runner.Act(f.t.Context(), intent("change")); err == nil {
			f.t.Errorf("acted: %s", ref)
		}
		if _, err := f.runner.Follow(f.t.Context(), intent("change"), "C1", nil); err == nil {
			f.t.Error("followed")
		}
	})
}
