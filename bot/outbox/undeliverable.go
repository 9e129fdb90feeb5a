package outbox

import (
	"errors"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// undeliverable says to a person why a message can not be delivered to a
// channel, and what to do about it. label is the channel's name.
func undeliverable(err error, label string) string {
	if errors.Is(err, errNoChannel) {
		return "No channel is configured for " + label + "."
	}
	code, needed := slackapi.ErrorCode(err)
	switch code {
	case "not_in_channel", "channel_not_found":
		return "I am not in the channel for " + label + ": invite me there with /invite."
	case "is_archived", "is_inactive": // the code for a post, and for an edit
		return "The channel for " + label + " is archived."
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel":
		return "Posting in the channel for " + label + " is restricted to some people: allow me to."
	case "missing_scope":
		return "The Slack app lacks the permission " + needed + ": add it and install the app again."
	case "msg_too_long", "msg_blocks_too_long":
		return "The message for " + label + " is too long for Slack."
	case "invalid_blocks", "invalid_blocks_format":
		return "Slack does not accept the form of the message for " + label + "."
	}
	return "Slack refuses the message for " + label + " (" + code + ")."
}

var errNoChannel = errors.New("the message has no channel")

// channelLabel is what the procedure calls the channel of a message.
func channelLabel(d deployer.Deployment, m deployer.Message) string {
	if name := m.ChannelName(); name != "" && d.Channels[name] == m.Channel {
		return name
	}
	for _, name := range slices.Sorted(maps.Keys(d.Channels)) {
		if d.Channels[name] == m.Channel {
			return name
		}
	}
	return "this message"
}
