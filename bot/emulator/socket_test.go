package emulator_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// tally counts envelopes by id and by socket.
type tally struct {
	mu       sync.Mutex
	envelope map[string]int
	socket   map[*socketmode.Client]int
	triggers map[string]int
}

func newTally() *tally {
	return &tally{envelope: map[string]int{}, socket: map[*socketmode.Client]int{}, triggers: map[string]int{}}
}

func (y *tally) handle(c *socketmode.Client, e socketmode.Event) {
	y.mu.Lock()
	y.envelope[e.Request.EnvelopeID]++
	y.socket[c]++
	if cmd, ok := e.Data.(slack.SlashCommand); ok {
		y.triggers[cmd.TriggerID]++
	}
	y.mu.Unlock()
	ack(c, e)
}

func (y *tally) total() (n int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, k := range y.envelope {
		n += k
	}
	return n
}

// eventually waits for something that leaves no trace in messages or views.
func (w *fixture) eventually(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("never: %s", what)
		}
	}
}

func TestSeveralSocketsShareEnvelopes(t *testing.T) {
	w := start(t)
	y := newTally()
	for range 3 {
		w.app(y.handle)
	}
	for range 60 {
		w.must(w.Type(w.ctx(), "alice", deploys, "/deploy web v1", ""))
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	if len(y.socket) != 3 || len(y.envelope) != 60 {
		t.Errorf("%d sockets took %d envelopes", len(y.socket), len(y.envelope))
	}
}

// A command delivered up to three times, under one id or under new ones (bolt-js 2188, 2487).
func TestRedeliveryComesUnderOldOrNewIDs(t *testing.T) {
	for _, newID := range []bool{false, true} {
		w := start(t)
		y := newTally()
		w.app(y.handle)
		w.app(y.handle)
		w.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Type: "slash_commands", Copies: 2, NewID: newID})
		w.must(w.Type(w.ctx(), "alice", deploys, "/deploy web v1", ""))
		w.eventually("three deliveries", func() bool { return y.total() == 3 })
		want := 1
		if newID {
			want = 3
		}
		if len(y.envelope) != want || len(y.triggers) != 1 {
			t.Errorf("new ids %v: %d envelope ids, %d triggers", newID, len(y.envelope), len(y.triggers))
		}
	}
}

// An acknowledgement lost with its socket, and an envelope cut in the middle: the person is told of the time-out, the
// client connects again, and a copy arrives late where Slack sends one.
func TestSocketCutsLoseAcknowledgements(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{emulator.CutOnAck, emulator.CutInEnvelope, emulator.SwallowEnvelope} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel() // the copies come long after the time-out
			w := start(t, impatient)
			y := newTally()
			w.app(y.handle)
			first := w.Sockets()[0].ID
			w.InjectSocket(emulator.SocketFault{Kind: kind, Copies: 1, After: 3 * time.Second})
			if err := w.Type(w.ctx(), "alice", deploys, "/deploy web v1", ""); !errors.Is(err, emulator.ErrTimeout) {
				t.Errorf("the person is told %v", err)
			}
			seen := 1
			if kind == emulator.CutOnAck {
				seen = 2
			}
			w.eventually("the late copy", func() bool { return y.total() == seen })
			if len(y.envelope) != 1 {
				t.Errorf("%d envelope ids", len(y.envelope))
			}
			if again := w.Sockets(); kind != emulator.SwallowEnvelope && (len(again) != 1 || again[0].ID == first) {
				t.Errorf("sockets after the cut: %v", again)
			}
			e := w.Ephemerals("alice")
			if len(e) != 1 || e[0].Error != "operation_timeout" || !strings.Contains(e[0].Text, "/deploy failed") {
				t.Errorf("note by Slackbot: %+v", e)
			}
		})
	}
}

func TestWithoutASocketDispatchFails(t *testing.T) {
	w := start(t)
	if err := w.Type(w.ctx(), "alice", deploys, "/deploy web v1", ""); !errors.Is(err, emulator.ErrNoSocket) {
		t.Errorf("got %v", err)
	}
	if e := w.Ephemerals("alice"); len(e) != 1 || e[0].Error != "dispatch_failed" {
		t.Errorf("note by Slackbot: %+v", e)
	}
	if err := w.Type(w.ctx(), "alice", deploys, "/nope", ""); !strings.Contains(err.Error(), "not a valid command") {
		t.Errorf("unknown command: %v", err)
	}
}

