package slackapi

import (
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/slack-go/slack"
)

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

// defaultRetryAfter is for a refusal that does not say how long.
const defaultRetryAfter = 5 * time.Second

// OutcomeOf says what an error of slack-go means for a call that changes
// something, and for how long Slack wants to be left alone.
func OutcomeOf(err error) (o Outcome, wait time.Duration) {
	if err == nil {
		return Delivered, 0
	}
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return RateLimited, max(limit.RetryAfter, time.Second)
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return outcomeOfStatus(status.Code), defaultRetryAfter
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return NotSent, 0
	}
	if _, ok := errors.AsType[*redirectError](err); ok {
		return NotSent, 0
	}
	code, _ := ErrorCode(err)
	if code == "" { // no answer, half an answer, or none of Slack's
		return Ambiguous, 0
	}
	meaning, known := codeMeanings[code]
	switch {
	case !known:
		return Rejected, 0
	case meaning.outcome == RateLimited:
		return RateLimited, defaultRetryAfter
	}
	return meaning.outcome, 0
}

func outcomeOfStatus(code int) Outcome {
	switch {
	case code == http.StatusTooManyRequests:
		return RateLimited
	case code >= 500:
		return Ambiguous
	}
	return NotSent
}
