package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// Lock keeps new deployments away: it returns when that is on disk, and with it
// what the channel is told. A deployment that is created at the same moment is
// either there before the lock, or refused. A *deployer.Refusal is for the
// person who asked.
func (e *Engine) Lock(ctx context.Context, retailer, environment string, l deployer.Lock, channel string) error {
	who, err := e.person(ctx, l.By)
	if err != nil {
		return err
	}
	return e.relock(ctx, retailer, environment, func(all deployer.Locks) (deployer.Locks, deployer.Message, error) {
		if slices.ContainsFunc(all.InForce(l.At), func(old deployer.Lock) bool { return isSame(old, l) }) {
			return deployer.Locks{}, deployer.Message{}, nil // it landed, although nobody was told
		}
		after, err := all.Set(l, who, e.policy(all.Site))
		return after, all.Announcement(deployer.NoteLocked, l, l.By, channel), err
	})
}

// isSame reports whether two locks are one that was asked for twice.
func isSame(a, b deployer.Lock) bool {
	return a.Service == b.Service && a.By.ID == b.By.ID && (a.At.Equal(b.At) || a.Origin != "" && a.Origin == b.Origin)
}

// Unlock takes the lock of a service away, or with "" that of the environment,
// and tells the channel. A *deployer.Refusal is for the person who asked.
func (e *Engine) Unlock(ctx context.Context, retailer, environment, service string, by deployer.Actor, channel string) error {
	who, err := e.person(ctx, by)
	if err != nil {
		return err
	}
	var lifted deployer.Lock // by an attempt of which nobody knows how it ended
	return e.relock(ctx, retailer, environment, func(all deployer.Locks) (deployer.Locks, deployer.Message, error) {
		there := slices.ContainsFunc(all.All, func(l deployer.Lock) bool { return isSame(l, lifted) })
		if lifted.Reason != "" && !there {
			return deployer.Locks{}, deployer.Message{}, nil // it is gone, as was asked for
		}
		var after deployer.Locks
		var err error
		after, lifted, err = all.Lift(service, by, who, e.policy(all.Site), e.now())
		return after, all.Announcement(deployer.NoteUnlocked, lifted, by, channel), err
	})
}

// A change of an environment's locks, and what is said of it. Locks of nobody
// change nothing.
type change func(deployer.Locks) (deployer.Locks, deployer.Message, error)

// relock changes the locks of an environment, again if somebody else was first.
func (e *Engine) relock(ctx context.Context, retailer, environment string, change change) error {
	for range attemptsMax {
		before, err := e.locks(ctx, retailer, environment, "")
		if err != nil {
			return err
		}
		after, announcement, err := change(before)
		if err != nil || after.Site.Name == "" {
			return err
		}
		err = e.Journal.SetLocks(ctx, after, announcement)
		if !errors.Is(err, deployer.ErrConflict) && !errors.Is(err, deployer.ErrUnknown) {
			return err
		}
		e.complain(slog.LevelWarn, "a lock is decided again", retailer+" "+environment, "retailer", retailer, "environment", environment, "err", err)
	}
	return fmt.Errorf("lock %s %s: somebody else was first %d times", retailer, environment, attemptsMax)
}

// locks returns what is locked in an environment. What a deployment has held that
// has ended is lifted first: after the end of each, and where the process died
// before it came to that, by whoever comes upon it. The caller's own deployment
// is in flight.
func (e *Engine) locks(ctx context.Context, retailer, environment, own string) (deployer.Locks, error) {
	for range attemptsMax {
		all, err := e.Journal.Locks(ctx, retailer, environment)
		if err != nil {
			return all, fmt.Errorf("look up what is locked in %s %s: %w", retailer, environment, err)
		}
		left := all.Ended(func(id string) bool { return id != own && e.hasEnded(ctx, id) }, e.now())
		if len(left.All) == len(all.All) {
			return all, nil
		}
		switch err := e.Journal.SetLocks(ctx, left, deployer.Message{}); {
		case err == nil, errors.Is(err, deployer.ErrConflict), errors.Is(err, deployer.ErrUnknown):
		default:
			e.complain(slog.LevelWarn, "a lock is not lifted yet", retailer+" "+environment, "retailer", retailer, "environment", environment, "err", err)
			return left, nil // it is not in force all the same
		}
	}
	return deployer.Locks{}, fmt.Errorf("look up what is locked in %s %s: somebody else was first %d times", retailer, environment, attemptsMax)
}

// ended has those go on who await the end of a deployment, and takes away what it held:
// whatever goes on after that holds nothing.
func (t *instance) ended(ctx context.Context, d deployer.Deployment) {
	t.e.mu.Lock()
	t.e.tell(t.id)
	t.e.mu.Unlock()
	if _, err := t.e.locks(context.WithoutCancel(ctx), d.Site.Name, d.Site.Environment, ""); err != nil {
		t.e.complain(slog.LevelWarn, "a lock is not lifted yet", t.id, "deployment", t.id, "err", err)
	}
}

// hasEnded reports whether a deployment has. One that can't be read has not.
func (e *Engine) hasEnded(ctx context.Context, id string) bool {
	d, err := e.Journal.Load(ctx, id)
	return err == nil && d.Status.Ended()
}
