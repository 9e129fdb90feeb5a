package channels_test

import (
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/channels"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// looked is what the look for a message finds in a channel.
func (f *fixture) looked(pattern string) deployer.Outcome {
	f.t.Helper()
	runner := channels.New(channels.Config{API: f.api, Members: func(string) []string { return nil }}).Runners()[deployer.KindAnnounce]
	o, err := runner.Follow(f.t.Context(), deployer.Intent{
		Deployment: "tangerine-1", With: deployer.Values{"unless": {Text: pattern}},
		Where: map[string]string{deployer.WhereChannel: "CDEPLOYS", deployer.WhereSince: "2000-01-01T00:00:00Z"},
	}, "", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

// says posts a message about a deployment; "": about none.
func (f *fixture) says(deployment string, content ...slack.MsgOption) {
	f.t.Helper()
	if deployment != "" {
		content = append(content, slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "stationmaster", EventPayload: map[string]any{"deployment": deployment}}))
	}
	if _, _, err := f.api.PostMessageContext(f.t.Context(), "CDEPLOYS", content...); err != nil {
		f.t.Fatal(err)
	}
}

// A message is found whoever posted it, in its text or its blocks, but for those about
// the deployment itself.
func TestAMessageIsFoundInAChannel(t *testing.T) {
	t.Parallel()
	there := func(o deployer.Outcome) bool {
		return o.Result == deployer.OK && o.Outputs[deployer.OutputThere].Flag
	}
	in(t, func(f *fixture) {
		f.says("tangerine-1", slack.MsgOptionText("the maintenance is closed", false))
		if o := f.looked("(?i)maintenance.*closed"); o.Result != deployer.OK || there(o) {
			t.Errorf("its own message is taken for another's: %+v", o)
		}
		f.says("tangerine-2", slack.MsgOptionText("The Maintenance is now closed", false))
		if o := f.looked("(?i)maintenance.*closed"); !there(o) {
			t.Errorf("another's is not found: %+v", o)
		}
		if o := f.looked("nothing like it"); o.Result != deployer.OK || there(o) {
			t.Errorf("what nobody said: %+v", o)
		}
		section := slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "lemon &amp; plum are *open*", false, false), nil, nil)
		f.says("", slack.MsgOptionText("see below", false), slack.MsgOptionBlocks(section))
		if o := f.looked(`lemon & plum are \*open\*`); !there(o) {
			t.Errorf("in a block it is not found: %+v", o)
		}
	})
}

// What stands on a later page is found; where Slack does not answer it says so.
func TestAChannelIsReadPageByPage(t *testing.T) {
	t.Parallel()
	in(t, func(f *fixture) {
		f.says("", slack.MsgOptionText("before it began", false))
		f.says("", slack.MsgOptionText("closed", false))
		for range 250 {
			if _, err := f.slack.Post("ana", "tangerine-deploys", "chat", ""); err != nil {
				t.Fatal(err)
			}
		}
		f.slack.Inject(emulator.Fault{Method: "conversations.history", Status: 503, Count: 2})
		if o := f.looked("^closed$"); o.Result != deployer.OK || !o.Outputs[deployer.OutputThere].Flag {
			t.Errorf("on the second page it is not found: %+v", o)
		}
		f.slack.Inject(emulator.Fault{Method: "conversations.history", Status: 503, Count: 3})
		if o := f.looked("closed"); o.Result != deployer.Failed || o.Why == "" {
			t.Errorf("Slack does not answer: %+v", o)
		}
		f.slack.Inject(emulator.Fault{Method: "conversations.history", Error: "missing_scope"})
		if o := f.looked("closed"); o.Result != deployer.Failed {
			t.Errorf("Slack refuses: %+v", o)
		}
	})
}
