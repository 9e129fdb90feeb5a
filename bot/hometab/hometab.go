// Package hometab keeps the home tabs of people up to date: those that were opened are drawn again when something changes.
package hometab

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

const (
	rest  = time.Second            // between two looks at what has changed
	look  = time.Minute            // a look now and then, in case a change was not told
	again = 3 * time.Second        // after a tab could not be sent, doubled with every other time
	keep  = 12 * time.Hour         // a tab that was not opened for so long is left as it is
	every = 700 * time.Millisecond // views.publish is tier 4: a hundred a minute
	burst = 10
)

// Ports are what tabs are drawn from. Each is safe for concurrent use.
type Ports struct {
	API         *slack.Client
	Deployments Deployments
	Locks       Locks
	InFlight    *inflight.Index
	People      *directory.Directory
	Renderer    view.Renderer
	Link        func(context.Context, deployer.Deployment) string // to a card; "": not known
	Reader      func(user string) inflight.Reader
	Progress    func(id string) map[string]deployer.Progress // how far a deployment has come
	// Scopes are the channels where deployments are started, and which of them are private.
	Scopes func(context.Context) (all []view.Scope, private map[string]bool)
	Log    *slog.Logger
}

// Deployments are what was written down.
type Deployments interface {
	// Load returns a deployment; an unknown id is deployer.ErrNotFound.
	Load(ctx context.Context, id string) (deployer.Deployment, error)
	// List returns what matches, the newest first.
	List(ctx context.Context, q deployer.Query) ([]deployer.Summary, error)
}

// Locks are read for lists.
type Locks interface {
	// AllLocks returns what is locked, environment by environment, with what has
	// ended meanwhile.
	AllLocks(ctx context.Context) ([]deployer.Locks, error)
}

// A Pace is how often tabs are looked at and published; what is zero is as Slack takes it.
type Pace struct {
	Rest  time.Duration // between two looks at what has changed
	Again time.Duration // after a tab could not be sent, doubled with every other time
	Calls outbox.Pace
}

// Tabs are the home tabs of those who opened theirs since this process began;
// whoever opens theirs later gets it then. One goroutine publishes, always from
// the newest state, so that no older tab takes the place of a newer one; Slack's
// hash guards against an earlier call that arrives late.
type Tabs struct {
	Ports
	pace    Pace
	limiter *outbox.Limiter
	dirty   chan struct{} // holds one: a tab may have to change, though no message says so

	endedRead, endedFailed bool // what ended before the process began was read, or could not be; Run alone touches them

	mu   sync.Mutex
	open map[string]*tab // by user id
}

// A tab is one person's.
type tab struct {
	opened, sent time.Time
	shown        string // fingerprint of what Slack has
	hash         string // Slack's, of the same
}

// New keeps nobody's tab yet.
func New(p Ports, pace Pace) *Tabs {
	pace.Rest, pace.Again = cmp.Or(pace.Rest, rest), cmp.Or(pace.Again, again)
	return &Tabs{
		Ports: p, pace: pace, limiter: outbox.NewLimiter(pace.Calls.WithDefaults(), every, burst), dirty: make(chan struct{}, 1), open: map[string]*tab{},
	}
}

// Redraw has the tabs looked at. It never waits.
func (h *Tabs) Redraw() {
	select {
	case h.dirty <- struct{}{}:
	default:
	}
}

// Opened draws the tab of somebody who looks at it.
func (h *Tabs) Opened(ctx context.Context, user string) {
	h.People.LearnName(ctx, user)
	h.mu.Lock()
	if h.open[user] == nil {
		h.open[user] = &tab{}
	}
	h.open[user].opened = time.Now()
	h.mu.Unlock()
	h.Redraw()
}

// Run publishes what has changed until ctx ends.
func (h *Tabs) Run(ctx context.Context) {
	for wait, failures := look, 0; ; {
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-h.dirty:
		case <-h.InFlight.Changed():
		case <-t.C:
		}
		t.Stop()
		if err := h.publishAll(ctx); err == nil {
			wait, failures = look, 0
		} else if ctx.Err() == nil {
			h.Log.Warn("home tabs are not all up to date", "err", err)
			wait = min(h.pace.Again<<min(failures, 8), look)
			failures++
		}
		if !h.restAWhile(ctx) {
			return
		}
	}
}

// restAWhile lets changes gather, unless somebody opens their tab.
func (h *Tabs) restAWhile(ctx context.Context) bool {
	t := time.NewTimer(h.pace.Rest)
	defer t.Stop()
	select {
	case <-t.C:
	case <-h.dirty:
		h.Redraw() // it is seen to next
	case <-ctx.Done():
		return false
	}
	return true
}

// publishAll publishes every open tab that looks different now. One that
// fails holds up no other.
func (h *Tabs) publishAll(ctx context.Context) error {
	users := h.due(time.Now())
	if len(users) == 0 {
		return nil
	}
	all, err := h.takeSnapshot(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, user := range users {
		view := h.viewOf(ctx, user, all).View()
		if h.shows(user, view) {
			continue
		}
		if !h.limiter.Take(time.Now()) { // what is sent after a wait is as new as that
			if !h.limiter.Pass(ctx) {
				return ctx.Err()
			}
			if all, err = h.takeSnapshot(ctx); err != nil {
				return err
			}
			view = h.viewOf(ctx, user, all).View()
		}
		if err := h.publish(ctx, user, view); err != nil {
			failed = err
		}
	}
	return failed
}

// due are those whose tabs are kept, who was served longest ago first.
func (h *Tabs) due(now time.Time) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for user, open := range h.open {
		if now.Sub(open.opened) > keep {
			delete(h.open, user)
			continue
		}
		out = append(out, user)
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(h.open[a].sent.Compare(h.open[b].sent), strings.Compare(a, b))
	})
	return out
}

// shows reports whether Slack has that view already.
func (h *Tabs) shows(user string, view slack.HomeTabViewRequest) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open[user].shown == printOf(view)
}

func printOf(view slack.HomeTabViewRequest) string {
	b, err := json.Marshal(view)
	if err != nil {
		panic("hometab: a view holds only what JSON can say: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// publish sends one tab.
func (h *Tabs) publish(ctx context.Context, user string, view slack.HomeTabViewRequest) error {
	h.mu.Lock()
	t := h.open[user]
	hash := t.hash
	h.mu.Unlock()
	request := slack.PublishViewContextRequest{UserID: user, View: view}
	if hash != "" {
		request.Hash = &hash
	}
	r, err := h.API.PublishViewContext(ctx, request)
	h.mu.Lock()
	defer h.mu.Unlock()
	t.sent = time.Now()
	if err == nil {
		t.shown, t.hash = printOf(view), r.View.Hash
		return nil
	}
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		h.limiter.Close(limit.RetryAfter)
	}
	t.hash = "" // another call may have come through, whose answer was lost
	return fmt.Errorf("publish the home tab of %s: %w %v", user, err, slackapi.ErrorDetails(err))
}
