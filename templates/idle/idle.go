// Package idle knows what the language takes and the program does not do yet, so that pages
// promise nothing of it and reviews do not ask for it. What begins to work goes from the
// table.
package idle

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// A row is something that does nothing.
type row struct {
	written string // in Markdown, for the page of the language
	does    string
	params  []string                  // of step kinds, as KIND.PARAMETER; KIND may be *
	take    func(*deployer.Procedure) // it out of a procedure; nil: nothing has to be
}

var rows = []row{
	{"`approved` of `run`", "nothing: the other procedure asks by itself", []string{"run.approved"}, nil},
	{"`order` of what people do, and of `announce`", "nothing: all are asked, and told, at once", nil, func(p *deployer.Procedure) {
		steps(p, func(s *deployer.Step) {
			if s.Work() == deployer.WorkPeople || s.Announces() {
				s.Order = nil
			}
		})
	}},
	{"`proceed`", "nothing: no system that is here stops and asks", []string{"*.proceed"}, nil},
	{"several `confirm` side by side", "are a form each, not one", nil, nil},
	{"`hold` of `rollout`, and `promote`", "a start is refused", nil, nil},
	{"Patch forward, Extend", "there are no such buttons", nil, nil},
	{"`runner` other than kubernetes or hand", "the service's own runner is used, and card and `check` say so", nil, nil},
	{"Prometheus, Grafana, Alertmanager, Jenkins, GitHub, Jira, status pages, calendars, pagers, mail, jobs, and the checks of clusters and registries", "a person does it, see “By hand”", nil, nil},
}

// Markdown is the table of all of it.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| written | does |\n|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", r.written, r.does)
	}
	return b.String()
}

// Without is a procedure without what does nothing, bound to its kinds.
func Without(p deployer.Procedure) deployer.Procedure {
	p.Steps, p.Rollback, p.After = slices.Clone(p.Steps), slices.Clone(p.Rollback), slices.Clone(p.After)
	p.Failure.Steps, p.Kinds = slices.Clone(p.Failure.Steps), slices.Clone(p.Kinds)
	for _, r := range rows {
		if r.take != nil {
			r.take(&p)
		}
	}
	for i, k := range p.Kinds {
		p.Kinds[i].Params = slices.DeleteFunc(slices.Clone(k.Params), func(of deployer.Param) bool { return param(k.Name, of.Name) })
	}
	steps(&p, func(s *deployer.Step) {
		s.With = maps.Clone(s.With)
		maps.DeleteFunc(s.With, func(name string, _ deployer.Value) bool { return param(s.Uses, name) })
	})
	p.Bind()
	return p
}

// param reports whether a parameter of a kind does nothing.
func param(kind, name string) bool {
	return slices.ContainsFunc(rows, func(r row) bool {
		return slices.Contains(r.params, kind+"."+name) || slices.Contains(r.params, "*."+name)
	})
}

// steps does something with the steps of every part.
func steps(p *deployer.Procedure, do func(*deployer.Step)) {
	for _, of := range [][]deployer.Step{p.Steps, p.Rollback, p.Failure.Steps, p.After} {
		for i := range of {
			do(&of[i])
		}
	}
}
