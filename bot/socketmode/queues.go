package socketmode

import (
	"sync"
)

const (
	heldMax  = 2048 // envelopes that wait or are worked on
	queueMax = 256  // of them, for one key
)

// A Queues works on jobs: those of one key in their order, those of different
// keys side by side. It never blocks whoever brings one.
type Queues struct {
	Mu     sync.Mutex
	queues map[string][]func() // a key that is here has a goroutine
	Held   int
	closed bool
	work   sync.WaitGroup
}

// Put queues a job. It reports false when there is no room, or no more time:
// then nothing will happen, and the envelope must stay unacknowledged.
func (p *Queues) Put(key string, job func()) bool {
	p.Mu.Lock()
	defer p.Mu.Unlock()
	queue, busy := p.queues[key]
	if p.closed || p.Held >= heldMax || len(queue) >= queueMax {
		return false
	}
	if p.queues == nil {
		p.queues = map[string][]func(){}
	}
	p.Held++
	p.queues[key] = append(queue, job)
	if !busy {
		p.work.Go(func() { p.drain(key) })
	}
	return true
}

// drain works until the key has no more jobs.
func (p *Queues) drain(key string) {
	for job := p.next(key); job != nil; job = p.next(key) {
		job()
		p.Mu.Lock()
		p.Held--
		p.Mu.Unlock()
	}
}

// next takes a job off the queue; nil ends the key's goroutine.
func (p *Queues) next(key string) func() {
	p.Mu.Lock()
	defer p.Mu.Unlock()
	queue := p.queues[key]
	if len(queue) == 0 || p.closed {
		p.Held -= len(queue)
		delete(p.queues, key)
		return nil
	}
	p.queues[key] = queue[1:]
	return queue[0]
}

// Close drops what nobody has begun, and waits for the rest.
func (p *Queues) Close() {
	p.Mu.Lock()
	p.closed = true
	p.Mu.Unlock()
	p.work.Wait()
}
