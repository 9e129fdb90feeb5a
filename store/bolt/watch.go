package bolt

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/store/kv"
)

// watchBuffer is how many keys a watcher may be behind before it gets a gap.
const watchBuffer = 1024

// watches are the watchers of a DB. Its zero value has none.
type watches struct {
	mu     sync.Mutex
	all    map[*watch]struct{}
	closed bool
}

// watch is one watcher. Only its owner receives; all sending is under the lock
// of watches.
type watch struct {
	prefix string
	keys   chan string // of watchBuffer and one, so that a gap always fits
	gapped bool        // the last thing sent was a gap
	forget func() bool // stops waiting for the end of the owner's context
}

// Watch implements kv.KV.
func (db *DB) Watch(ctx context.Context, prefix string) (<-chan string, error) {
	if err := kv.CheckWatch(prefix); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("watch %s: %w", db.path, err)
	}
	w := &watch{prefix: prefix, keys: make(chan string, watchBuffer+1)}
	if !db.watches.add(ctx, w) {
		return nil, fmt.Errorf("watch %s: %w", db.path, kv.ErrClosed)
	}
	return w.keys, nil
}

// add registers a watcher until ctx ends. It says no if the DB is closed.
func (ws *watches) add(ctx context.Context, w *watch) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.closed {
		return false
	}
	if ws.all == nil {
		ws.all = make(map[*watch]struct{})
	}
	ws.all[w] = struct{}{}
	w.forget = context.AfterFunc(ctx, func() { ws.remove(w) })
	return true
}

func (ws *watches) remove(w *watch) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if _, ok := ws.all[w]; ok {
		delete(ws.all, w)
		close(w.keys)
	}
}

func (ws *watches) close() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.closed = true
	for w := range ws.all {
		delete(ws.all, w)
		w.forget()
		close(w.keys)
	}
}

// send tells the watchers of a key that it changed.
func (ws *watches) send(key string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range ws.all {
		if strings.HasPrefix(key, w.prefix) {
			w.send(key)
		}
	}
}

// gap tells all watchers that keys may have changed without their knowing.
func (ws *watches) gap() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range ws.all {
		w.send("")
	}
}

// send never blocks. While a gap waits to be received it stands for all that
// came after it, too: its reader has yet to scan. It is the last in the
// channel, so it was received if the channel is empty.
func (w *watch) send(key string) {
	if w.gapped && len(w.keys) > 0 {
		return
	}
	if len(w.keys) == watchBuffer {
		key = ""
	}
	w.gapped = key == ""
	w.keys <- key
}
