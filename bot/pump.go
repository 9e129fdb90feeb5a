package bot

import "sync"

const (
	heldMax  = 2048 // envelopes that wait or are worked on
	queueMax = 256  // of them, for one key
)

// A keyedQueues works on jobs: those of one key in their order, those of different
// keys side by side. It never blocks whoever brings one.
type keyedQueues struct {
	mu     sync.Mutex
	queues map[string][]func() // a key that is here has a goroutine
	held   int
	closed bool
	work   sync.WaitGroup
}

// put queues a job. It reports false when there is no room, or no more time:
// then nothing will happen, and the envelope must stay unacknowledged.
func (p *keyedQueues) put(key string, job func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	queue, busy := p.queues[key]
	if p.closed || p.held >= heldMax || len(queue) >= queueMax {
		return false
	}
	if p.queues == nil {
		p.queues = map[string][]func(){}
	}
	p.held++
	p.queues[key] = append(queue, job)
	if !busy {
		p.work.Go(func() { p.drain(key) })
	}
	return true
}

// drain works until the key has no more jobs.
func (p *keyedQueues) drain(key string) {
	for job := p.next(key); job != nil; job = p.next(key) {
		job()
		p.mu.Lock()
		p.held--
		p.mu.Unlock()
	}
}

// next takes a job off the queue; nil ends the key's goroutine.
func (p *keyedQueues) next(key string) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	queue := p.queues[key]
	if len(queue) == 0 || p.closed {
		p.held -= len(queue)
		delete(p.queues, key)
		return nil
	}
	p.queues[key] = queue[1:]
	return queue[0]
}

// close drops what nobody has begun, and waits for the rest.
func (p *keyedQueues) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.work.Wait()
}
