// Package history asks the bot's own record whether something was deployed before:
// this version in another environment, for long enough, or a procedure, lately enough.
//
// It only reads, so that nothing can happen twice: to look always finds that it may
// begin, and whoever follows again searches again.
package history

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The step kind of this package, its parameters, outputs and failures.
const (
	kind             = "history"
	paramEnvironment = "environment"
	paramStable      = "stable"
	paramProcedure   = "procedure"
	paramWithin      = "within"
	outDeployment    = "deployment"
	outSince         = "since"
	failNotFound     = "not-found"
	failTooYoung     = "too-young"
)

// How many deployments of a service in an environment are looked through, and how often
// they are while people are awaited.
const (
	depth      = 200
	page       = 50
	watchEvery = 5 * time.Minute
)

// Deployments are what was written down.
type Deployments interface {
	// Load returns a deployment; an unknown id is deployer.ErrNotFound.
	Load(ctx context.Context, id string) (deployer.Deployment, error)
	// List returns what a query selects, the newest first.
	List(ctx context.Context, q deployer.Query) ([]deployer.Summary, error)
}

// A System searches the record. It is safe for concurrent use.
type System struct{ record Deployments }

// New returns a System that searches a record.
func New(record Deployments) *System { return &System{record} }

// Kinds are the step kinds of this package.
func Kinds() []deployer.Kind {
	return []deployer.Kind{{
		Name:   kind,
		Doc:    "the bot's own record knows of an earlier deployment",
		Expect: "The record has it.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: paramEnvironment, Type: deployer.TypeText, Required: true, Doc: "where"},
			{Name: paramStable, Type: deployer.TypeDuration, Doc: "this version was completed there at least that long ago and has had no failure since"},
			{Name: paramProcedure, Type: deployer.TypeText, Doc: "instead: this procedure was completed there"},
			{Name: paramWithin, Type: deployer.TypeDuration, Doc: "with procedure: at most that long ago"},
		},
		Outputs: []deployer.Param{
			{Name: outDeployment, Type: deployer.TypeText, Doc: "its id"},
			{Name: outSince, Type: deployer.TypeTime, Doc: "when it was complete"},
		},
		Fails: []string{failNotFound, failTooYoung},
	}}
}

// Runners are the runners of this package, by name.
func (s *System) Runners() map[string]deployer.Runner { return map[string]deployer.Runner{kind: s} }

// Look is always present: to search again is always possible.
func (s *System) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedPresent}, nil
}

// Act has nothing to do.
func (s *System) Act(context.Context, deployer.Intent) (string, error) { return "", nil }

// Follow searches once.
func (s *System) Follow(ctx context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	q := question{
		now: time.Now(), id: in.Deployment, service: in.Service, version: in.To, environment: in.With[paramEnvironment].Text,
		stable: in.With[paramStable].Duration, procedure: in.With[paramProcedure].Text, within: in.With[paramWithin].Duration,
	}
	return s.search(ctx, q, in.Site)
}

// Recheck searches again.
func (s *System) Recheck(ctx context.Context, in deployer.Intent, ref string, _ deployer.Outcome) (deployer.Outcome, error) {
	return s.Follow(ctx, in, ref, nil)
}

// Watch searches now and then, since the record grows.
func (s *System) Watch(ctx context.Context, in deployer.Intent, ref string, _ deployer.Outcome, _ func(deployer.Progress)) (deployer.Outcome, error) {
	return deployer.WatchEvery(ctx, watchEvery, func() (deployer.Outcome, error) { return s.Follow(ctx, in, ref, nil) })
}

// search goes through the record, the newest first, until something answers the
// question.
func (s *System) search(ctx context.Context, q question, site deployer.Site) (deployer.Outcome, error) {
	query := deployer.Query{Site: deployer.Site{Kind: site.Kind, Name: site.Name, Environment: q.environment}, Service: q.service, Limit: page}
	for range depth / page {
		list, err := s.record.List(ctx, query)
		if err != nil {
			return deployer.Outcome{}, fmt.Errorf("search the record of %s in %s: %w", q.service, query.Site, err)
		}
		for _, summary := range list {
			if o, over, err := s.ask(ctx, &q, summary); err != nil || over {
				return o, err
			}
		}
		if len(list) < page {
			break
		}
		query.Before = list[len(list)-1].ID
	}
	return q.nothing(), nil
}

// ask puts the question to one deployment.
func (s *System) ask(ctx context.Context, q *question, summary deployer.Summary) (o deployer.Outcome, over bool, err error) {
	if summary.ID == q.id || !summary.Status.Ended() || summary.Status == deployer.Refused || summary.Drill {
		return o, false, nil
	}
	d, err := s.record.Load(ctx, summary.ID)
	if ctx.Err() != nil {
		return o, false, ctx.Err()
	}
	if err == nil { // what can't be read speaks for nothing, and harms no other
		o, over = q.answer(d)
	}
	return o, over, nil
}

// same reports whether two references are to one image: one may not know its digest.
func same(a, b string) bool {
	return a == b || a != "" && strings.HasPrefix(b, a+"@") || b != "" && strings.HasPrefix(a, b+"@")
}
