package workspace

import (
	"crypto/rand"
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// Feed numbers what happens and hands it to the pages that listen. It keeps the newest events, so that a page whose
// connection broke goes on where it was, with nothing missed and nothing doubled. A page that does not keep up is cut;
// it comes again.
type Feed struct {
	mu        sync.Mutex
	id        string // of this hub: numbers of another, before a restart, mean nothing here
	last      int64
	kept      [keptEvents]*numbered // by number, modulo the length
	listeners map[*Listener]bool
}

// numbered is one event with its number.
type numbered struct {
	seq   int64
	event obj
	to    func(userID string) bool
	line  json.RawMessage // the frame, once a page wanted it
}

type Listener struct {
	user   string
	Events chan json.RawMessage // closed when the listener fell behind
}

const (
	// keptEvents is how many events a page may have missed and still go on without reading everything again.
	keptEvents = 1024
	// backlog is how many events a page may be behind.
	backlog = 256
)

// Position is where the hub is now: what happens later comes after it.
func (h *Feed) Position() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.mark(h.last)
}

// mark names a number of this hub. The caller holds the lock.
func (h *Feed) mark(seq int64) string {
	if h.id == "" {
		h.id = rand.Text()
	}
	return h.id + "." + strconv.FormatInt(seq, 10)
}

// Listen begins to follow what happens for one person. missed is what has happened since a place that the hub gave
// before; at is where it begins, and equal to since where nothing is lost in between. The caller holds the workspace's
// lock, as who may see an event can depend on it.
func (h *Feed) Listen(userID, since string) (l *Listener, at string, missed []json.RawMessage) {
	l = &Listener{user: userID, Events: make(chan json.RawMessage, backlog)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = map[*Listener]bool{}
	}
	h.listeners[l] = true
	from, ok := h.number(since)
	if !ok {
		return l, h.mark(h.last), nil
	}
	for seq := from + 1; seq <= h.last; seq++ {
		if e := h.kept[seq%keptEvents]; e.to(userID) {
			missed = append(missed, e.frame())
		}
	}
	return l, since, missed
}

// number reads a place; false when it is none of this hub's, or what came after it is not kept any more.
func (h *Feed) number(place string) (int64, bool) {
	id, num, _ := strings.Cut(place, ".")
	seq, err := strconv.ParseInt(num, 10, 64)
	return seq, err == nil && id != "" && id == h.id && seq >= 0 && seq <= h.last && h.last-seq <= keptEvents
}

func (h *Feed) Leave(l *Listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

func (h *Feed) ToUser(userID string, event obj) {
	h.Publish(event, func(id string) bool { return id == userID })
}

// Publish tells an event to the people that it is for. The event must not change any more.
func (h *Feed) Publish(event obj, to func(userID string) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	e := &numbered{seq: h.last, event: event, to: to}
	h.kept[e.seq%keptEvents] = e
	for l := range h.listeners {
		if !to(l.user) {
			continue
		}
		select {
		case l.Events <- e.frame():
		default:
			delete(h.listeners, l)
			close(l.Events)
		}
	}
}

// frame is the event as a page gets it. The caller holds the lock.
func (e *numbered) frame() json.RawMessage {
	if e.line == nil {
		e.line = jsonvalue.Encode(obj{"seq": e.seq, "event": e.event})
	}
	return e.line
}
