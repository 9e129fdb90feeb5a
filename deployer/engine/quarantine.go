package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A quarantine says why a deployment is not run until the next start. As an
// error it is what everything gets that needs the deployment.
type quarantine struct {
	id       string
	readable bool // it can't be carried on, but be read
	why      string
	instead  string // what to do, as a sentence
}

func (q *quarantine) Error() string {
	cannot := "read"
	if q.readable {
		cannot = "carried on"
	}
	return fmt.Sprintf("%s can't be %s by this program: %s; the others go on", q.id, cannot, q.why)
}

// refusal is what a person is told who gives an order for it.
func (q *quarantine) refusal() *deployer.Refusal { return deployer.Refuse(q.instead, "%v.", q) }

// The reasons. What has panicked is for the log alone.
func unreadable(id, why string) *quarantine {
	return &quarantine{id, false, why, "Use the version that wrote it, or restore a backup."}
}

func missing(id string) *quarantine {
	return unreadable(id, "it is said to be live, but there is no record of it")
}

func broken(id string) *quarantine {
	return &quarantine{id, true, "it met a bug of this program, which the log tells more of", "Use another version. It is tried again at the next start."}
}

func unwritable(id string, err error) *quarantine {
	return &quarantine{id, true, fmt.Sprintf("what follows next can't be written down: %v", err), "Tell whoever runs this program. It is tried again at the next start."}
}

// Quarantined tells which deployments are not run, by id, and why: they could
// not be read, or be carried on. They keep their places until a program that
// can read them goes on with them. A deployment that waits is not read before
// it is needed, so it is not among them before that.
func (e *Engine) Quarantined() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make(map[string]string, len(e.quarantined))
	for id, q := range e.quarantined {
		all[id] = q.why
	}
	return all
}

// isolate puts a deployment in quarantine, which is logged once.
func (e *Engine) isolate(q *quarantine) {
	e.mu.Lock()
	known := e.quarantined[q.id] != nil
	if !known {
		e.quarantined[q.id] = q
		e.alarm.set(q.id, time.Time{})
	}
	if t := e.instances[q.id]; t != nil {
		t.wake()
	}
	e.tell(q.id)
	e.mu.Unlock()
	if known {
		return
	}
	e.line.moved(nil)
	e.Log.Error("a deployment is put in quarantine", "deployment", q.id, "why", q.why)
}

// inQuarantine says why a deployment is in quarantine, or nil.
func (e *Engine) inQuarantine(id string) *quarantine {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.quarantined[id]
}

// read loads a deployment. If that can't be read, it matters whether the
// journal answers anything else: then this deployment is put in quarantine;
// else Run ends. It is tried twice, so that what has passed by the time of the
// answer counts for nothing.
func (e *Engine) read(ctx context.Context, id string) (deployer.Deployment, error) {
	if q := e.inQuarantine(id); q != nil && !q.readable {
		return deployer.Deployment{}, q
	}
	var err error
	for range 2 {
		var d deployer.Deployment
		err = guard(func() (err error) { d, err = e.Journal.Load(ctx, id); return err })
		if err == nil || errors.Is(err, deployer.ErrNotFound) || ctx.Err() != nil {
			return d, err
		}
		if _, silent := e.Journal.Started(ctx, id); silent != nil {
			if ctx.Err() == nil {
				e.fail(fmt.Errorf("load %s: %w", id, err))
			}
			return deployer.Deployment{}, fmt.Errorf("load %s: %w", id, err)
		}
	}
	why := err.Error()
	if e.logBug("load", id, err) {
		why = "reading it meets a bug of this program, which the log tells more of"
	}
	e.isolate(unreadable(id, why))
	return deployer.Deployment{}, e.inQuarantine(id)
}

// A bug is a panic.
type bug struct {
	value any
	stack []byte
}

func (b *bug) Error() string { return fmt.Sprintf("panic: %v", b.value) }

// guard works, and turns a panic into an error that is a *bug.
func guard(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &bug{v, debug.Stack()}
		}
	}()
	return work()
}

// logBug logs what panicked, and where, if something did.
func (e *Engine) logBug(doing, id string, err error) bool {
	b, ok := errors.AsType[*bug](err)
	if ok {
		e.Log.Error("a bug of this program", "doing", doing, "deployment", id, "err", b, "stack", string(b.stack))
	}
	return ok
}

// final reports whether a journal has refused a commit for good, such as one
// that is too big, so that trying again is no use. It marks such an error by a
// method.
func final(err error) bool {
	var f interface{ Final() bool }
	return errors.As(err, &f) && f.Final()
}
