package bottest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Wire is a network in memory with one server in it. In a bubble of synctest
// waiting on it costs no time.
type Wire struct {
	calls  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// WireURL is where the server of every wire is.
const WireURL = "http://slack.test"

// ServeOn puts a handler on a wire. End it with the returned function.
func ServeOn(h http.Handler) (w *Wire, end func()) {
	w = &Wire{calls: make(chan net.Conn), closed: make(chan struct{})}
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

// Accept, Close and Addr make it a net.Listener.
func (w *Wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.calls:
		return c, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Close ends it: see Accept.
func (w *Wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

// Addr is nowhere: see Accept.
func (w *Wire) Addr() net.Addr { return nowhere{} }

type nowhere struct{}

func (nowhere) Network() string { return "memory" }

func (nowhere) String() string { return "memory" }

// Transport reaches the server, whatever the address says.
func (w *Wire) Transport() *http.Transport {
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

func (l *line) SetDeadline(t time.Time) error { return l.Conn.SetReadDeadline(t) }
