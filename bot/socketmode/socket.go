package socketmode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// slack-go's own Socket Mode client is not used, for what was seen of v0.34.0:
// it ends a socket the moment Slack announces a refresh, and with it the
// acknowledgements under way; it does not tell the reason, so that a switched
// off Socket Mode (link_disabled) became 51 connections in 3 s; it retries a
// missing scope for ever; and an acknowledgement that could not be written is
// an event, long after the caller was told that all went well.

// HelloWithin is how long Slack may take to greet on a new socket.
const HelloWithin = 15 * time.Second

const (
	pingEvery   = 10 * time.Second
	pongWithin  = 10 * time.Second
	writeWithin = 2 * time.Second
	lingerFor   = 30 * time.Second // of a socket that was told to go, for what is under way on it
	readMax     = 4 << 20          // bytes; a click carries the whole message
)

// An Envelope is what comes down a socket.
type Envelope struct {
	ID             string          `json:"envelope_id"`
	Type           string          `json:"type"`
	Payload        json.RawMessage `json:"payload"`
	AcceptsPayload bool            `json:"accepts_response_payload"`
	Reason         string          `json:"reason"` // of a disconnect

	Connections int `json:"num_connections"` // these are of a hello
	Info        struct {
		AppID string `json:"app_id"`
	} `json:"connection_info"`

	At     time.Time // when it came
	Socket *Socket
}

// A Socket is one open connection, from its hello on. Safe for concurrent use.
type Socket struct {
	ws     *websocket.Conn
	opened time.Time
	hello  Hello

	mu      sync.Mutex
	reason  string        // why Slack wants it to go
	leaving chan struct{} // closed when Slack wants it to go, or when it is gone
	gone    chan struct{} // closed when it is gone
}

// dial connects to the address that Slack gave and waits for the hello.
func dial(ctx context.Context, client *http.Client, address string) (*Socket, error) {
	ctx, cancel := context.WithTimeout(ctx, HelloWithin)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", withoutTicket(err))
	}
	ws.SetReadLimit(readMax)
	s := &Socket{ws: ws, opened: time.Now(), leaving: make(chan struct{}), gone: make(chan struct{})}
	e, err := s.read(ctx)
	switch {
	case err != nil:
		err = fmt.Errorf("wait for the socket's hello: %w", err)
	case e.Type == "disconnect":
		err = &disconnected{e.Reason}
	case e.Type != "hello":
		err = fmt.Errorf("wait for the socket's hello: %q came instead", e.Type)
	default:
		s.hello = Hello{e.Info.AppID, e.Connections}
		return s, nil
	}
	_ = ws.CloseNow() // nothing was begun on it
	return nil, err
}

// withoutTicket takes the address out of an error: it holds the ticket that
// lets anybody in.
func withoutTicket(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// A disconnected is Slack's own reason for a socket that may not stay.
type disconnected struct{ reason string }

func (d *disconnected) Error() string { return "Slack ended the socket: " + d.reason }

func (s *Socket) read(ctx context.Context) (Envelope, error) {
	for {
		kind, frame, err := s.ws.Read(ctx)
		if err != nil {
			return Envelope{}, err
		}
		e := Envelope{At: time.Now(), Socket: s}
		if kind == websocket.MessageText && json.Unmarshal(frame, &e) == nil {
			return e, nil
		}
	}
}

// serve hands every envelope to take, which must return at once, until the
// socket ends. It says why it ended.
func (s *Socket) serve(ctx context.Context, take func(Envelope)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var pinger sync.WaitGroup
	defer pinger.Wait()
	defer cancel(nil)
	defer s.end()
	pinger.Go(func() { cancel(s.ping(ctx)) })
	for {
		e, err := s.read(ctx)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return err
		}
		if e.Type == "disconnect" {
			s.leave(e.Reason)
			continue
		}
		take(e)
	}
}

// ping finds a dead wire: TCP alone may take minutes to notice.
func (s *Socket) ping(ctx context.Context) error {
	for slackapi.Sleep(ctx, pingEvery) {
		one, cancel := context.WithTimeout(ctx, pongWithin)
		err := s.ws.Ping(one)
		cancel()
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("no answer to a ping within %s: %w", pongWithin, err)
		}
	}
	return ctx.Err()
}

// Write sends one frame. An error means that Slack has not got it.
func (s *Socket) Write(ctx context.Context, frame []byte) error {
	select {
	case <-s.gone:
		return errors.New("the socket is closed")
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	return s.ws.Write(ctx, websocket.MessageText, frame)
}

// leave notes that Slack wants the socket to go.
func (s *Socket) leave(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == "" {
		s.reason = reason
		close(s.leaving)
	}
}

// end marks the socket as gone.
func (s *Socket) end() {
	s.leave("closed")
	close(s.gone)
	_ = s.ws.CloseNow() // it has failed, or nobody wants it any more
}

// Stays reports whether Slack still sends on it.
func (s *Socket) Stays() bool {
	select {
	case <-s.leaving:
		return false
	default:
		return true
	}
}

func (s *Socket) why() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason
}
