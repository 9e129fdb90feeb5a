package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// attemptsMax bounds how often an order is decided again because somebody else
// was first.
const attemptsMax = 20

// Do carries out an order: it returns when what follows is on disk. An order
// that was carried out before changes nothing and is no error. A
// *deployer.Refusal is for the person who gave it.
func (e *Engine) Do(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	if start, ok := o.Command.(deployer.Start); ok {
		return e.start(ctx, o, start)
	}
	facts := deployer.Facts{Now: time.Now()}
	if o.By.ID != "" {
		roles, err := e.People.Roles(ctx, o.By.ID)
		if err != nil {
			e.Log.Warn("roles are not known", "person", o.By.ID, "err", err)
			return deployer.Deployment{}, deployer.Refuse("Try again in a moment.", "Your roles could not be looked up.")
		}
		facts.Roles = roles
	}
	return e.instance(o.Deployment).do(ctx, o, facts)
}

// start creates a deployment, once for each origin. After a commit that may
// have landed, whoever asked need not wait any more: what is there is found and
// run all the same, and if that can't be read, the process ends.
func (e *Engine) start(ctx context.Context, o deployer.Order, start deployer.Start) (deployer.Deployment, error) {
	unknown := false
	for range attemptsMax {
		id, err := e.Journal.Started(ctx, start.Origin)
		if err != nil {
			err = fmt.Errorf("look up what %s started: %w", start.Origin, err)
			if unknown {
				e.fail(err)
			}
			return deployer.Deployment{}, err
		}
		if id != "" {
			return e.resume(ctx, id)
		}
		d, err := e.create(ctx, o, start)
		switch {
		case err == nil:
			e.begin(d.ID)
			return d, nil
		case errors.Is(err, deployer.ErrUnknown), errors.Is(err, deployer.ErrConflict):
			e.Log.Warn("a start is decided again", "origin", start.Origin, "err", err)
			if errors.Is(err, deployer.ErrUnknown) {
				unknown, ctx = true, context.WithoutCancel(ctx)
			}
		default:
			return deployer.Deployment{}, err
		}
	}
	return deployer.Deployment{}, fmt.Errorf("start %s: somebody else was first %d times", start.Origin, attemptsMax)
}

// resume returns what an origin has started before. Its loop may not run yet:
// the commit that created it may have been one of those that ended in the
// unknown.
func (e *Engine) resume(ctx context.Context, id string) (deployer.Deployment, error) {
	e.begin(id)
	return e.Journal.Load(ctx, id)
}

func (e *Engine) begin(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.launch(id)
}

func (e *Engine) create(ctx context.Context, o deployer.Order, start deployer.Start) (deployer.Deployment, error) {
	facts := deployer.Facts{Now: time.Now(), Holders: map[string]deployer.Deployment{}}
	var places []string
	for _, w := range start.Releases {
		places = append(places, deployer.Place(start.Retailer, start.Environment, w.Service))
	}
	holders, err := e.Journal.Holders(ctx, places)
	if err != nil {
		return deployer.Deployment{}, fmt.Errorf("look up who holds %v: %w", places, err)
	}
	for place, id := range holders {
		h, err := e.Journal.Load(ctx, id)
		if err != nil {
			return deployer.Deployment{}, fmt.Errorf("load %s, which holds %s: %w", id, place, err)
		}
		facts.Holders[place] = h
	}
	if facts.Locks, err = e.Journal.Locks(ctx, start.Retailer, start.Environment); err != nil {
		return deployer.Deployment{}, fmt.Errorf("look up what is locked: %w", err)
	}
	if facts.ID, err = e.Journal.Allocate(ctx, start.Retailer); err != nil {
		return deployer.Deployment{}, fmt.Errorf("allocate an id: %w", err)
	}
	events, messages, err := deployer.Decide(deployer.Deployment{}, o, facts)
	if err != nil {
		return deployer.Deployment{}, err
	}
	c := deployer.Pack(deployer.Deployment{}, o, events, messages)
	c.Locks = &facts.Locks
	if err := e.Journal.Append(ctx, c); err != nil {
		return deployer.Deployment{}, fmt.Errorf("commit %s: %w", facts.ID, err)
	}
	return c.After, nil
}

// do decides and commits an order of this deployment, one at a time.
func (t *instance) do(ctx context.Context, o deployer.Order, facts deployer.Facts) (deployer.Deployment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range attemptsMax {
		d, err := t.state(ctx)
		if err != nil {
			return deployer.Deployment{}, err
		}
		events, messages, err := deployer.Decide(d, o, facts)
		if err != nil {
			return d, err
		}
		c := deployer.Pack(d, o, events, messages)
		if len(events) == 0 && len(c.Sent) == 0 {
			return d, nil
		}
		err = t.e.Journal.Append(ctx, c)
		switch {
		case err == nil:
			t.d = &c.After
			t.wake()
			return c.After, nil
		case errors.Is(err, deployer.ErrUnknown), errors.Is(err, deployer.ErrConflict):
			// What is in memory may be wrong. If the commit did land, deciding
			// again on what is on disk finds nothing left to do.
			t.e.Log.Warn("an order is decided again", "deployment", t.id, "err", err)
			t.d = nil
			t.wake()
		default:
			return d, fmt.Errorf("commit %s: %w", t.id, err)
		}
	}
	return deployer.Deployment{}, fmt.Errorf("commit %s: somebody else was first %d times", t.id, attemptsMax)
}

// state returns the deployment, from disk if it is not in memory. The caller
// holds t.mu.
func (t *instance) state(ctx context.Context) (deployer.Deployment, error) {
	if t.d != nil {
		return *t.d, nil
	}
	d, err := t.e.Journal.Load(ctx, t.id)
	switch {
	case errors.Is(err, deployer.ErrNotFound):
		t.e.drop(t, false)
		return deployer.Deployment{}, deployer.Refuse("", "There is no deployment %s.", t.id)
	case err != nil && ctx.Err() == nil:
		err = fmt.Errorf("load %s: %w", t.id, err)
		t.e.fail(err)
		return deployer.Deployment{}, err
	case err != nil:
		return deployer.Deployment{}, err
	}
	t.d = &d
	if d.Status.Ended() {
		t.e.drop(t, false)
	}
	return d, nil
}
