package socketmode

import "sync"

const (
	heldMax  = 2048 // envelopes that wait or are worked on
	queueMax = 256  // of them, for one key
)

// Queues work on jobs: those of one key in their order, those of different
// keys side by side. They never block whoever brings one. The
// zero value is ready.
type Queues struct {
	mu     sync.Mutex
	queues map[string][]func() // a key that is here has a goroutine
	held   int
	closed bool
	work   sync.WaitGroup
}

// Put queues a job. It reports false when there is no room, or no more time:
// then nothing will happen, and the envelope must stay unacknowledged.
func (q *Queues) Put(key string, job func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	queue, busy := q.queues[key]
	if q.closed || q.held >= heldMax || len(queue) >= queueMax {
		return false
	}
	if q.queues == nil {
		q.queues = map[string][]func(){}
	}
	q.held++
	q.queues[key] = append(queue, job)
	if !busy {
		q.work.Go(func() { q.drain(key) })
	}
	return true
}

// Pending is how many jobs wait or are worked on.
func (q *Queues) Pending() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held
}

// drain works until the key has no more jobs.
func (q *Queues) drain(key string) {
	for job := q.next(key); job != nil; job = q.next(key) {
		job()
		q.mu.Lock()
		q.held--
		q.mu.Unlock()
	}
}

// next takes a job off the queue; nil ends the key's goroutine.
func (q *Queues) next(key string) func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	queue := q.queues[key]
	if len(queue) == 0 || q.closed {
		q.held -= len(queue)
		delete(q.queues, key)
		return nil
	}
	q.queues[key] = queue[1:]
	return queue[0]
}

// Close drops what nobody has begun, and waits for the rest.
func (q *Queues) Close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.work.Wait()
}
