// Package locking keeps other deployments away while one is under way.
//
// A lock is set by one commit, which rests on the locks that were read. It is
// found again by the mark of what set it, so that nothing is locked twice. Of a
// deployment that has ended no lock is in force: the engine lifts them.
package locking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The step kind of this package, and its parameters.
const (
	kind            = "lock"
	paramFor        = "for"
	paramReason     = "reason"
	paramEverything = "everything"
)

// attemptsMax bounds how often a lock is set again because somebody else was
// first.
const attemptsMax = 20

// A System locks services of an environment, or all of it. It is safe for
// concurrent use.
type System struct{ journal deployer.LockJournal }

// New returns a System whose locks lie in a journal.
func New(journal deployer.LockJournal) *System { return &System{journal} }

// Kinds are the step kinds of this package.
func Kinds() []deployer.Kind {
	return []deployer.Kind{{
		Name: kind,
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatConditional,
		Doc: "keeps other deployments away until this one has ended, at the longest for a time",
		Params: []deployer.Param{
			{Name: paramFor, Type: deployer.TypeDuration, Required: true, Doc: "at the longest"},
			{Name: paramReason, Type: deployer.TypeText, Required: true, Doc: "what others read"},
			{Name: paramEverything, Type: deployer.TypeFlag, Default: "false", Doc: "all services of the environment instead of this deployment's"},
		},
	}}
}

// Runners are the runners of this package, by name.
func (s *System) Runners() map[string]deployer.Runner { return map[string]deployer.Runner{kind: s} }

// origin is what the lock of an intent is found by.
func origin(in deployer.Intent) string { return in.Mark + " " + in.Step }

// Look finds the lock that was set for the intent, while it lasts.
func (s *System) Look(ctx context.Context, in deployer.Intent) (deployer.Observation, error) {
	all, err := s.journal.Locks(ctx, in.Site.Name, in.Site.Environment)
	if err != nil {
		return deployer.Observation{}, fmt.Errorf("look up what is locked in %s %s: %w", in.Site.Name, in.Site.Environment, err)
	}
	for _, l := range all.InForce(time.Now()) {
		if l.Origin == origin(in) {
			return deployer.Observation{Kind: deployer.ObservedPresent, Ref: l.Origin}, nil
		}
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

// Act sets the locks of all services at once, or of none. The error is a
// Refusal where somebody else's lock stands there.
func (s *System) Act(ctx context.Context, in deployer.Intent) (string, error) {
	for range attemptsMax {
		all, err := s.journal.Locks(ctx, in.Site.Name, in.Site.Environment)
		if err != nil {
			return "", fmt.Errorf("look up what is locked in %s %s: %w", in.Site.Name, in.Site.Environment, err)
		}
		if all, err = locked(all, in, time.Now()); err != nil {
			return "", err
		}
		if err = s.journal.SetLocks(ctx, all, deployer.Message{}); !errors.Is(err, deployer.ErrConflict) {
			return origin(in), err
		}
	}
	return "", fmt.Errorf("lock %s %s: somebody else was first %d times", in.Site.Name, in.Site.Environment, attemptsMax)
}

// locked is what is locked once the intent is done.
func locked(all deployer.Locks, in deployer.Intent, now time.Time) (deployer.Locks, error) {
	services := in.Services
	if in.With[paramEverything].Flag {
		services = []string{""}
	}
	others := all.Besides(func(id string) bool { return id == in.Deployment })
	for _, service := range services {
		if r := others.Forbids(service, in.By, now); r != nil {
			return all, r
		}
		var err error
		if all, err = all.Set(deployer.Lock{
			Service: service, By: in.By, Reason: in.With[paramReason].Text, At: now, Until: now.Add(in.With[paramFor].Duration),
			Origin: origin(in), Deployment: in.Deployment,
		}, deployer.Person{}, nil); err != nil {
			return all, err
		}
	}
	return all, nil
}

// Follow has nothing to wait for.
func (s *System) Follow(context.Context, deployer.Intent, string, func(deployer.Progress)) (deployer.Outcome, error) {
	return deployer.Outcome{Result: deployer.OK, Why: "It lasts until this has ended, or its time is over."}, nil
}
