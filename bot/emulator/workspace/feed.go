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
	id        string // of this feed: numbers of another, before a restart, mean nothing here
	last      int64
	kept      [eventsMax]*numbered // by number, modulo the length
	listeners map[*Listener]bool
}

// numbered is one event with its number.
type numbered struct {
	seq   int64
	event obj
	to    func(userID string) bool
	line  json.RawMessage // the frame, once a page wanted it
}

// Listener is one page that follows what happens.
type Listener struct {
	user   string
	Events chan json.RawMessage // closed when the listener fell behind
}

const (
	// eventsMax is how many events a page may have missed and still go on without reading everything again.
	eventsMax = 1024
	// backlog is how many events a page may be behind.
	backlog = 256
)

// Position is where the feed is now: what happens later comes after it.
func (f *Feed) Position() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mark(f.last)
}

// mark names a number of this feed. The caller holds the lock.
func (f *Feed) mark(seq int64) string {
	if f.id == "" {
		f.id = rand.Text()
	}
	return f.id + "." + strconv.FormatInt(seq, 10)
}

// Listen begins to follow what happens for one person. missed is what has happened since a position that the feed
// gave before; at is where it begins, and equal to since where nothing is lost in between. The caller holds the workspace's
// lock, as who may see an event can depend on it.
func (f *Feed) Listen(userID, since string) (l *Listener, at string, missed []json.RawMessage) {
	l = &Listener{user: userID, Events: make(chan json.RawMessage, backlog)}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listeners == nil {
		f.listeners = map[*Listener]bool{}
	}
	f.listeners[l] = true
	from, ok := f.number(since)
	if !ok {
		return l, f.mark(f.last), nil
	}
	for seq := from + 1; seq <= f.last; seq++ {
		if e := f.kept[seq%eventsMax]; e.to(userID) {
			missed = append(missed, e.frame())
		}
	}
	return l, since, missed
}

// number reads a position; false when it is none of this feed's, or what came after it is not kept any more.
func (f *Feed) number(position string) (int64, bool) {
	id, num, _ := strings.Cut(position, ".")
	seq, err := strconv.ParseInt(num, 10, 64)
	return seq, err == nil && id != "" && id == f.id && seq >= 0 && seq <= f.last && f.last-seq <= eventsMax
}

// Leave ends what Listen began.
func (f *Feed) Leave(l *Listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.listeners, l)
}

// ToUser tells an event to one person.
func (f *Feed) ToUser(userID string, event obj) {
	f.Publish(event, func(id string) bool { return id == userID })
}

// Publish tells an event to the people that it is for. The event must not change any more.
func (f *Feed) Publish(event obj, to func(userID string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	e := &numbered{seq: f.last, event: event, to: to}
	f.kept[e.seq%eventsMax] = e
	for l := range f.listeners {
		if !to(l.user) {
			continue
		}
		select {
		case l.Events <- e.frame():
		default:
			delete(f.listeners, l)
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

// DirectoryChanged tells the pages to read again who and what there is.
func (w *Workspace) DirectoryChanged() {
	w.Feed.Publish(obj{"type": "channel"}, func(string) bool { return true })
	w.Wake()
}
