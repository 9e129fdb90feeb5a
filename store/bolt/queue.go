package bolt

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/stationmaster/stationmaster/store/kv"
)

// What one transaction takes at most, so that neither the memory it needs nor
// the time that its first commit waits for its last grows without bound.
const (
	groupMax = 256
	bytesMax = 8 << 20
)

// queue has the requests that wait for a transaction. One requester leads: it
// writes the group at the head of the queue, answers, and passes the lead to
// the head of what has come meanwhile. So a lone writer, who always leads,
// waits for no other goroutine to be scheduled: on a busy machine that can take
// as long as the disk does.
//
// The zero value is an open queue that nobody leads.
type queue struct {
	mu      sync.Mutex
	waiting []*request
	led     bool
	closed  bool
	left    sync.Cond // told when the leader gives up the lead; its lock is mu
	last    int       // size of the last group; the leader's
}

// join adds a request. It says whether its requester leads at once; else it
// must wait for its turn.
func (q *queue) join(r *request) (leads bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false, kv.ErrClosed
	}
	q.waiting = append(q.waiting, r)
	leads = !q.led
	q.led = true
	return leads, nil
}

// take removes the group at the head. It is the leader's to call.
func (q *queue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, size := 0, 0
	for n < len(q.waiting) && n < groupMax && size < bytesMax {
		size += kv.Size(q.waiting[n].batch)
		n++
	}
	group := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	q.last = n
	return group
}

// pass gives the lead to the head of the queue, or up.
func (q *queue) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		for _, r := range q.waiting {
			r.err = kv.ErrClosed
			r.turn <- false
		}
		q.waiting = nil
	}
	if len(q.waiting) > 0 {
		q.waiting[0].turn <- true
		return
	}
	q.waiting = nil
	q.led = false
	if q.closed {
		q.left.Broadcast()
	}
}

// close refuses what waits and what comes, and returns when nobody leads.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.left.L = &q.mu
	for q.led {
		q.left.Wait()
	}
}

// submit has a request written, by this goroutine or by another, and returns
// how that ended. The context is looked at before, and once more when the
// request's turn has come.
func (db *DB) submit(r *request) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	leads, err := db.queue.join(r)
	if err != nil {
		return err
	}
	if leads || <-r.turn {
		db.lead(r)
	}
	return r.err
}

// lead writes the group at the head of the queue, which begins with mine. After
// a group of several it yields once before, because the writers whom its
// answers woke are about to come with their next commit: without, every second
// group is a group of one.
func (db *DB) lead(mine *request) {
	defer db.mustSurvive()
	if db.queue.last > 1 {
		runtime.Gosched()
	}
	group := db.queue.take()
	db.write(group)
	for _, r := range group {
		if r != mine {
			r.turn <- false
		}
	}
	db.queue.pass()
}

// mustSurvive ends the process if a write panics, as bbolt does on a damaged
// file: were it recovered further up, the others would wait for ever.
func (db *DB) mustSurvive() {
	if p := recover(); p != nil {
		message := fmt.Sprintf("commit to %s: %v\n%s", db.path, p, debug.Stack())
		go panic(message)
		select {}
	}
}
