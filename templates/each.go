package templates

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"go.yaml.in/yaml/v4"
)

// eachService says of a step that it is done once for every service.
const eachService = "services"

// each reads for what a step is done, each by itself. That has to fit its kind:
// one that is done for members needs a list of them.
func (b *builder) each(s *deployer.Step, w step) {
	at, scope := textOf(&w.Each), s.Kind.Scope
	list, services := w.Each.Kind == yaml.SequenceNode, w.Each.Kind == yaml.ScalarNode && at.Value == eachService
	switch {
	case w.Each.Kind == 0 && scope == deployer.ScopeMembers:
		b.wrong(w.Uses, "%s is done once for every member of a list; add for example each: [one, two]", s.Uses)
	case w.Each.Kind == 0, services && scope == deployer.ScopeServices:
	case !list && !services:
		b.wrong(at, "each is a list of names such as [one, two], or the word %s", eachService)
	case scope == deployer.ScopeMembers && services:
		b.wrong(at, "%s is done for the members of a list, which has to be written out; its members are not the services", s.Uses)
	case scope == deployer.ScopeMembers:
		b.members(s, w)
	case scope == deployer.ScopeServices:
		b.wrong(at, "%s is done once for every service; take each away, or write each: %s", s.Uses, eachService)
	default:
		b.wrong(at, "%s is done once; take each away", s.Uses)
	}
}

// members reads a list of names, each of them once.
func (b *builder) members(s *deployer.Step, w step) {
	if len(w.Each.Content) == 0 {
		b.wrong(textOf(&w.Each), "this list is empty, so that the step would do nothing; name at least one")
	}
	for _, n := range w.Each.Content {
		switch at := textOf(n); {
		case n.Kind != yaml.ScalarNode || isBlank(n.Value):
			b.wrong(at, "each names its members, such as [one, two]")
		case slices.Contains(s.Each, n.Value):
			b.wrong(at, "%q stands in this list already; take one of them away", n.Value)
		default:
			s.Each = append(s.Each, n.Value)
		}
	}
}
