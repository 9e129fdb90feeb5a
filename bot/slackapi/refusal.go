package slackapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/slack-go/slack"
)

// An AuthError means that Slack refuses a token, and that only a person can
// change that.
type AuthError struct{ Token, Word, Needed string }

func (e *AuthError) Error() string {
	what := map[string]string{
		"invalid_auth":           "it is not a token of this workspace",
		"not_authed":             "there is none",
		"not_allowed_token_type": "it is of the wrong type",
		"token_revoked":          "it was revoked",
		"token_expired":          "it has expired",
		"account_inactive":       "the app was removed, or its account is inactive",
		"missing_scope":          "it lacks the scope " + e.Needed + "; add it under OAuth & Permissions and install the app again",
	}[e.Word]
	if what == "" {
		what = "Slack says " + e.Word
	}
	return fmt.Sprintf("Slack refuses the %s: %s", e.Token, what)
}

// The names of the tokens, as the configuration calls them.
const (
	BotToken = "bot token (SLACK_BOT_TOKEN)"
	AppToken = "app-level token (SLACK_APP_TOKEN)"
)

// FinalError returns the error if trying again is of no use: Slack refuses the token,
// or it is not Slack that answers.
func FinalError(err error, token string) error {
	if code, ok := errors.AsType[slack.StatusCodeError](err); ok && code.Code == http.StatusNotFound {
		return errors.New("Slack's API is not at the address SLACK_API_URL: HTTP 404")
	}
	return refused(err, token)
}

// refused returns an *AuthError if Slack refuses the token, else nil.
func refused(err error, token string) error {
	word, needed := ErrorCode(err)
	switch word {
	case "invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked", "token_expired", "account_inactive",
		"missing_scope", "no_permission", "org_login_required", "ekm_access_denied", "team_access_not_granted":
		if token == AppToken && word == "missing_scope" && needed == "" {
			needed = "connections:write"
		}
		return &AuthError{Token: token, Word: word, Needed: strings.ReplaceAll(needed, ",", " or ")}
	}
	return nil
}

// ErrorCode is the word by which Slack refused, and the scopes it misses.
func ErrorCode(err error) (word, needed string) {
	if r, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return r.Err, r.Needed
	}
	return "", ""
}
