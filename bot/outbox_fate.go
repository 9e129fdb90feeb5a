package bot

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// An outcome is what became of a call to Slack.
type outcome int

const (
	delivered    outcome = iota
	rateLimited          // not done; wait as long as Slack says
	notSent              // not done, because Slack was not reached or has trouble; try again
	ambiguous            // it may have been done
	unauthorized         // the token is refused: nothing goes until a person has acted
	rejected             // refused for good
)

// outcomeOf says what an error of slack-go means for a call that changes
// something, and for how long Slack wants to be left alone.
func outcomeOf(err error) (f outcome, wait time.Duration) {
	if err == nil {
		return delivered, 0
	}
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return rateLimited, max(limit.RetryAfter, time.Second)
	}
	if code, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return outcomeOfStatus(code.Code), defaultRetryAfter
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return notSent, 0
	}
	word, _ := errorCode(err)
	switch word {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return rateLimited, defaultRetryAfter
	case "": // no answer, half an answer, or none of Slack's
		return ambiguous, 0
	case "fatal_error", "internal_error", "request_timeout": // "may have succeeded"
		return ambiguous, 0
	case "service_unavailable", "team_added_to_org", "accesslimited":
		return notSent, 0
	case "invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked", "token_expired", "account_inactive":
		return unauthorized, 0
	}
	return rejected, 0
}

// defaultRetryAfter is for a refusal that does not say how long.
const defaultRetryAfter = 5 * time.Second

func outcomeOfStatus(code int) outcome {
	switch {
	case code == http.StatusTooManyRequests:
		return rateLimited
	case code >= 500:
		return ambiguous
	}
	return notSent
}

// undeliverable says to a person why a message can not be delivered to a
// channel, and what to do about it. place is the channel's name.
func undeliverable(err error, place string) string {
	if errors.Is(err, errNoChannel) {
		return "No channel is configured for " + place + "."
	}
	word, needed := errorCode(err)
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

// channelLabel is what the procedure calls the channel of a message.
func channelLabel(d deployer.Deployment, m deployer.Message) string {
	if name := m.DedupKey[strings.LastIndex(m.DedupKey, "/")+1:]; name != "" && d.Channels[name] == m.Channel {
		return name
	}
	for _, name := range slices.Sorted(maps.Keys(d.Channels)) {
		if d.Channels[name] == m.Channel {
			return name
		}
	}
	return "this message"
}
