package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// start creates a deployment when it is its turn, once for each origin; a child is
// what a step of another one asks for.
func (e *Engine) start(ctx context.Context, o deployer.Order, start deployer.Start, child bool) (deployer.Deployment, error) {
	give, err := e.turns.take(ctx, append(placesOf(start), "origin "+start.Origin)...)
	if err != nil {
		return deployer.Deployment{}, err
	}
	defer give()
	return e.findOrCreate(ctx, o, start, child)
}

// findOrCreate returns what the origin has started, or starts it. After a
// commit that may have landed, whoever asked need not wait any more: what is
// there is found and run all the same, and if that can't be read, the process
// ends.
func (e *Engine) findOrCreate(ctx context.Context, o deployer.Order, start deployer.Start, child bool) (deployer.Deployment, error) {
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
		d, err := e.create(ctx, o, start, child)
		switch {
		case errors.Is(err, deployer.ErrUnknown), errors.Is(err, deployer.ErrConflict):
			e.complain(slog.LevelWarn, "a start is decided again", start.Origin, "origin", start.Origin, "err", err)
			if errors.Is(err, deployer.ErrUnknown) {
				unknown, ctx = true, context.WithoutCancel(ctx)
			}
		default:
			return d, err
		}
	}
	return deployer.Deployment{}, fmt.Errorf("start %s: somebody else was first %d times", start.Origin, attemptsMax)
}

// resume returns what an origin has started before, and has it run: the commit
// that created it may have been one of those that ended in the unknown.
func (e *Engine) resume(ctx context.Context, id string) (deployer.Deployment, error) {
	t := e.hold(id)
	defer e.letGo(t)
	d, err := t.load(ctx)
	if err == nil {
		e.schedule(t, deployer.Lives(d), d.Wakeup())
	}
	return d, err
}

// undecided stands for the id of a deployment that may not come to be.
const undecided = "undecided-0"

// create decides a start and commits it. It is decided once before it is given
// an id, so that one that is refused takes none.
func (e *Engine) create(ctx context.Context, o deployer.Order, start deployer.Start, child bool) (deployer.Deployment, error) {
	facts, err := e.facts(ctx, start)
	if err != nil {
		return deployer.Deployment{}, err
	}
	if facts.Child = child; !child {
		if facts.Person, err = e.person(ctx, o.By); err != nil {
			return deployer.Deployment{}, err
		}
		facts.Policy = e.policy(start.Site)
	}
	facts.Now, facts.ID = e.now(), undecided
	if _, _, err := telling.Decide(deployer.Deployment{}, o, facts); err != nil {
		return deployer.Deployment{}, err
	}
	if facts.ID, err = e.Journal.Allocate(ctx, start.Site.Name); err != nil {
		return deployer.Deployment{}, fmt.Errorf("allocate an id: %w", err)
	}
	events, messages, err := telling.Decide(deployer.Deployment{}, o, facts)
	if err != nil {
		return deployer.Deployment{}, err
	}
	c := deployer.Pack(deployer.Deployment{}, o, events, messages)
	c.Locks = &facts.Locks
	if err := e.Journal.Append(ctx, c); err != nil {
		return deployer.Deployment{}, fmt.Errorf("commit %s: %w", facts.ID, err)
	}
	t := e.hold(facts.ID)
	defer e.letGo(t)
	e.schedule(t, c.Live, c.Wakeup)
	return c.After, nil
}

// facts looks up what a start is decided under.
func (e *Engine) facts(ctx context.Context, start deployer.Start) (deployer.Facts, error) {
	facts := deployer.Facts{Holders: map[string]deployer.Deployment{}, Store: e.Store}
	places := placesOf(start)
	holders, err := e.Journal.Holders(ctx, places)
	if err != nil {
		return facts, fmt.Errorf("look up who holds %v: %w", places, err)
	}
	for place, id := range holders {
		facts.Holders[place], err = e.read(ctx, id)
		if errors.Is(err, deployer.ErrNotFound) {
			e.isolate(missing(id))
			err = e.inQuarantine(id)
		}
		if err != nil {
			return facts, fmt.Errorf("load %s, which holds %s: %w", id, place, err)
		}
	}
	facts.Locks, err = e.locks(ctx, start.Site.Name, start.Site.Environment, "")
	return facts, err
}

// placesOf are the places that a start wants.
func placesOf(start deployer.Start) []string {
	return deployer.PlacesOf(start.Site, start.Procedure.ID, start.Releases, start.Drill.On)
}
