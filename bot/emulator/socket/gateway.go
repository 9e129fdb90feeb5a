package socket

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/stationmaster/stationmaster/bot/emulator/background"
	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

const (
	socketsMax = 10          // of one app, open at once
	ticketLife = time.Minute // of a ticket that nobody uses
)

// Gateway is Socket Mode: it holds the apps' sockets and hands each envelope to any one of its app's.
type Gateway struct {
	cfg   workspace.Config
	fault *fault.Queue

	mu         sync.Mutex
	tickets    map[string]ticket
	conns      []*conn
	pending    map[string]*delivery // by envelope id
	holding    chan struct{}        // closed on release; nil while envelopes flow
	disabled   bool
	arrived    chan struct{}
	opened     int
	background *background.Group
}

// Info describes one open socket.
type Info struct {
	ID     string    `json:"id"`
	Opened time.Time `json:"opened"`
}

// New makes a gateway without sockets. Its goroutines run in work.
func New(cfg workspace.Config, f *fault.Queue, work *background.Group) *Gateway {
	return &Gateway{cfg: cfg, fault: f, background: work, tickets: map[string]ticket{},
		pending: map[string]*delivery{}, arrived: make(chan struct{})}
}

// ticket lets one socket of an app in.
type ticket struct {
	app  string
	made time.Time
}

// Ticket gives the address of a new socket of an app, on a server that listens at base.
func (g *Gateway) Ticket(base, app string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, t := range g.tickets {
		if time.Since(t.made) > ticketLife {
			delete(g.tickets, id)
		}
	}
	id := rand.Text()
	g.tickets[id] = ticket{app, time.Now()}
	return "ws" + strings.TrimPrefix(base, "http") + "/socket?ticket=" + id + "&app_id=" + app
}

// Serve is the WebSocket's end of a ticket.
func (g *Gateway) Serve(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("ticket")
	g.mu.Lock()
	t, ok := g.tickets[id]
	delete(g.tickets, id)
	g.mu.Unlock()
	if !ok || time.Since(t.made) > ticketLife {
		http.Error(w, "invalid ticket", http.StatusUnauthorized)
		return
	}
	h := &hijacker{ResponseWriter: w}
	// slack-go sends Origin: https://api.slack.com; the ticket is what lets a client in.
	ws, err := websocket.Accept(h, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	ws.SetReadLimit(1 << 20)
	c := &conn{app: t.app, ws: ws, net: h.net, opened: time.Now()}
	defer ws.CloseNow()
	life := 18060 * time.Second
	if r.URL.Query().Get("debug_reconnects") == "true" {
		life = 360 * time.Second
	}
	if g.cfg.Timing.Connection > 0 {
		life = g.cfg.Timing.Connection
	}
	done := make(chan struct{})
	if g.background.Go(func() { defer close(done); g.run(c, life) }) {
		<-done
	}
}

// run greets a socket, keeps it alive and reads its acknowledgements until it ends.
func (g *Gateway) run(c *conn, life time.Duration) {
	ctx, stop := context.WithCancel(g.background.Context())
	defer stop()
	reason, n := g.join(c)
	if reason != "" {
		c.send(ctx, disconnect(reason))
		_ = c.ws.Close(websocket.StatusNormalClosure, reason) // the peer may be gone already
		return
	}
	defer g.leave(c)
	hello := jsonvalue.Encode(obj{"type": "hello", "num_connections": n,
		"debug_info": obj{"host": "applink-local-1", "build_number": 1,
			"approximate_connection_time": int(life.Seconds())},
		"connection_info": obj{"app_id": c.app}})
	// Ready before the hello is out, as its reader may count on it; the lock keeps envelopes behind it.
	c.write.Lock()
	g.ready(c)
	ok := c.put(ctx, hello)
	c.write.Unlock()
	if !ok {
		return
	}
	g.background.Go(func() { c.ping(ctx, g.cfg.Timing.Ping) })
	g.background.Go(func() { g.expire(ctx, c, life) })
	for {
		_, frame, err := c.ws.Read(ctx)
		if err != nil {
			return
		}
		if !g.acked(c, frame) {
			return
		}
	}
}

// join counts a socket in, or says why it may not stay. It gets no envelopes before ready.
func (g *Gateway) join(c *conn) (reason string, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, other := range g.conns {
		if other.app == c.app {
			n++
		}
	}
	switch {
	case g.disabled:
		return "link_disabled", 0
	case n >= socketsMax:
		return "too_many_websockets", 0
	}
	g.opened++
	c.id = "socket-" + strconv.Itoa(g.opened)
	c.leaving = true
	g.conns = append(g.conns, c)
	return "", n + 1
}

func (g *Gateway) ready(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.leaving = false
	close(g.arrived)
	g.arrived = make(chan struct{})
}

func (g *Gateway) leave(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conns = slices.DeleteFunc(g.conns, func(x *conn) bool { return x == c })
}

// Close cuts every socket.
func (g *Gateway) Close() {
	for _, c := range g.sockets() {
		c.cut()
	}
}
