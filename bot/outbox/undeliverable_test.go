package outbox

import (
	"errors"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// Whatever Slack's reason, a person reads which channel it is and what to do.
func TestReasonNamesTheChannelAndWhatToDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{errNoChannel, "No channel is configured for change."},
		{slack.SlackErrorResponse{Err: "channel_not_found"}, "I am not in the channel for change: invite me there with /invite."},
		{slack.SlackErrorResponse{Err: "missing_scope"}, "The Slack app lacks the permission "},
		{slack.SlackErrorResponse{Err: "invalid_blocks"}, "Slack does not accept the form of the message for change."},
		{slack.SlackErrorResponse{Err: "new_reason"}, "Slack refuses the message for change (new_reason)."},
		{errors.New("something else"), "Slack refuses the message for change ("},
	} {
		if got := undeliverable(c.err, "change"); !strings.HasPrefix(got, c.want) {
			t.Errorf("of %v it says %q, want %q", c.err, got, c.want)
		}
	}
}

func TestChannelIsCalledWhatTheProcedureCallsIt(t *testing.T) {
	t.Parallel()
	d := deployer.Deployment{Channels: map[string]string{"change": "C1", "deploys": "C2"}}
	for channel, want := range map[string]string{"C1": "change", "C2": "deploys", "C3": "this message"} {
		if got := channelLabel(d, deployer.Message{Kind: deployer.MessageCard, Channel: channel}); got != want {
			t.Errorf("%s is called %q, want %q", channel, got, want)
		}
	}
}
