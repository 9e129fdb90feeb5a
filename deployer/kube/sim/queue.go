package sim

import (
	"container/heap"
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

// after lets do happen when the simulated duration d has passed. Caller holds
// c.mu; so will do.
func (c *Cluster) after(d time.Duration, do func()) {
	c.order++
	t := task{at: time.Now().Add(c.scale(d)), order: c.order, do: do}
	heap.Push(&c.tasks, t)
	if c.tasks[0].order == t.order {
		select {
		case c.wake <- struct{}{}:
		default: // a wake-up is on its way already
		}
	}
}

// runTasks lets tasks happen, each at its time, until Close.
func (c *Cluster) runTasks() {
	defer close(c.idle)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(c.runDue())
		select {
		case <-timer.C:
		case <-c.wake:
		case <-c.done:
			return
		}
	}
}

// runDue runs the tasks that are due and returns how long to sleep. It lets go
// of the lock between tasks, so that requests need not wait for all of them.
func (c *Cluster) runDue() time.Duration {
	for {
		c.mu.Lock()
		if c.closed || len(c.tasks) == 0 {
			c.mu.Unlock()
			return time.Hour
		}
		if wait := time.Until(c.tasks[0].at); wait > 0 {
			c.mu.Unlock()
			return wait
		}
		heap.Pop(&c.tasks).(task).do()
		c.mu.Unlock()
	}
}

// kick lets a controller look at key soon, once however often it is kicked
// until then.
func (c *Cluster) kick(key string, sync func()) {
	if c.dirty[key] {
		return
	}
	c.dirty[key] = true
	c.after(syncDelay, func() {
		delete(c.dirty, key)
		sync()
	})
}

// alarm lets a controller look at key after d, unless it will sooner anyway.
func (c *Cluster) alarm(key string, d time.Duration, sync func()) {
	at := time.Now().Add(c.scale(d))
	if set, ok := c.alarms[key]; ok && !at.Before(set) {
		return
	}
	c.alarms[key] = at
	c.after(d, func() {
		if c.alarms[key].Equal(at) {
			delete(c.alarms, key)
		}
		sync()
	})
}