func TestHoldDelaysEnvelopes(t *testing.T) {
	w := start(t, impatient)
	y := newTally()
	w.app(y.handle)
	w.Hold()
	if err := w.Type(w.ctx(), "alice", deploys, "/deploy web v1", ""); !errors.Is(err, emulator.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	if y.total() != 0 {
		t.Error("a held envelope arrived")
	}
	w.Release()
	w.eventually("the held envelope", func() bool { return y.total() == 1 })
}

// dial opens a socket by hand.
func (w *fixture) dial() *websocket.Conn {
	w.t.Helper()
	_, link, err := w.api.StartSocketModeContext(w.ctx())
	w.must(err)
	c, _, err := websocket.Dial(w.ctx(), link, nil)
	w.must(err)
	w.t.Cleanup(func() { _ = c.CloseNow() })
	return c
}

type frame struct {
	Type       string
	Reason     string
	ID         string `json:"envelope_id"`
	Num        int    `json:"num_connections"`
	Answers    bool   `json:"accepts_response_payload"`
	Attempt    int    `json:"retry_attempt"`
	Why        string `json:"retry_reason"`
	Connection struct {
		App string `json:"app_id"`
	} `json:"connection_info"`
	Debug struct {
		Time int `json:"approximate_connection_time"`
	} `json:"debug_info"`
	Payload map[string]any
}

func (w *fixture) read(c *websocket.Conn) frame {
	w.t.Helper()
	var f frame
	w.must(wsjson.Read(w.ctx(), c, &f))
	return f
}

func TestHelloCountsSocketsUpToTheLimit(t *testing.T) {
	w := start(t)
	for i := range 10 {
		f := w.read(w.dial())
		if f.Type != "hello" || f.Num != i+1 || f.Connection.App != "A0LOCAL" || f.Debug.Time != 18060 {
			t.Fatalf("hello %d: %+v", i, f)
		}
	}
	if f := w.read(w.dial()); f.Type != "disconnect" || f.Reason != "too_many_websockets" {
		t.Errorf("eleventh socket: %+v", f)
	}
	if _, _, err := websocket.Dial(w.ctx(), "ws"+strings.TrimPrefix(w.url, "http")+"/socket?ticket=forged", nil); err == nil {
		t.Error("a forged ticket was let in")
	}
}

// An acknowledgement over 20,480 bytes is dropped in silence, and the command comes again.
func TestOversizedAckIsDropped(t *testing.T) {
	w := start(t)
	c := w.dial()
	w.read(c)
	result := make(chan error, 1)
	go func() { result <- w.Type(w.ctx(), "alice", deploys, "/deploy", "") }()
	f := w.read(c)
	if f.Type != "slash_commands" || !f.Answers {
		t.Fatalf("envelope: %+v", f)
	}
	big := map[string]any{"envelope_id": f.ID, "payload": map[string]any{"text": strings.Repeat("x", 21_000)}}
	w.must(wsjson.Write(w.ctx(), c, big))
	again := w.read(c)
	if again.ID != f.ID {
		t.Errorf("came again as %s, was %s", again.ID, f.ID)
	}
	w.must(wsjson.Write(w.ctx(), c, map[string]any{"envelope_id": again.ID}))
	w.must(<-result)
	if len(w.Ephemerals("alice")) != 0 {
		t.Error("an oversized answer was shown")
	}
}

func TestDisconnectsEndSockets(t *testing.T) {
	w := start(t)
	a, b := w.dial(), w.dial()
	w.read(a)
	w.read(b)
	w.Disconnect("warning")
	if f := w.read(a); f.Reason != "warning" {
		t.Errorf("got %+v", f)
	}
	if len(w.Sockets()) != 2 {
		t.Error("a warning ended a socket")
	}
	w.Disconnect("refresh_requested")
	if f := w.read(a); f.Reason != "refresh_requested" {
		t.Errorf("got %+v", f)
	}
	if len(w.Sockets()) != 0 {
		t.Error("envelopes still go to sockets that must refresh")
	}
	w.DisableSocketMode(true)
	if f := w.read(w.dial()); f.Reason != "link_disabled" {
		t.Errorf("socket while Socket Mode is off: %+v", f)
	}
	w.DisableSocketMode(false)
	if f := w.read(w.dial()); f.Type != "hello" {
		t.Errorf("socket when it is on again: %+v", f)
	}
}

// Events come again until they are acknowledged, with the attempt and the reason.
func TestEventsComeAgainUntilAcknowledged(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.App.Events = []string{"message.channels", "app_mention"}
		c.Timing.EventRetry = []time.Duration{0, 10 * time.Millisecond}
		c.Timing.Ack = 300 * time.Millisecond
	})
	c := w.dial()
	w.read(c)
	_, err := w.Post("alice", deploys, "a < b", "")
	w.must(err)
	for i := range 3 {
		f := w.read(c)
		e := f.Payload["event"].(map[string]any)
		if f.Type != "events_api" || f.Attempt != i || (f.Why == "timeout") != (i > 0) || e["text"] != "a &lt; b" {
			t.Errorf("attempt %d: %+v", i, f)
		}
	}
}

func TestMentionIsTwoEvents(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.App.Events = []string{"message.channels", "app_mention"} })
	c := w.dial()
	w.read(c)
	_, err := w.Post("alice", deploys, "hi @stationmaster", "")
	w.must(err)
	kinds := map[any]bool{}
	for range 2 {
		f := w.read(c)
		kinds[f.Payload["event"].(map[string]any)["type"]] = true
		w.must(wsjson.Write(w.ctx(), c, map[string]any{"envelope_id": f.ID}))
	}
	if !kinds["message"] || !kinds["app_mention"] {
		t.Errorf("a mention sent %v", kinds)
	}
}

// A socket's life ends as Slack ends it: hello says how long, a warning comes ahead, then the request to refresh.
func TestSocketLifeEndsWithAWarning(t *testing.T) {
	w := start(t, func(c *emulator.Config) {
		c.Timing.Connection, c.Timing.Ping = 300*time.Millisecond, 20*time.Millisecond
	})
	c := w.dial()
	for _, want := range []string{"hello", "warning", "refresh_requested"} {
		if f := w.read(c); f.Type != want && f.Reason != want {
			t.Errorf("got %+v, want %s", f, want)
		}
	}
	if _, _, err := c.Read(w.ctx()); err == nil {
		t.Error("the socket did not end")
	}
}

// slack-go reconnects without a word from its user after a disconnect, and finds envelopes on the new socket.
func TestReconnectFindsEnvelopesOnTheNewSocket(t *testing.T) {
	w := start(t)
	y := newTally()
	w.app(y.handle)
	old := w.Sockets()[0].ID
	w.Disconnect("refresh_requested")
	w.eventually("a new socket", func() bool { s := w.Sockets(); return len(s) == 1 && s[0].ID != old })
	w.must(w.Type(w.ctx(), "alice", deploys, "/deploy", ""))
	w.eventually("the command", func() bool { return y.total() == 1 })
}
