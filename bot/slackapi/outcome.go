package slackapi

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/slack-go/slack"
)

// ErrorDetails are Slack's own words about what is wrong with a call.
func ErrorDetails(err error) []string {
	r, _ := errors.AsType[slack.SlackErrorResponse](err)
	return r.ResponseMetadata.Messages
}

// An Outcome is what became of a call to Slack.
type Outcome int

// The outcomes.
const (
	Delivered    Outcome = iota
	RateLimited          // not done; wait as long as Slack says
	NotSent              // not done, because Slack was not reached or has trouble; try again
	Ambiguous            // it may have been done
	Unauthorized         // the token is refused: nothing goes until a person has acted
	Rejected             // refused for good
)

// OutcomeOf says what an error of slack-go means for a call that changes
// something, and for how long Slack wants to be left alone.
func OutcomeOf(err error) (f Outcome, wait time.Duration) {
	if err == nil {
		return Delivered, 0
	}
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return RateLimited, max(limit.RetryAfter, time.Second)
	}
	if code, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return outcomeOfStatus(code.Code), defaultRetryAfter
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return NotSent, 0
	}
	word, _ := ErrorCode(err)
	switch word {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return RateLimited, defaultRetryAfter
	case "": // no answer, half an answer, or none of Slack's
		return Ambiguous, 0
	case "fatal_error", "internal_error", "request_timeout": // "may have succeeded"
		return Ambiguous, 0
	case "service_unavailable", "team_added_to_org", "accesslimited":
		return NotSent, 0
	case "invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked", "token_expired", "account_inactive":
		return Unauthorized, 0
	}
	return Rejected, 0
}

// defaultRetryAfter is for a refusal that does not say how long.
const defaultRetryAfter = 5 * time.Second

func outcomeOfStatus(code int) Outcome {
	switch {
	case code == http.StatusTooManyRequests:
		return RateLimited
	case code >= 500:
		return Ambiguous
	}
	return NotSent
}

// Malformed reports whether Slack refuses what a message is made of, rather than
// where it goes. Without its blocks, people still read what it says.
func Malformed(err error) bool {
	word, _ := ErrorCode(err)
	return slices.Contains([]string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}, word)
}
