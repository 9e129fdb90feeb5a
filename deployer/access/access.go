// Package access asks every system that later steps of a deployment use whether the bot
// may do what they will want, so that nothing is missing at night.
//
// It only reads: to look always finds that it may begin, and whoever follows again asks
// again. What a system answers is a warning ahead of time; what counts is what it answers
// to the deed itself.
package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

const (
	kind       = "access"
	failDenied = "denied"
)

// watchEvery is how often it is asked again while people are awaited.
const watchEvery = 5 * time.Minute

// A Config is what a System asks. Each function is safe for concurrent use; its error is
// a *deployer.Refusal where something is not allowed, and another where that can't be told
// now.
type Config struct {
	Load    func(ctx context.Context, id string) (deployer.Deployment, error)
	Runners func() map[string]deployer.Runner               // by name
	Image   func(ctx context.Context, image string) error   // whether its registry hands it out; nil: it is not asked
	Post    func(ctx context.Context, channel string) error // whether the bot may post there, by the chat system's id; nil: it is not asked
}

// A System asks. It is safe for concurrent use.
type System struct{ cfg Config }

// New returns a System. It asks nothing.
func New(cfg Config) *System { return &System{cfg} }

// Kinds are the step kinds of this package.
func Kinds() []deployer.Kind {
	return []deployer.Kind{{
		Name:   kind,
		Doc:    "the bot may do all that the later steps will, seen by asking each system, so that nothing is missing at night",
		Expect: "Nothing that later steps need is forbidden to the bot.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
		Fails: []string{failDenied},
	}}
}

// Runners are the runners of this package, by name.
func (s *System) Runners() map[string]deployer.Runner { return map[string]deployer.Runner{kind: s} }

// Look is always present: to ask again is always possible.
func (s *System) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedPresent}, nil
}

// Act has nothing to do.
func (s *System) Act(context.Context, deployer.Intent) (string, error) { return "", nil }

// Follow asks everybody, and fails with all that is missing at once.
func (s *System) Follow(ctx context.Context, in deployer.Intent, _ string, report func(deployer.Progress)) (deployer.Outcome, error) {
	d, err := s.cfg.Load(ctx, in.Deployment)
	if err != nil {
		return deployer.Outcome{}, fmt.Errorf("read what %s will do: %w", in.Deployment, err)
	}
	questions, silent := s.questions(d, in)
	var missing, asked []string
	var unclear []error
	for _, q := range questions {
		if report != nil {
			report(deployer.Progress{Note: "Asking " + q.of + "."})
		}
		err := q.ask(ctx)
		r, refused := errors.AsType[*deployer.Refusal](err)
		switch {
		case refused && !slices.Contains(missing, r.Error()):
			missing = append(missing, r.Error())
		case err != nil && !refused:
			unclear = append(unclear, fmt.Errorf("ask %s: %w", q.of, err))
		}
		if !slices.Contains(asked, q.of) {
			asked = append(asked, q.of)
		}
	}
	switch {
	case len(missing) > 0:
		return deployer.Outcome{Result: deployer.Failed, Kind: failDenied, Why: strings.Join(missing, " "), Detail: strings.Join(missing, "\n")}, nil
	case len(unclear) > 0:
		return deployer.Outcome{}, errors.Join(unclear...)
	}
	return deployer.Outcome{Result: deployer.OK, Why: summary(asked, silent)}, nil
}

// summary says who was asked, and who can't be.
func summary(asked, silent []string) string {
	why := "There is nobody to ask."
	if len(asked) > 0 {
		why = "Asked: " + strings.Join(asked, ", ") + "."
	}
	if len(silent) > 0 {
		why += " What can't be asked: " + strings.Join(silent, ", ") + "."
	}
	return why
}

// Recheck asks again.
func (s *System) Recheck(ctx context.Context, in deployer.Intent, ref string, _ deployer.Outcome) (deployer.Outcome, error) {
	return s.Follow(ctx, in, ref, nil)
}

// Watch asks now and then, since what is allowed can be taken away.
func (s *System) Watch(ctx context.Context, in deployer.Intent, ref string, _ deployer.Outcome, _ func(deployer.Progress)) (deployer.Outcome, error) {
	return deployer.WatchEvery(ctx, watchEvery, func() (deployer.Outcome, error) { return s.Follow(ctx, in, ref, nil) })
}
