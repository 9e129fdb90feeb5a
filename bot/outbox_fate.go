package bot

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// A fate is what became of a call to Slack.
type fate int

const (
	taken   fate = iota
	limited      // not done; wait as long as Slack says
	absent       // not done, because Slack was not reached or has trouble; try again
	unclear      // it may have been done
	barred       // the token is refused: nothing goes until a person has acted
	never        // refused for good
)

// judge says what an error of slack-go means for a call that changes
// something, and for how long Slack wants to be left alone.
func judge(err error) (f fate, wait time.Duration) {
	if err == nil {
		return taken, 0
	}
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return limited, max(limit.RetryAfter, time.Second)
	}
	if code, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return judgeStatus(code.Code), defaultRetryAfter
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return absent, 0
	}
	word, _ := slackWord(err)
	switch word {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return limited, defaultRetryAfter
	case "": // no answer, half an answer, or none of Slack's
		return unclear, 0
	case "fatal_error", "internal_error", "request_timeout": // "may have succeeded"
		return unclear, 0
	case "service_unavailable", "team_added_to_org", "accesslimited":
		return absent, 0
	case "invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked", "token_expired", "account_inactive":
		return barred, 0
	}
	return never, 0
}

// defaultRetryAfter is for a refusal that does not say how long.
const defaultRetryAfter = 5 * time.Second

func judgeStatus(code int) fate {
	switch {
	case code == http.StatusTooManyRequests:
		return limited
	case code >= 500:
		return unclear
	}
	return absent
}

// undeliverable says to a person why a message can not be delivered to a
// channel, and what to do about it. place is the channel's name.
func undeliverable(err error, place string) string {
	if errors.Is(err, errNoChannel) {
		return "No channel is configured for " + place + "."
	}
	word, needed := slackWord(err)
	switch word {
	case "not_in_channel", "channel_not_found":
		return "I am not in the channel for " + place + ": invite me there with /invite."
	case "is_archived", "is_inactive": // the word for a post, and for an edit
		return "The channel for " + place + " is archived."
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel":
		return "Posting in the channel for " + place + " is restricted to some people: allow me to."
	case "missing_scope":
		return "The Slack app lacks the permission " + needed + ": add it and install the app again."
	case "msg_too_long", "msg_blocks_too_long":
		return "The message for " + place + " is too long for Slack."
	case "invalid_blocks", "invalid_blocks_format":
		return "Slack does not accept the form of the message for " + place + "."
	}
	return "Slack refuses the message for " + place + " (" + word + ")."
}

var errNoChannel = errors.New("the message has no channel")

// placeOf is what the procedure calls the channel of a message.
func placeOf(d deployer.Deployment, m deployer.Message) string {
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
