package slackapi

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/slack-go/slack"
)

// A codeMeaning is what one of Slack's error codes says about a call.
type codeMeaning struct {
	outcome Outcome
	final   bool   // trying again is of no use before a person has acted
	passes  bool   // it is about what people can change back, such as an archived channel: what was refused is tried again, seldom
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

	"invalid_auth":           {outcome: Unauthorized, final: true, reason: "it is not a token of this workspace"},
	"not_authed":             {outcome: Unauthorized, final: true, reason: "there is none"},
	"not_allowed_token_type": {outcome: Unauthorized, final: true, reason: "it is of the wrong type"},
	"token_revoked":          {outcome: Unauthorized, final: true, reason: "it was revoked"},
	"token_expired":          {outcome: Unauthorized, final: true, reason: "it has expired"},
	"account_inactive":       {outcome: Unauthorized, final: true, reason: "the app was removed, or its account is inactive"},

	// These refuse one method, while others may go.
	"missing_scope":           {outcome: Rejected, final: true, passes: true, reason: "it lacks the scope %s; add it under OAuth & Permissions and install the app again"},
	"no_permission":           {outcome: Rejected, final: true, passes: true},
	"org_login_required":      {outcome: Rejected, final: true, passes: true},
	"ekm_access_denied":       {outcome: Rejected, final: true, passes: true},
	"team_access_not_granted": {outcome: Rejected, final: true, passes: true},

	// A token of one workspace needs none. The argument is named by FinalError.
	"missing_argument": {outcome: Rejected, final: true, reason: "it is of a whole organization, so that Slack wants the argument %s; " +
		"install the app in one workspace, and take the token from there"},

	// These refuse one channel: the bot may be invited again, and a channel taken out of the archive.
	"channel_not_found": {outcome: Rejected, passes: true},
	"not_in_channel":    {outcome: Rejected, passes: true},
	"is_archived":       {outcome: Rejected, passes: true},
	"is_inactive":       {outcome: Rejected, passes: true}, // the same, of an edit
	"restricted_action": {outcome: Rejected, passes: true},

	"restricted_action_read_only_channel":      {outcome: Rejected, passes: true},
	"restricted_action_thread_only_channel":    {outcome: Rejected, passes: true},
	"restricted_action_non_threadable_channel": {outcome: Rejected, passes: true},
}

// ErrorCode is the code by which Slack refused, and the scopes that the token
// lacks for it; "" where it was not Slack that answered.
func ErrorCode(err error) (code, needed string) {
	r, _ := errors.AsType[slack.SlackErrorResponse](err)
	return r.Err, r.Needed
}

// MayPass reports whether Slack refuses for what people can change back, so that the
// same may be taken later.
func MayPass(err error) bool {
	code, _ := ErrorCode(err)
	return codeMeanings[code].passes
}

// ErrorDetails are Slack's own words about what is wrong with a call.
func ErrorDetails(err error) []string {
	r, _ := errors.AsType[slack.SlackErrorResponse](err)
	return r.ResponseMetadata.Messages
}

// RefusesBlock reports whether Slack refuses the blocks of a message and names one of
// these types: a new one comes to one workspace after the other.
func RefusesBlock(err error, types ...string) bool {
	if code, _ := ErrorCode(err); code != "invalid_blocks" {
		return false
	}
	return slices.ContainsFunc(ErrorDetails(err), func(said string) bool {
		words := strings.FieldsFunc(said, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
		return slices.ContainsFunc(types, func(t string) bool { return slices.Contains(words, t) })
	})
}

// Malformed reports whether Slack refuses what a message is made of, rather than
// where it goes. Without its blocks, people still read what it says.
func Malformed(err error) bool {
	code, _ := ErrorCode(err)
	return slices.Contains([]string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}, code)
}
