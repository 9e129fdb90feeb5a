package bottest

import (
	"net/http"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// RoundTrip is a function as an http.RoundTripper.
type RoundTrip func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f RoundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// SmallWorkspace has two people and the two channels of StartOf.
func SmallWorkspace() emulator.Config {
	return emulator.Config{
		App:      emulator.App{Name: "Stationmaster", Scopes: []string{"chat:write", "channels:history", "reactions:write"}},
		Users:    []emulator.User{{ID: "UANA", Name: "ana"}, {ID: "UBOB", Name: "bob"}},
		Channels: []emulator.Channel{{ID: DeploysID, Name: "tangerine-deploys"}, {ID: ChangeID, Name: "change"}},
	}
}

// SlackOnWire is a local Slack on a wire in memory, until the test ends.
func SlackOnWire(t testing.TB, cfg emulator.Config) (*emulator.Server, *Wire) {
	s := emulator.New(cfg)
	w, hangUp := ServeOn(s.Handler())
	t.Cleanup(func() {
		s.Close()
		hangUp()
	})
	return s, w
}

// ClientOfWire calls the local Slack on a wire until the test ends.
func ClientOfWire(t testing.TB, w *Wire) *slack.Client {
	tr := w.Transport()
	t.Cleanup(tr.CloseIdleConnections)
	return ClientOn(tr)
}

// ClientOn calls the local Slack by a transport.
func ClientOn(t http.RoundTripper) *slack.Client { return ClientWith("xoxb-local", t) }

// ClientWith calls the local Slack by a transport, with the token of a bot.
func ClientWith(token string, t http.RoundTripper) *slack.Client {
	return slack.New(token, slack.OptionAPIURL(WireURL+"/api/"), slack.OptionHTTPClient(&http.Client{Transport: t}))
}
