package bottest

import (
	"net/http"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

type RoundTrip func(*http.Request) (*http.Response, error)

func (f RoundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// SmallWorkspace has two people and the two channels of startOf.
func SmallWorkspace() emulator.Config {
	return emulator.Config{
		App:      emulator.App{Name: "Stationmaster", Scopes: []string{"chat:write", "channels:history"}},
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

func ClientOn(t http.RoundTripper) *slack.Client {
	return slack.New("xoxb-local", slack.OptionAPIURL(WireURL+"/api/"), slack.OptionHTTPClient(&http.Client{Transport: t}))
}
