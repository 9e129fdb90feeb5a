package launch

import (
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
		return "", FieldError{Field: FieldEnvironment, Err: Unknown(capital(site)+" has no environment", word, names, "There are")}
	}
	for _, n := range names {
		if environments[n] || len(names) == 1 {
			return n, nil
		}
	}
	return "", FieldError{Field: FieldEnvironment, Err: deployer.Refuse("", "%s has several environments and none is the default.", capital(site))}
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

// procedure returns the named one, or the one that all the services follow.
func (l Launcher) procedure(word string, releases []deployer.Release) (deployer.Procedure, error) {
	from := ""
	for _, w := range releases {
		if word == "" && from != "" && l.cfg.Services[w.Service] != l.cfg.Services[from] {
			r := deployer.Refuse("Deploy them one by one", "%s and %s follow different procedures.", from, w.Service)
			r.Instead = append(r.Instead, deployer.Hint{
				Say: "or say which, for example", Flag: deployer.Flag{Name: "procedure", Value: l.cfg.Services[from]},
			})
			return deployer.Procedure{}, r
		}
		from = w.Service
	}
	if word == "" {
		word = l.cfg.Services[from]
	}
	ids := slices.Sorted(maps.Keys(l.cfg.Procedures))
	if id := Match(word, ids); id != "" {
		return l.cfg.Procedures[id], nil
	}
	return deployer.Procedure{}, Unknown("There is no procedure", word, ids, "There are")
}
