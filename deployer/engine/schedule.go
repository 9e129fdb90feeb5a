package engine

import (
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A deployment that is live has a loop that runs, or a time in the alarm, or
// waits for an order alone. What follows moves it from one to another, always
// with e.mu held, so that no change is missed.

// get returns the instance of a deployment. The caller holds e.mu, and makes
// itself one of its users.
func (e *Engine) get(id string) *instance {
	t := e.instances[id]
	if t == nil {
		t = newInstance(e, id)
		e.instances[id] = t
	}
	return t
}

// hold returns the instance of a deployment, which stays in memory until it is
// let go.
func (e *Engine) hold(id string) *instance {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.get(id)
	t.users++
	return t
}

func (e *Engine) letGo(t *instance) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unuse(t)
}

// unuse takes away one user. The caller holds e.mu.
func (e *Engine) unuse(t *instance) {
	t.users--
	if t.users == 0 {
		delete(e.instances, t.id)
	}
}

// schedule has a deployment looked at when that is needed, after what it needs
// has become known. The caller is one of its users.
func (e *Engine) schedule(t *instance, live bool, w deployer.Wakeup) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w.Queued {
		e.line.add(t.id)
	}
	if !live {
		e.tell(t.id)
	}
	switch {
	case t.running:
		t.wake()
	case !live || e.quarantined[t.id] != nil:
		e.alarm.set(t.id, time.Time{})
	case !w.Now:
		e.alarm.set(t.id, w.At)
	case e.ctx == nil:
		e.alarm.set(t.id, e.now()) // when Run begins
	default:
		e.launch(t, func() {})
	}
}

// launch starts the loop of a deployment, if none runs. It calls looked when
// the deployment was looked at once. The caller holds e.mu.
func (e *Engine) launch(t *instance, looked func()) {
	e.alarm.set(t.id, time.Time{})
	if t.running || e.ctx.Err() != nil {
		looked()
		return
	}
	t.running = true
	t.users++
	e.loops.Go(func() { t.loop(e.ctx, looked) })
}

// sleep ends the loop of a deployment until a time, or without one until an
// order, unless something has changed meanwhile.
func (e *Engine) sleep(t *instance, until time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-t.woken:
		return false
	default:
	}
	e.alarm.set(t.id, until)
	e.rested(t)
	return true
}

// end ends the loop of a deployment for good.
func (e *Engine) end(t *instance) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tell(t.id)
	e.rested(t)
}

func (e *Engine) rested(t *instance) {
	t.running = false
	e.unuse(t)
}
