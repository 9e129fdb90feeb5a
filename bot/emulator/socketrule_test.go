package emulator_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// hello's fields are those of Slack's own samples; with debug_reconnects the socket lives 360 seconds.
func TestHelloHasSlacksFields(t *testing.T) {
	w := start(t)
	for query, life := range map[string]int{"": 18060, "&debug_reconnects=true": 360} {
		_, link, err := w.api.StartSocketModeContext(w.ctx())
		w.must(err)
		c, _, err := websocket.Dial(w.ctx(), link+query, nil)
		w.must(err)
		var hello struct {
			Type  string
			Num   int `json:"num_connections"`
			Debug struct {
				Host  string
				Build int `json:"build_number"`
				Time  int `json:"approximate_connection_time"`
			} `json:"debug_info"`
			Connection struct {
				App string `json:"app_id"`
			} `json:"connection_info"`
		}
		w.must(wsjson.Read(w.ctx(), c, &hello))
		if hello.Type != "hello" || hello.Num == 0 || hello.Debug.Time != life || hello.Debug.Host == "" || hello.Debug.Build == 0 || hello.Connection.App != "A0LOCAL" {
			t.Errorf("hello with %q: %+v", query, hello)
		}
		_ = c.CloseNow()
	}
}

// A ticket opens one socket.
func TestTicketOpensOneSocket(t *testing.T) {
	w := start(t)
	_, link, err := w.api.StartSocketModeContext(w.ctx())
	w.must(err)
	c, _, err := websocket.Dial(w.ctx(), link, nil)
	w.must(err)
	defer c.CloseNow()
	if again, resp, err := websocket.Dial(w.ctx(), link, nil); err == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a ticket worked twice: %v", again)
	}
}

// pinged opens a socket that says of every ping whether it answers, and reads its hello.
func (w *fixture) pinged(answer func() bool) *websocket.Conn {
	w.t.Helper()
	c, _, err := websocket.Dial(w.ctx(), w.ticket(), &websocket.DialOptions{OnPingReceived: func(context.Context, []byte) bool { return answer() }})
	w.must(err)
	w.t.Cleanup(func() { _ = c.CloseNow() })
	w.read(c)
	return c
}

// Slack pings, so that both ends know that the wire is alive.
func TestPingsComeInTime(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.Timing.Ping = 20 * time.Millisecond })
	pings := make(chan bool)
	ended := w.pinged(func() bool { pings <- true; return true }).CloseRead(w.ctx())
	for range 3 {
		select {
		case <-pings:
		case <-ended.Done():
			t.Fatal("the socket ended without three pings")
		}
	}
	go func() {
		for range pings {
		}
	}()
	t.Cleanup(func() { w.CutSockets(); <-ended.Done(); close(pings) })
}

// A client that answers no ping is cut off, after five seconds.
func TestDeafClientIsCutOff(t *testing.T) {
	slowtest.Only(t, "a client that does not answer for seconds")
	t.Parallel()
	w := start(t, func(c *emulator.Config) { c.Timing.Ping = 20 * time.Millisecond })
	ended := w.pinged(func() bool { return false }).CloseRead(w.ctx())
	select {
	case <-ended.Done():
	case <-time.After(2 * time.Minute):
		t.Error("a client that answers no ping keeps its socket")
	}
}

func (w *fixture) ticket() string {
	w.t.Helper()
	_, link, err := w.api.StartSocketModeContext(w.ctx())
	w.must(err)
	return link
}

// An event that is never acknowledged comes four times in all: at first, and three times again. Then Slack gives up.
func TestEventsGiveUp(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.App.Events = []string{"message.channels"}
		c.Timing.EventRetry = []time.Duration{0, time.Millisecond, time.Millisecond}
		c.Timing.Ack = 50 * time.Millisecond
	})
	c := w.dial()
	w.read(c)
	_, err := w.Post("alice", deploys, "one", "")
	w.must(err)
	ids, event := map[string]bool{}, ""
	for i := range 4 {
		f := w.read(c)
		if f.Attempt != i || (f.Why == "timeout") != (i > 0) {
			t.Errorf("attempt %d: %+v", i, f)
		}
		ids[f.ID] = true
		if e := f.Payload["event_id"].(string); event == "" {
			event = e
		} else if e != event {
			t.Errorf("the event's own id changed from %s to %s", event, e)
		}
	}
	if len(ids) != 4 {
		t.Errorf("%d envelope ids", len(ids))
	}
	time.Sleep(200 * time.Millisecond) // a fifth would have come
	_, err = w.Post("alice", deploys, "two", "")
	w.must(err)
	if f := w.read(c); f.Attempt != 0 || f.Payload["event"].(o)["text"] != "two" {
		t.Errorf("after giving up: %+v", f)
	}
}

// An acknowledgement of exactly 20,480 bytes is taken.
func TestLargestAckIsTaken(t *testing.T) {
	w := start(t)
	c := w.dial()
	w.read(c)
	result := make(chan error, 1)
	go func() { result <- w.Type(w.ctx(), "alice", deploys, "/deploy", "") }()
	f := w.read(c)
	head, tail := `{"envelope_id":"`+f.ID+`","payload":{"text":"`, `"}}`
	w.must(c.Write(w.ctx(), websocket.MessageText, []byte(head+xs(20_480-len(head)-len(tail))+tail)))
	w.must(<-result)
	if n := len(w.Ephemerals("alice")); n != 1 {
		t.Errorf("%d answers are shown", n)
	}
}

// A command has three seconds, and so have clicks and forms; an acknowledgement too late changes nothing.
func TestLateAckChangesNothing(t *testing.T) {
	w := start(t, impatient)
	c := w.dial()
	w.read(c)
	result := make(chan error, 1)
	go func() { result <- w.Type(w.ctx(), "alice", deploys, "/deploy", "") }()
	f := w.read(c)
	if err := <-result; !errors.Is(err, emulator.ErrTimeout) {
		t.Errorf("the person is told %v", err)
	}
	w.must(wsjson.Write(w.ctx(), c, o{"envelope_id": f.ID, "payload": o{"text": "late"}}))
	w.must(c.Ping(c.CloseRead(w.ctx()))) // the late answer has been read by now
	for _, m := range w.Ephemerals("alice") {
		if m.Text == "late" {
			t.Error("a late answer is shown")
		}
	}
}
