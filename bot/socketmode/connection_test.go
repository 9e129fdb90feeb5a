package socketmode

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/slackapi"
)

func TestWhatSlackSendsComesDownTheSocket(t *testing.T) {
	t.Parallel()
	connected(t, func(t *testing.T, f *fixture) {
		if err := f.Type(context.Background(), "ana", "tangerine-deploys", "/deploy web v2", ""); err != nil {
			t.Fatal(err)
		}
		got := f.envelopes()
		if len(got) != 1 {
			t.Fatalf("%d envelopes came", len(got))
		}
		e := got[0]
		if e.ID == "" || e.Type != "slash_commands" || !e.AcceptsPayload || !strings.Contains(string(e.Payload), "web v2") || !e.At.Equal(time.Now()) {
			t.Errorf("it is %+v with %s", e, e.Payload)
		}
		if open := f.conn.Sockets(); len(open) != 1 || open[0] != e.Socket || !open[0].Stays() {
			t.Errorf("%d sockets are open", len(open))
		}
	})
}

// Slack tells before it renews a socket: the next one is open before the old one
// goes, and what is under way on the old one can still be acknowledged there.
func TestTheNextSocketOpensBeforeTheOldOneGoes(t *testing.T) {
	t.Parallel()
	connected(t, func(t *testing.T, f *fixture) {
		old := f.conn.Sockets()[0]
		f.Disconnect("refresh_requested")
		time.Sleep(time.Second)
		open := f.conn.Sockets()
		if len(open) != 2 || !open[0].Stays() || open[1] != old || old.Stays() {
			t.Fatalf("a second later there are %d sockets", len(open))
		}
		if err := old.Write(context.Background(), []byte(`{"envelope_id":"none"}`)); err != nil {
			t.Errorf("on the old one nothing can be said: %v", err)
		}
		time.Sleep(time.Minute)
		if open := f.conn.Sockets(); len(open) != 1 || open[0] == old {
			t.Errorf("a minute later there are %d sockets", len(open))
		}
		if err := old.Write(context.Background(), nil); err == nil {
			t.Error("a frame was written to a socket that is gone")
		}
		if why := old.why(); why != "refresh_requested" {
			t.Errorf("it went because of %q", why)
		}
	})
}

func TestASocketThatWasCutIsReplacedAtOnce(t *testing.T) {
	t.Parallel()
	connected(t, func(t *testing.T, f *fixture) {
		time.Sleep(2 * steadyFor)
		f.CutSockets()
		time.Sleep(time.Second)
		if open := f.conn.Sockets(); len(open) != 1 || !open[0].Stays() {
			t.Errorf("a second later there are %d sockets", len(open))
		}
		bottest.Contains(t, f.log.String(), "socket is down", "the next try comes by itself")
	})
}

func TestSocketModeThatIsSwitchedOffIsNotStormed(t *testing.T) {
	t.Parallel()
	connected(t, func(t *testing.T, f *fixture) {
		f.DisableSocketMode(true)
		before := f.CallCount("apps.connections.open")
		time.Sleep(10 * time.Minute)
		if n := f.CallCount("apps.connections.open") - before; n < 10 || n > 20 {
			t.Errorf("%d tries in ten minutes", n)
		}
		bottest.Contains(t, f.log.String(), "Socket Mode is switched off: switch it on", "level=ERROR")
		f.DisableSocketMode(false)
		time.Sleep(2*disabledFor + time.Second)
		if open := f.conn.Sockets(); len(open) != 1 {
			t.Errorf("a minute after it was switched on there are %d sockets", len(open))
		}
	})
}

func TestARefusedTokenEndsTheConnection(t *testing.T) {
	t.Parallel()
	connected(t, func(t *testing.T, f *fixture) {
		f.Revoke("app", "invalid_auth")
		f.CutSockets()
		time.Sleep(time.Minute)
		synctest.Wait()
		select {
		case err := <-f.ended:
			if refused, ok := errors.AsType[*slackapi.AuthError](err); !ok || refused.Token != slackapi.AppToken {
				t.Errorf("Run ended with %v", err)
			}
			f.ended <- nil // for the end of the test
		default:
			t.Errorf("Run goes on:\n%s", f.log.String())
		}
	})
}

func TestTheFirstTryComesAtOnceAndTheOthersLaterAndLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		err         error
		tries       int
		least, most time.Duration
	}{
		{"the first", errors.New("cut"), 0, 0, 0},
		{"the second", errors.New("cut"), 1, 250 * time.Millisecond, 500 * time.Millisecond},
		{"the fourth", errors.New("cut"), 3, time.Second, 2 * time.Second},
		{"the hundredth", errors.New("cut"), 99, 30 * time.Second, time.Minute},
		{"Slack says when", &slack.RateLimitedError{RetryAfter: 7 * time.Second}, 99, 7 * time.Second, 7 * time.Second},
		{"it is switched off", &disconnected{"link_disabled"}, 0, disabledFor, 2 * disabledFor},
		{"too many are open", &disconnected{"too_many_websockets"}, 0, disabledFor, 2 * disabledFor},
		{"it is renewed", &disconnected{"refresh_requested"}, 0, 0, 0},
	} {
		for range 50 {
			if got := Pause(c.err, c.tries); got < c.least || got > c.most {
				t.Errorf("%s: after %s, want %s to %s", c.name, got, c.least, c.most)
				break
			}
		}
	}
}

func TestTooManySocketsNameTheLikelyCause(t *testing.T) {
	t.Parallel()
	connected(t, func(t *testing.T, f *fixture) {
		f.conn.complain(&disconnected{"too_many_websockets"}, time.Minute)
		bottest.Contains(t, f.log.String(), "does another program use its app-level token?", "level=ERROR")
	})
}
