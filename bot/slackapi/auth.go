package slackapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/slack-go/slack"
)

// The names of the tokens, as the configuration calls them.
const (
	BotToken = "bot token (SLACK_BOT_TOKEN)"
	AppToken = "app-level token (SLACK_APP_TOKEN)"
)

// An AuthError means that Slack refuses a token, and that only a person can
// change that.
type AuthError struct {
	Token  string // BotToken or AppToken
	Code   string // Slack's error code
	Needed string // the scopes that it lacks, or the argument
}

func (e *AuthError) Error() string {
	reason := codeMeanings[e.Code].reason
	switch {
	case reason == "":
		reason = "Slack says " + e.Code
	case strings.Contains(reason, "%s"):
		reason = fmt.Sprintf(reason, e.Needed)
	}
	return fmt.Sprintf("Slack refuses the %s: %s", e.Token, reason)
}

// missingArgument is the argument that a call lacks. What we leave out is the
// workspace's id, which only a token of several needs.
func missingArgument(err error) string {
	for _, words := range ErrorDetails(err) {
		if _, name, ok := strings.Cut(words, "missing required field: "); ok {
			return name
		}
	}
	return "team_id"
}

// FinalError returns the error if trying again is of no use: Slack refuses the token,
// or it is not Slack that answers. Else it is nil.
func FinalError(err error, token string) error {
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok && status.Code == http.StatusNotFound {
		return errors.New("Slack's API is not at the address SLACK_API_URL: HTTP 404")
	}
	code, needed := ErrorCode(err)
	if !codeMeanings[code].final {
		return nil
	}
	switch {
	case code == "missing_argument":
		needed = missingArgument(err)
	case token == AppToken && code == "missing_scope" && needed == "":
		needed = "connections:write"
	}
	return &AuthError{Token: token, Code: code, Needed: strings.ReplaceAll(needed, ",", " or ")}
}
