package deployertest

import (
	"context"
	"errors"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
)

// ErrDead is what a dead process gets in place of any answer.
var ErrDead = errors.New("the process is dead")

// A Process is how one process reaches an Engine and its Journal. It can die in
// the middle of any call: before it, or after it and before the answer. A dead
// process reaches nothing any more, while what it has committed stays.
type Process struct {
	*Engine
	onDeath func()

	mu    sync.Mutex
	fuse  int  // calls until it dies; 0: it does not
	after bool // it dies after that call and before its answer
	dead  bool
	died  chan struct{}
}

// NewProcess makes a process that lives. onDeath, if there is one, is called
// once, when it dies.
func NewProcess(e *Engine, onDeath func()) *Process {
	return &Process{Engine: e, onDeath: onDeath, died: make(chan struct{})}
}

// DieAt has the process die of the n-th call from now, before it or after it;
// with 0 it lives on.
func (p *Process) DieAt(n int, after bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fuse, p.after = n, after
}

// Kill ends the process as it is.
func (p *Process) Kill() {
	p.mu.Lock()
	was := p.dead
	p.dead = true
	p.mu.Unlock()
	if was {
		return
	}
	if p.onDeath != nil {
		p.onDeath()
	}
	close(p.died)
}

// Died is closed when the process is dead.
func (p *Process) Died() <-chan struct{} { return p.died }

// IsDead tells the same.
func (p *Process) IsDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// Call makes a call of the process, to whatever it reaches, unless it dies of
// it.
func (p *Process) Call(do func() error) error {
	p.mu.Lock()
	dies, after := p.fuse == 1, p.after
	p.fuse = max(p.fuse-1, 0)
	p.mu.Unlock()
	if dies && !after {
		p.Kill()
	}
	if p.IsDead() {
		return ErrDead
	}
	err := do()
	if dies {
		p.Kill()
	}
	if p.IsDead() {
		return ErrDead
	}
	return err
}

// Do is Engine.Do, as a call.
func (p *Process) Do(ctx context.Context, o deployer.Order) (d deployer.Deployment, err error) {
	e := p.Call(func() error { d, err = p.Engine.Do(ctx, o); return err })
	return d, e
}

// Load is Journal.Load, as a call.
func (p *Process) Load(ctx context.Context, id string) (d deployer.Deployment, err error) {
	e := p.Call(func() error { d, err = p.Engine.Load(ctx, id); return err })
	return d, e
}

// Messages is Journal.Messages, as a call.
func (p *Process) Messages(ctx context.Context, after string, limit int) (m []deployer.OutboxMessage, err error) {
	e := p.Call(func() error { m, err = p.Engine.Messages(ctx, after, limit); return err })
	return m, e
}

// MessagesIn is Journal.MessagesIn, as a call.
func (p *Process) MessagesIn(ctx context.Context, box deployer.Box) (m []deployer.OutboxMessage, err error) {
	e := p.Call(func() error { m, err = p.Engine.MessagesIn(ctx, box); return err })
	return m, e
}

// Discard is Journal.Discard, as a call.
func (p *Process) Discard(ctx context.Context, m deployer.OutboxMessage) error {
	return p.Call(func() error { return p.Engine.Discard(ctx, m) })
}
