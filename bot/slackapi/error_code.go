package slackapi

import (
	"errors"
	"slices"

	"github.com/slack-go/slack"
)

// A codeMeaning is what one of Slack's error codes says about a call.
type codeMeaning struct {
	outcome Outcome
	final   bool   // trying again is of no use before a person has acted
	reason  string // why the token is refused, for whoever has to act; "" is the code itself
}

// codeMeanings are the error codes that mean something else than "refused for
// good". A new one is a line here.
// https://docs.slack.dev/reference/methods lists them by method.
var codeMeanings = map[string]codeMeaning{
	"ratelimited":            {outcome: RateLimited},
	"rate_limited":           {outcome: RateLimited},
	"message_limit_exceeded": {outcome: RateLimited},

	"fatal_error":     {outcome: Ambiguous}, // "it's possible some aspect of the operation succeeded"
	"internal_error":  {outcome: Ambiguous}, // likewise
	"request_timeout": {outcome: Ambiguous},

	"service_unavailable": {outcome: NotSent},
	"team_added_to_org":   {outcome: NotSent}, // for the minutes that it takes
	"accesslimited":       {outcome: NotSent},

	"invalid_auth":           {Unauthorized, true, "it is not a token of this workspace"},
	"not_authed":             {Unauthorized, true, "there is none"},
	"not_allowed_token_type": {Unauthorized, true, "it is of the wrong type"},
	"token_revoked":          {Unauthorized, true, "it was revoked"},
	"token_expired":          {Unauthorized, true, "it has expired"},
	"account_inactive":       {Unauthorized, true, "the app was removed, or its account is inactive"},

	// These refuse one method, while others may go.
	"missing_scope":           {Rejected, true, "it lacks the scope %s; add it under OAuth & Permissions and install the app again"},
	"no_permission":           {outcome: Rejected, final: true},
	"org_login_required":      {outcome: Rejected, final: true},
	"ekm_access_denied":       {outcome: Rejected, final: true},
	"team_access_not_granted": {outcome: Rejected, final: true},
}

// ErrorCode is the code by which Slack refused, and the scopes that the token
// lacks for it; "" where it was not Slack that answered.
func ErrorCode(err error) (code, needed string) {
	r, _ := errors.AsType[slack.SlackErrorResponse](err)
	return r.Err, r.Needed
}

// ErrorDetails are Slack's own words about what is wrong with a call.
func ErrorDetails(err error) []string {
	r, _ := errors.AsType[slack.SlackErrorResponse](err)
	return r.ResponseMetadata.Messages
}

// Malformed reports whether Slack refuses what a message is made of, rather than
// where it goes. Without its blocks, people still read what it says.
func Malformed(err error) bool {
	code, _ := ErrorCode(err)
	return slices.Contains([]string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}, code)
}
