package bot

import (
	"net/http"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Client calls Slack's API as one app.
type Client struct {
	*slack.Client
	http *http.Client // for the sockets
}

// NewClient makes a client of the bot token (xoxb-) and the app-level token
// (xapp-). The URL ends in "/api/"; "" is slack.com.
func NewClient(botToken, appToken deployer.Secret, url string) *Client {
	h := &http.Client{Timeout: callWithin}
	options := []slack.Option{slack.OptionHTTPClient(h), slack.OptionAppLevelToken(string(appToken))}
	if url != "" {
		options = append(options, slack.OptionAPIURL(url))
	}
	return &Client{Client: slack.New(string(botToken), options...), http: h}
}
