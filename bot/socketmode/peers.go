package socketmode

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// PerProcess is how many connections a process keeps.
const PerProcess = 2

const (
	// settledAfter is how long Slack may count a socket that is gone, of ours or of a
	// process before us.
	settledAfter = 2 * time.Minute
	alarmedEvery = 5 * time.Minute // between two looks while somebody else is connected
	lookEvery    = time.Hour       // between two looks while nobody is, as far as is known
)

// renewed is why a socket leaves though Slack did not want it to: only a new one says
// how many there are.
const renewed = "renewed, to see who else is connected"

// A Hello is what Slack says of a socket that opens.
type Hello struct {
	AppID       string // whose sockets the app-level token opens
	Connections int    // that the app has now, with this one
}

// Peers finds out from Slack's hellos whether the app-level token is of another app
// than the bot token, and whether another process uses it: both take what people press
// away. The zero value is ready, and so is nil, which finds nothing. It is safe for
// concurrent use.
type Peers struct {
	Log *slog.Logger // nil: slog.Default

	mu      sync.Mutex
	app     string    // of the bot token; "": not known, and not compared
	ours    int       // sockets that are open, or being opened
	since   time.Time // Slack may count what was there before; zero: nobody asked yet
	looking bool      // a socket is to be renewed
	err     error     // what is wrong
}

// Expect says which app the bot token is of.
func (p *Peers) Expect(app string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.app = app
}

// Err is what is wrong with who is connected, or nil.
func (p *Peers) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// opening counts a socket before it is dialled, and ended one that is gone.
func (p *Peers) opening() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ours++; p.since.IsZero() {
		p.since = time.Now()
	}
}

func (p *Peers) ended() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ours--
	p.since = time.Now()
}

// greeted takes over what Slack says, and says when to look again by renewing the
// socket; 0: somebody else looks.
func (p *Peers) greeted(h Hello) (again time.Duration) {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	settled := p.since.Add(settledAfter)
	again = lookEvery
	switch found := Compare(h, p.app, p.ours); {
	case found == nil || h.AppID != p.app && p.app != "":
		p.note(found)
	case time.Now().Before(settled):
		again = time.Until(settled) // until then it may be one of ours that is gone
	default:
		p.note(found)
		again = alarmedEvery
	}
	if p.looking {
		return 0
	}
	p.looking = true
	return again
}

// looked says that the socket which was to be renewed is gone.
func (p *Peers) looked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looking = false
}

// note notes what is wrong, and logs it once. The caller holds the lock.
func (p *Peers) note(found error) {
	log := p.Log
	if log == nil {
		log = slog.Default()
	}
	switch {
	case found != nil && p.err == nil:
		log.Error("what people press does not all come here", "err", found)
	case found == nil && p.err != nil:
		log.Info("what people press all comes here again")
	}
	p.err = found
}

// Compare says what is wrong where the bot token is of an app, "" if that is not known,
// and so many sockets may be ours; nil: nothing.
func Compare(h Hello, app string, ours int) error {
	switch {
	case app != "" && h.AppID != "" && h.AppID != app:
		return fmt.Errorf("the app-level token (SLACK_APP_TOKEN) is of the app %s, and the bot token (SLACK_BOT_TOKEN) of the app %s: "+
			"what people press reaches nobody; take both from one app", h.AppID, app)
	case h.Connections > ours:
		return fmt.Errorf("Slack counts %d open sockets of the app, and %d can be ours: another process uses its app-level token (SLACK_APP_TOKEN), "+
			"and gets a part of what people press; end it, or give it an app of its own", h.Connections, ours)
	}
	return nil
}

// Greet opens a socket, returns what Slack says of it, and closes it at once, so that
// what people press goes to those who wait for it.
func Greet(ctx context.Context, api *slackapi.Client) (Hello, error) {
	c := Connection{API: api}
	s, err := c.open(ctx)
	if err != nil {
		return Hello{}, err
	}
	_ = s.ws.Close(websocket.StatusNormalClosure, "") // nothing was begun on it
	return s.hello, nil
}

// lookAgain renews a socket when it is time to see who else is connected, unless it
// leaves before.
func (c *Connection) lookAgain(s *Socket) (stop func()) {
	again := c.Peers.greeted(s.hello)
	if again == 0 {
		return func() {}
	}
	t := time.AfterFunc(again, func() { s.leave(renewed) })
	return func() {
		t.Stop()
		c.Peers.looked()
	}
}
