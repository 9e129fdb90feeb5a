package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// Lock keeps new deployments away: it returns when that is on disk. A
// deployment that is created at the same moment is either there before the
// lock, or refused. A *deployer.Refusal is for the person who asked.
func (e *Engine) Lock(ctx context.Context, retailer, environment string, l deployer.Lock) error {
	return e.relock(ctx, retailer, environment, func(all deployer.Locks) (deployer.Locks, error) {
		if old := all.Of(l.Service, l.At); old != nil && old.By.ID == l.By.ID && old.At.Equal(l.At) {
			return deployer.Locks{}, nil // it landed, although nobody was told
		}
		return all.Set(l)
	})
}

// Unlock takes the lock of a service away, or with "" that of the environment.
// A *deployer.Refusal is for the person who asked.
func (e *Engine) Unlock(ctx context.Context, retailer, environment, service string, by deployer.Person) error {
	roles, err := e.People.Roles(ctx, by.ID)
	if err != nil {
		e.Log.Warn("roles are not known", "person", by.ID, "error", err)
	}
	return e.relock(ctx, retailer, environment, func(all deployer.Locks) (deployer.Locks, error) {
		return all.Lift(service, by, roles, time.Now())
	})
}

// relock changes the locks of an environment, again if somebody else was first.
func (e *Engine) relock(ctx context.Context, retailer, environment string, change func(deployer.Locks) (deployer.Locks, error)) error {
	for range attempts {
		before, err := e.Journal.Locks(ctx, retailer, environment)
		if err != nil {
			return fmt.Errorf("look up what is locked in %s %s: %w", retailer, environment, err)
		}
		after, err := change(before)
		if err != nil || after.Retailer == "" {
			return err
		}
		err = e.Journal.SetLocks(ctx, after)
		if !errors.Is(err, deployer.ErrConflict) && !errors.Is(err, deployer.ErrUnknown) {
			return err
		}
		e.Log.Warn("a lock is decided again", "retailer", retailer, "environment", environment, "error", err)
	}
	return fmt.Errorf("lock %s %s: somebody else was first %d times", retailer, environment, attempts)
}
