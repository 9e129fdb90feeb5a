package launch

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// Service returns the configured name of a service.
func (l Launcher) Service(word string) (string, error) {
	if _, ok := l.cfg.Services[word]; ok {
		return word, nil
	}
	names := slices.Sorted(maps.Keys(l.cfg.Services))
	if n := Match(word, names); n != "" {
		return n, nil
	}
	return "", Unknown("There is no service", word, names, "There are")
}

// Environment returns the named one of a site, or with "" its default, or its
// only one. A mistake is a [FieldError].
func (l Launcher) Environment(site, word string) (string, error) {
	environments := l.cfg.Sites[site].Environments
	names := slices.Sorted(maps.Keys(environments))
	if word != "" {
		if n := Match(word, names); n != "" {
			return n, nil
		}
		return "", FieldError{Field: FieldEnvironment, Err: Unknown(Capital(site)+" has no environment", word, names, "There are")}
	}
	for _, n := range names {
		if environments[n].Default || len(names) == 1 {
			return n, nil
		}
	}
	return "", FieldError{Field: FieldEnvironment, Err: deployer.Refuse("", "%s has several environments and none is the default.", Capital(site))}
}

// CheckTag refuses a tag that its service is known not to have. "" is none: a
// revision was found in the system itself.
func (l Launcher) CheckTag(ctx context.Context, service, tag string) error {
	if tag == "" {
		return nil
	}
	if tags := l.ports.Lacks(ctx, service, tag); len(tags) > 0 {
		return Unknown(service+" has no tag", tag, tags, "It has")
	}
	return nil
}

// procedure returns the named one, or the one that all the services follow. Who may
// choose which is the core's decision.
func (l Launcher) procedure(r Request, env string, releases []deployer.Release) (deployer.Procedure, error) {
	follows := func(service string) string {
		return cmp.Or(l.cfg.Sites[r.Site].Environments[env].Follows[service], l.cfg.Services[service])
	}
	word, from := r.Procedure, ""
	for _, w := range releases {
		if r.Procedure == "" && from != "" && follows(w.Service) != follows(from) {
			return deployer.Procedure{}, deployer.Refuse("Deploy them one by one.", "%s and %s follow different procedures.", from, w.Service)
		}
		from = w.Service
	}
	if word == "" {
		word = follows(from)
	}
	ids := slices.Sorted(maps.Keys(l.cfg.Procedures))
	if id := Match(word, ids); id != "" {
		return l.cfg.Procedures[id], nil
	}
	if id := Match(word, l.cfg.Idle); id != "" {
		return deployer.Procedure{}, deployer.Refuse("Add it to the configuration, under also of defaults, the retailer or the service, with the role that may.", "The procedure %s is not used here.", id)
	}
	return deployer.Procedure{}, Unknown("There is no procedure", word, ids, "There are")
}
