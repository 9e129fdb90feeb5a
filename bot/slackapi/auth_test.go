package slackapi

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func TestEveryRefusedTokenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"invalid_auth":            "it is not a token of this workspace",
		"not_authed":              "there is none",
		"not_allowed_token_type":  "it is of the wrong type",
		"token_revoked":           "it was revoked",
		"token_expired":           "it has expired",
		"account_inactive":        "the app was removed, or its account is inactive",
		"missing_scope":           "it lacks the scope users:read or users:write; add it under OAuth & Permissions and install the app again",
		"no_permission":           "Slack says no_permission",
		"org_login_required":      "Slack says org_login_required",
		"ekm_access_denied":       "Slack says ekm_access_denied",
		"team_access_not_granted": "Slack says team_access_not_granted",
	} {
		err := FinalError(slack.SlackErrorResponse{Err: code, Needed: "users:read,users:write"}, BotToken)
		refused, ok := errors.AsType[*AuthError](err)
		if !ok || refused.Code != code || refused.Token != BotToken {
			t.Errorf("%s is %#v", code, err)
			continue
		}
		if got := err.Error(); got != "Slack refuses the bot token (SLACK_BOT_TOKEN): "+want {
			t.Errorf("%s reads %q, want %q", code, got, want)
		}
	}
}

func TestOnlyWhatAPersonHasToMendIsFinal(t *testing.T) {
	t.Parallel()
	for code, meaning := range codeMeanings {
		if got := FinalError(refusedWith(code), AppToken) != nil; got != meaning.final {
			t.Errorf("%s: final is %t", code, got)
		}
		if meaning.outcome == Unauthorized && !meaning.final {
			t.Errorf("%s refuses the token, and is tried again", code)
		}
	}
	for _, err := range []error{nil, io.EOF, refusedWith("channel_not_found"), slack.StatusCodeError{Code: 500}, &slack.RateLimitedError{}} {
		if got := FinalError(err, BotToken); got != nil {
			t.Errorf("%v is final: %v", err, got)
		}
	}
}

func TestAWrongAddressIsFinal(t *testing.T) {
	t.Parallel()
	err := FinalError(slack.StatusCodeError{Code: 404}, BotToken)
	if err == nil || !strings.Contains(err.Error(), "SLACK_API_URL") {
		t.Errorf("HTTP 404 is %v", err)
	}
}

// Slack does not say which scope an app-level token lacks: there is one only.
func TestAnAppTokenWithoutScopeIsToldWhichOne(t *testing.T) {
	t.Parallel()
	err := FinalError(refusedWith("missing_scope"), AppToken)
	if err == nil || !strings.Contains(err.Error(), "app-level token") || !strings.Contains(err.Error(), "the scope connections:write;") {
		t.Errorf("it is %v", err)
	}
}
