package socketmode

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// The address of a socket holds a ticket that lets anybody in.
func TestErrorsDoNotTellTheTicketOfASocket(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := dial(ctx, slackapi.New("xoxb-local", "xapp-local", "").HTTP, "ws://127.0.0.1:1/socket?ticket=secret")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}

// greeted dials a server that says so much and then is silent: it reads nothing,
// and so answers no ping.
func greeted(t *testing.T, words ...string) (*Socket, error) {
	t.Helper()
	end := make(chan struct{})
	wire, hangUp := bottest.ServeOn(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the test says what it got
		}
		for _, frame := range words {
			_ = ws.Write(r.Context(), websocket.MessageText, []byte(frame)) // likewise
		}
		<-end
		_ = ws.CloseNow() // nobody is there any more
	}))
	transport := wire.Transport()
	t.Cleanup(func() {
		close(end)
		transport.CloseIdleConnections()
		hangUp()
	})
	return dial(context.Background(), &http.Client{Transport: transport}, "ws://slack.test/socket?ticket=secret")
}

func TestASocketIsOpenFromItsHelloOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		words []string
		want  string // of the error
	}{
		"a hello":                    {[]string{`{"type":"hello"}`}, ""},
		"a hello behind noise":       {[]string{`no JSON`, `{"type":"hello"}`}, ""},
		"a disconnect":               {[]string{`{"type":"disconnect","reason":"link_disabled"}`}, "Slack ended the socket: link_disabled"},
		"an envelope before a hello": {[]string{`{"type":"events_api"}`}, `wait for the socket's hello: "events_api" came instead`},
		"nothing":                    {nil, "wait for the socket's hello"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				s, err := greeted(t, c.words...)
				switch {
				case c.want == "" && err != nil:
					t.Errorf("it is refused: %v", err)
				case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
					t.Errorf("the error is %v, want %s", err, c.want)
				}
				if took := time.Since(began); took > HelloWithin {
					t.Errorf("it took %s", took)
				}
				if s != nil {
					s.end()
				}
			})
		})
	}
}

// TCP alone may take minutes to notice that nobody is there any more.
func TestADeadWireIsFoundByPings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := greeted(t, `{"type":"hello"}`)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err = s.serve(context.Background(), func(e Envelope) { t.Errorf("%+v came", e) })
		if err == nil || !strings.Contains(err.Error(), "no answer to a ping within 10s") {
			t.Errorf("it ended with %v", err)
		}
		if took := time.Since(began); took != pingEvery+pongWithin {
			t.Errorf("it took %s", took)
		}
		if s.Stays() || s.why() != "closed" {
			t.Errorf("it stays: %t, %q", s.Stays(), s.why())
		}
	})
}

func TestASocketEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := greeted(t, `{"type":"hello"}`, `{"type":"disconnect","reason":"warning"}`, `{"type":"disconnect","reason":"refresh_requested"}`)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.serve(ctx, func(Envelope) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it ended with %v", err)
		}
		if s.why() != "warning" {
			t.Errorf("the first reason is not kept: %q", s.why())
		}
	})
}
