package emulator

import (
	"encoding/json"
	"sync"
)

// hub hands events to the pages that listen. A page that does not keep up is cut and reads its state again.
type hub struct {
	mu        sync.Mutex
	listeners map[*listener]bool
}

type listener struct {
	user   string
	events chan json.RawMessage // closed when the listener fell behind
}

// backlog is how many events a page may be behind.
const backlog = 256

func (h *hub) listen(userID string) *listener {
	l := &listener{user: userID, events: make(chan json.RawMessage, backlog)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = map[*listener]bool{}
	}
	h.listeners[l] = true
	return l
}

func (h *hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

func (h *hub) toUser(userID string, event obj) {
	h.publish(event, func(id string) bool { return id == userID })
}

func (h *hub) publish(event obj, to func(userID string) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var line json.RawMessage
	for l := range h.listeners {
		if !to(l.user) {
			continue
		}
		if line == nil {
			line = raw(event)
		}
		select {
		case l.events <- line:
		default:
			delete(h.listeners, l)
			close(l.events)
		}
	}
}
