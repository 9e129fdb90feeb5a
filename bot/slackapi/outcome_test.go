package slackapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// refusedWith is how slack-go tells of one of Slack's error codes.
func refusedWith(code string) error {
	return fmt.Errorf("post a message: %w", slack.SlackErrorResponse{Err: code})
}

// outcomes are what Slack's error codes mean, as its documentation has them.
var outcomes = map[string]Outcome{
	"ratelimited": RateLimited, "rate_limited": RateLimited, "message_limit_exceeded": RateLimited,
	"fatal_error": Ambiguous, "internal_error": Ambiguous, "request_timeout": Ambiguous,
	"service_unavailable": NotSent, "team_added_to_org": NotSent, "accesslimited": NotSent,
	"invalid_auth": Unauthorized, "not_authed": Unauthorized, "not_allowed_token_type": Unauthorized,
	"token_revoked": Unauthorized, "token_expired": Unauthorized, "account_inactive": Unauthorized,
	"missing_scope": Rejected, "no_permission": Rejected, "org_login_required": Rejected,
	"ekm_access_denied": Rejected, "team_access_not_granted": Rejected,
	"missing_argument": Rejected, "not_in_channel": Rejected, "is_inactive": Rejected, "restricted_action": Rejected, "restricted_action_read_only_channel": Rejected,
	"restricted_action_thread_only_channel": Rejected, "restricted_action_non_threadable_channel": Rejected,
	"channel_not_found": Rejected, "is_archived": Rejected, "msg_too_long": Rejected, "a_code_to_come": Rejected,
}

func TestEveryErrorCodeHasItsOutcome(t *testing.T) {
	t.Parallel()
	for code, want := range outcomes {
		wait := time.Duration(0)
		if want == RateLimited {
			wait = 5 * time.Second
		}
		if got, after := OutcomeOf(refusedWith(code)); got != want || after != wait {
			t.Errorf("%s is outcome %d, again after %s; want %d after %s", code, got, after, want, wait)
		}
	}
	for code := range codeMeanings {
		if _, ok := outcomes[code]; !ok {
			t.Errorf("no test says what %s means", code)
		}
	}
}

// What people can change back is told from what is so for good.
func TestSomeRefusalsMayPass(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"is_archived": true, "is_inactive": true, "not_in_channel": true, "channel_not_found": true, "missing_scope": true, "restricted_action": true,
		"message_not_found": false, "cant_update_message": false, "edit_window_closed": false, "msg_too_long": false, "a_code_to_come": false, "": false,
	} {
		if got := MayPass(refusedWith(code)); got != want {
			t.Errorf("%s may pass: %t", code, got)
		}
	}
}

func TestWhatIsNoErrorCodeHasItsOutcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want Outcome
		wait time.Duration
	}{
		"no error":                       {nil, Delivered, 0},
		"too soon, for half a minute":    {&slack.RateLimitedError{RetryAfter: 30 * time.Second}, RateLimited, 30 * time.Second},
		"too soon, without a time":       {fmt.Errorf("edit: %w", &slack.RateLimitedError{}), RateLimited, time.Second},
		"HTTP 429":                       {slack.StatusCodeError{Code: 429}, RateLimited, 5 * time.Second},
		"HTTP 500":                       {slack.StatusCodeError{Code: 500}, Ambiguous, 5 * time.Second},
		"HTTP 503":                       {fmt.Errorf("post: %w", slack.StatusCodeError{Code: 503}), Ambiguous, 5 * time.Second},
		"HTTP 404":                       {slack.StatusCodeError{Code: 404}, NotSent, 5 * time.Second},
		"HTTP 302":                       {slack.StatusCodeError{Code: 302}, NotSent, 5 * time.Second},
		"nobody listens":                 {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, NotSent, 0},
		"the connection broke":           {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, Ambiguous, 0},
		"the answer broke off":           {io.ErrUnexpectedEOF, Ambiguous, 0},
		"no answer in time":              {context.DeadlineExceeded, Ambiguous, 0},
		"an answer that says no more":    {slack.SlackErrorResponse{}, Ambiguous, 0},
		"an answer that is not of Slack": {errors.New("invalid character '<'"), Ambiguous, 0},
	} {
		if got, wait := OutcomeOf(c.err); got != c.want || wait != c.wait {
			t.Errorf("%s: outcome %d, again after %s; want %d after %s", name, got, wait, c.want, c.wait)
		}
	}
}

func TestErrorCodesAndDetailsAreFoundInWrappedErrors(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("post: %w", slack.SlackErrorResponse{
		Err: "missing_scope", Needed: "chat:write", ResponseMetadata: slack.ResponseMetadata{Messages: []string{"[ERROR] no blocks"}},
	})
	if code, needed := ErrorCode(err); code != "missing_scope" || needed != "chat:write" {
		t.Errorf("the code is %q and lacks %q", code, needed)
	}
	if d := ErrorDetails(err); len(d) != 1 || d[0] != "[ERROR] no blocks" {
		t.Errorf("the details are %q", d)
	}
	for _, other := range []error{nil, io.EOF, slack.StatusCodeError{Code: http.StatusTeapot}} {
		if code, needed := ErrorCode(other); code != "" || needed != "" || ErrorDetails(other) != nil {
			t.Errorf("%v has the code %q, lacks %q, and says %q", other, code, needed, ErrorDetails(other))
		}
	}
}

func TestMalformedMessagesAreToldFromOnesThatMayNotGo(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"invalid_blocks": true, "invalid_blocks_format": true, "msg_blocks_too_long": true, "msg_too_long": true,
		"channel_not_found": false, "invalid_auth": false, "": false,
	} {
		if got := Malformed(refusedWith(code)); got != want {
			t.Errorf("%q: malformed is %t", code, got)
		}
	}
	if Malformed(nil) || Malformed(io.EOF) {
		t.Error("what was not refused is malformed")
	}
}

// A new type of block comes to one workspace after the other: the refusal names it.
func TestRefusalOfABlockIsKnownByItsType(t *testing.T) {
	t.Parallel()
	said := func(code string, words ...string) error {
		return slack.SlackErrorResponse{Err: code, ResponseMetadata: slack.ResponseMetadata{Messages: words}}
	}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"by its type":          {said("invalid_blocks", "[ERROR] unsupported type: plan [json-pointer:/blocks/3/type]"), true},
		"by that of its parts": {said("invalid_blocks", "[ERROR] must be short [json-pointer:/blocks/0]", "[ERROR] unsupported type: task_card [json-pointer:/blocks/3/tasks/0/type]"), true},
		"another block":        {said("invalid_blocks", "[ERROR] unsupported type: planet [json-pointer:/blocks/3/type]"), false},
		"nothing named":        {said("invalid_blocks"), false},
		"another refusal":      {said("msg_too_long", "[ERROR] plan"), false},
		"no refusal":           {nil, false},
	} {
		if got := RefusesBlock(c.err, "plan", "task_card"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
