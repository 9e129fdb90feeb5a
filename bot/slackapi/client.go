package slackapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// CallWithin bounds one call of Slack's API.
const CallWithin = 10 * time.Second

// A Client calls Slack's API as one app. Its tokens go to the host of the API
// alone; see transport.go.
type Client struct {
	*slack.Client
	HTTP *http.Client // for the sockets
	url  string       // of the API; "" is slack.com
}

// New makes a client of the bot token (xoxb-) and the app-level token
// (xapp-). The URL is one that CheckURL takes.
func New(botToken, appToken deployer.Secret, url string) *Client {
	h := &http.Client{Timeout: CallWithin, Transport: bounded{http.DefaultTransport}, CheckRedirect: stayWithHost}
	options := []slack.Option{slack.OptionHTTPClient(h), slack.OptionAppLevelToken(string(appToken))}
	if url != "" {
		options = append(options, slack.OptionAPIURL(url))
	}
	return &Client{Client: slack.New(string(botToken), options...), HTTP: h, url: url}
}

// SocketURL asks Slack for the address of a new socket. One without TLS is
// taken of an API without TLS alone, and at its own host.
func (c *Client) SocketURL(ctx context.Context) (string, error) {
	_, address, err := c.StartSocketModeContext(ctx)
	if err != nil {
		return "", err
	}
	to, err := url.Parse(address)
	if err != nil {
		return "", errors.New("read the address of a socket: it is no URL") // an error of the parser shows it, with the ticket
	}
	api, err := url.Parse(c.url)
	if err != nil {
		return "", fmt.Errorf("read SLACK_API_URL: %w", err)
	}
	if to.Scheme == "wss" || to.Scheme == "ws" && api.Scheme == "http" && to.Host == api.Host {
		return address, nil
	}
	return "", fmt.Errorf("Slack's API gives a socket at %s://%s, where anybody on the way could read and click: it must be wss://", to.Scheme, to.Host)
}
