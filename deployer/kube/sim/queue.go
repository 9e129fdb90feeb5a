package sim

import (
	"container/heap"
	"sync"
	"time"
)

// A task is something that will happen by itself.
type task struct {
	at    time.Time
	order uint64
	do    func() // called with the cluster's lock held
}

type taskHeap []task

func (h taskHeap) Len() int      { return len(h) }
func (h taskHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *taskHeap) Push(x any)   { *h = append(*h, x.(task)) }
func (h taskHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].order < h[j].order
}

func (h *taskHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = task{} // let go of what do holds
	*h = (*h)[:last]
	return t
}

// A queue is what will happen by itself, in the order of time. One goroutine
// runs it.
type queue struct {
	cfg  Config
	mu   *sync.Mutex   // the cluster's
	done chan struct{} // closed by close
	idle chan struct{} // closed when the goroutine has ended
	wake chan struct{} // tells the goroutine of an earlier task

	// The cluster's lock guards what follows.
	closed bool
	tasks  taskHeap
	order  uint64               // breaks ties between tasks of one instant
	dirty  map[string]bool      // controllers' keys that a task is waiting for
	alarms map[string]time.Time // controllers' keys that wait for a time
}

func newQueue(cfg Config, mu *sync.Mutex) *queue {
	return &queue{
		cfg: cfg, mu: mu,
		done: make(chan struct{}), idle: make(chan struct{}), wake: make(chan struct{}, 1),
		dirty: map[string]bool{}, alarms: map[string]time.Time{},
	}
}

// close ends the queue, and returns when its goroutine has ended.
func (q *queue) close() {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.done)
	}
	q.mu.Unlock()
	<-q.idle
}

// after lets do happen when the simulated duration d has passed. Caller holds
// q.mu; so will do.
func (q *queue) after(d time.Duration, do func()) {
	q.order++
	t := task{at: time.Now().Add(q.cfg.scale(d)), order: q.order, do: do}
	heap.Push(&q.tasks, t)
	if q.tasks[0].order == t.order {
		select {
		case q.wake <- struct{}{}:
		default: // a wake-up is on its way already
		}
	}
}

// run lets tasks happen, each at its time, until Close.
func (q *queue) run() {
	defer close(q.idle)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(q.runDue())
		select {
		case <-timer.C:
		case <-q.wake:
		case <-q.done:
			return
		}
	}
}

// runDue runs the tasks that are due and returns how long to sleep. It lets go
// of the lock between tasks, so that requests need not wait for all of them.
func (q *queue) runDue() time.Duration {
	for {
		q.mu.Lock()
		if q.closed || len(q.tasks) == 0 {
			q.mu.Unlock()
			return time.Hour
		}
		if wait := time.Until(q.tasks[0].at); wait > 0 {
			q.mu.Unlock()
			return wait
		}
		heap.Pop(&q.tasks).(task).do()
		q.mu.Unlock()
	}
}

// kick lets a controller look at key soon, once however often it is kicked
// until then.
func (q *queue) kick(key string, sync func()) {
	if q.dirty[key] {
		return
	}
	q.dirty[key] = true
	q.after(syncDelay, func() {
		delete(q.dirty, key)
		sync()
	})
}

// alarm lets a controller look at key after d, unless it will sooner anyway.
func (q *queue) alarm(key string, d time.Duration, sync func()) {
	at := time.Now().Add(q.cfg.scale(d))
	if set, ok := q.alarms[key]; ok && !at.Before(set) {
		return
	}
	q.alarms[key] = at
	q.after(d, func() {
		if q.alarms[key].Equal(at) {
			delete(q.alarms, key)
		}
		sync()
	})
}
