package access

import (
	"context"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// A question is what one system is asked.
type question struct {
	of  string // whom, for people
	ask func(context.Context) error
}

// questions are what has to be asked for the steps of a deployment that are still to
// come, each once; silent are the kinds of steps of whose systems it can't be asked.
func (s *System) questions(d deployer.Deployment, in deployer.Intent) (all []question, silent []string) {
	q := &asker{cfg: s.cfg, runners: s.cfg.Runners(), d: d, site: in.Site, seen: map[string]bool{}}
	for _, step := range d.Steps {
		switch {
		case step.ID == in.Step, step.Status.Over(), step.Hand:
		case step.Work() == deployer.WorkSystem:
			q.runs(step)
		case step.Announces():
			q.posts(step.To())
		}
	}
	q.posts(d.Procedure.Failure.To)
	return q.all, q.silent
}

// An asker collects questions.
type asker struct {
	cfg     Config
	runners map[string]deployer.Runner
	d       deployer.Deployment
	site    deployer.Site
	seen    map[string]bool // what is asked already
	all     []question
	silent  []string
}

// add asks something unless it is asked already.
func (a *asker) add(key, of string, ask func(context.Context) error) {
	if !a.seen[key] {
		a.seen[key] = true
		a.all = append(a.all, question{of, ask})
	}
}

// runs asks for a step that a system does.
func (a *asker) runs(s deployer.StepState) {
	if s.Deploys() && a.cfg.Image != nil {
		for _, t := range a.d.Targets {
			a.add("image "+t.After.Image, "the registry", func(ctx context.Context) error { return a.cfg.Image(ctx, t.After.Image) })
		}
	}
	if s.Kind.Scope != deployer.ScopeServices {
		a.of(s.Kind.Name, deployer.Intent{Site: a.site, Step: s.ID})
		return
	}
	for _, t := range a.d.Targets {
		name := s.Kind.Name
		if s.Kind.OfTarget {
			name = t.Runner + "." + name
		}
		a.of(name, deployer.Intent{Site: a.site, Step: s.ID, Item: t.Service, Service: t.Service, Where: t.Where, From: t.Before, To: t.After})
	}
}

// of asks a runner. Only what is another system's can forbid anything: what the bot does
// with its own record is named after no system.
func (a *asker) of(name string, in deployer.Intent) {
	in.Deployment = a.d.ID
	if r, ok := a.runners[name].(deployer.Permitted); ok {
		a.add(name+" "+in.Service, name, func(ctx context.Context) error { return r.Access(ctx, in) })
	} else if strings.Contains(name, ".") && !slices.Contains(a.silent, name) {
		a.silent = append(a.silent, name)
	}
}

// posts asks for channels, by their names in the procedure. One that a step has still to
// open is not there to be asked for.
func (a *asker) posts(names []string) {
	if a.cfg.Post == nil {
		return
	}
	for _, name := range names {
		if id := a.d.Channels[name]; id != "" {
			a.add("channel "+id, "Slack", func(ctx context.Context) error { return a.cfg.Post(ctx, id) })
		}
	}
}
