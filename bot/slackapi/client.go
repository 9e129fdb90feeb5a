package slackapi

import (
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// CallWithin bounds one call of Slack's API.
const CallWithin = 10 * time.Second

// A Client calls Slack's API as one app.
type Client struct {
	*slack.Client
	HTTP *http.Client // for the sockets
}

// New makes a client of the bot token (xoxb-) and the app-level token
// (xapp-). The URL ends in "/api/"; "" is slack.com.
func New(botToken, appToken deployer.Secret, url string) *Client {
	h := &http.Client{Timeout: CallWithin}
	options := []slack.Option{slack.OptionHTTPClient(h), slack.OptionAppLevelToken(string(appToken))}
	if url != "" {
		options = append(options, slack.OptionAPIURL(url))
	}
	return &Client{Client: slack.New(string(botToken), options...), HTTP: h}
}
