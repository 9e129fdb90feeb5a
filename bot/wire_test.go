package bot

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

// A wire is a network in memory with one server in it. In a bubble of synctest
// waiting on it costs no time.
type wire struct {
	calls  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// wireURL is where the server of every wire is.
const wireURL = "http://slack.test"

// serveOn puts a handler on a wire. End it with the returned function.
func serveOn(h http.Handler) (w *wire, end func()) {
	w = &wire{calls: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)} // cuts are wanted here
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(w) // it ends with Close
	}()
	return w, func() {
		_ = server.Close()
		<-done
	}
}

func (w *wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.calls:
		return c, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

func (w *wire) Addr() net.Addr { return nowhere{} }

type nowhere struct{}

func (nowhere) Network() string { return "memory" }
func (nowhere) String() string  { return "memory" }

// transport reaches the server, whatever the address says.
func (w *wire) transport() *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		here, there := net.Pipe()
		select {
		case w.calls <- buffered(there):
			return buffered(here), nil
		case <-w.closed:
		case <-ctx.Done():
		}
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: net.ErrClosed}
	}}
}

// A line is one end of a connection that takes what is written before somebody
// reads it, as TCP does: two sides that write at once must not wait for each
// other.
type line struct {
	net.Conn
	mu     sync.Mutex
	queue  [][]byte
	closed bool
	wake   chan struct{}
}

func buffered(c net.Conn) *line {
	l := &line{Conn: c, wake: make(chan struct{}, 1)}
	go l.send()
	return l
}

// send brings what was written to the other side, also after Close, for a
// while.
func (l *line) send() {
	defer l.Conn.Close()
	for range l.wake {
		l.mu.Lock()
		queue, closed := l.queue, l.closed
		l.queue = nil
		l.mu.Unlock()
		for _, b := range queue {
			if _, err := l.Conn.Write(b); err != nil {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.closed = true
				return
			}
		}
		if closed {
			return
		}
	}
}

func (l *line) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, net.ErrClosed
	}
	l.queue = append(l.queue, bytes.Clone(b))
	l.ring()
	return len(b), nil
}

func (l *line) ring() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *line) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.ring()
	// Whoever reads here is told at once.
	return errors.Join(l.Conn.SetReadDeadline(time.Unix(1, 0)), l.Conn.SetWriteDeadline(time.Now().Add(time.Second)))
}

func (l *line) SetWriteDeadline(time.Time) error { return nil } // a write never waits
func (l *line) SetDeadline(t time.Time) error    { return l.Conn.SetReadDeadline(t) }

// bubble runs a bot against a local Slack where time passes by itself.
func bubble(t *testing.T, do func(t *testing.T, s *emulator.Server, b *Bot)) {
	synctest.Test(t, func(t *testing.T) {
		slackd := emulator.New(workspace())
		w, end := serveOn(slackd.Handler())
		cfg := settings()
		cfg.Log = slog.New(slog.DiscardHandler)
		book := newLedger()
		client := NewClient(localTokens[0], localTokens[1], wireURL+"/api/")
		client.http.Transport = w.transport()
		b := botOn(client, cfg, book, &cluster{}, tuning{})
		book.People = b.people
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx) }()
		defer func() {
			stop()
			if err := <-done; err != nil {
				t.Errorf("Run ended with %v", err)
			}
			client.http.CloseIdleConnections()
			slackd.Close()
			end()
		}()
		time.Sleep(time.Minute) // both sockets are open
		do(t, slackd, b)
	})
}

// smallWorkspace has two people and the two channels of startOf.
func smallWorkspace() emulator.Config {
	return emulator.Config{
		App:      emulator.App{Name: "Stationmaster", Scopes: []string{"chat:write", "channels:history"}},
		Users:    []emulator.User{{ID: "UANA", Name: "ana"}, {ID: "UBOB", Name: "bob"}},
		Channels: []emulator.Channel{{ID: deploysID, Name: "tangerine-deploys"}, {ID: changeID, Name: "change"}},
	}
}

// slackOnWire is a local Slack on a wire in memory, until the test ends.
func slackOnWire(t testing.TB, cfg emulator.Config) (*emulator.Server, *wire) {
	s := emulator.New(cfg)
	w, hangUp := serveOn(s.Handler())
	t.Cleanup(func() {
		s.Close()
		hangUp()
	})
	return s, w
}

// clientOfWire calls the local Slack on a wire until the test ends.
func clientOfWire(t testing.TB, w *wire) *slack.Client {
	tr := w.transport()
	t.Cleanup(tr.CloseIdleConnections)
	return clientOn(tr)
}

func clientOn(t http.RoundTripper) *slack.Client {
	return slack.New("xoxb-local", slack.OptionAPIURL(wireURL+"/api/"), slack.OptionHTTPClient(&http.Client{Transport: t}))
}
