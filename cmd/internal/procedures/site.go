package procedures

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/runbook"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// told is what can be told of a procedure at a site before anything is started.
type told struct {
	site       Site
	deployment deployer.Deployment
}

// at fills a page with what is known of a site: names, and which steps are not needed.
func (l Library) at(v *runbook.View, p deployer.Procedure, site Site) error {
	k := told{site: site, deployment: deployer.Deployment{Site: site.site(), Procedure: p, Inputs: site.Inputs}}
	for _, s := range site.Services {
		k.deployment.Releases = append(k.deployment.Releases, deployer.Release{Service: s})
	}
	for _, id := range sortedKeys(site.Inputs) {
		if !slices.ContainsFunc(p.Inputs, func(in deployer.Input) bool { return in.ID == id }) {
			return fmt.Errorf("%s has no input %q", p.ID, id)
		}
	}
	if err := l.locate(&k); err != nil {
		return err
	}
	p.Bind()
	v.For, v.Fill, v.Not = site.String(), k.fill, map[string]string{}
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		if ph := p.PhaseOf(s); k.not(ph.When) {
			v.Not[s.ID] = ph.Else
		} else if k.not(s.When) {
			v.Not[s.ID] = s.Else
		}
	}
	return nil
}

// locate takes from the config what it says of the site.
func (l Library) locate(k *told) error {
	if l.config == "" {
		return nil
	}
	cfg, err := app.Load(l.config)
	if err != nil {
		return err
	}
	name := k.deployment.Site.Name
	r, ok := cfg.Retailers[name]
	if name != "" && !ok {
		return fmt.Errorf("%s", strict.Unknown("retailer in the config", name, sortedKeys(cfg.Retailers)))
	}
	for _, s := range k.site.Services {
		if _, ok := cfg.Services[s]; !ok {
			return fmt.Errorf("%s", strict.Unknown("service in the config", s, sortedKeys(cfg.Services)))
		}
	}
	for env, e := range r.Environments {
		if k.site.Environment == "" && (e.Default || len(r.Environments) == 1) {
			k.site.Environment, k.deployment.Site.Environment = env, env
		}
	}
	e, ok := r.Environments[k.site.Environment]
	if k.site.Environment != "" && name != "" && !ok {
		return fmt.Errorf("%s", strict.Unknown("environment of "+name, k.site.Environment, sortedKeys(r.Environments)))
	}
	k.deployment.Place = deployer.Locale{Namespace: e.Namespace, Owners: map[string]string{}}
	if r.Zone != nil {
		k.deployment.Place.Zone = r.Zone.String()
	}
	for _, s := range k.site.Services {
		k.deployment.Place.Owners[s] = cfg.Services[s].Owner
	}
	service := ""
	if len(k.site.Services) == 1 {
		service = k.site.Services[0]
	}
	vars := maps.Clone(k.deployment.Procedure.Vars)
	for name, value := range cfg.SiteVars(k.deployment.Site, service) {
		if _, has := vars[name]; has {
			vars[name] = value
		}
	}
	k.deployment.Procedure.Vars = vars
	return nil
}

// moment is one at which something of a step is read.
func (k told) moment(step string) deployer.Moment {
	m := deployer.Moment{Deployment: &k.deployment, Now: time.Time{}, Step: step}
	if len(k.site.Services) == 1 {
		m.Item = k.site.Services[0]
	}
	return m
}

var hole = regexp.MustCompile(`\{([a-z][A-Za-z0-9_.-]*)\}`)

// fill fills what is known into a text.
func (k told) fill(step, text string) string {
	return hole.ReplaceAllStringFunc(text, func(h string) string {
		path := h[1 : len(h)-1]
		if !k.knows(path) {
			return h
		}
		words, err := language.Runtime{}.Words(h, k.moment(step))
		if word, ok := words[path]; err == nil && ok && word != "" {
			return word
		}
		return h
	})
}

// not reports whether a condition is known not to hold.
func (k told) not(condition string) bool {
	if condition == "" || !k.decides(condition, nil) {
		return false
	}
	v, err := language.Runtime{}.Compute(condition, deployer.TypeCond, k.moment(""))
	return err == nil && !v.Flag
}

var (
	stringsIn = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	pathsIn   = regexp.MustCompile(`[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*(\()?`)
)

// decides reports whether everything that a condition names is known, also through values.
func (k told) decides(condition string, through []string) bool {
	for _, path := range pathsIn.FindAllString(stringsIn.ReplaceAllString(condition, `""`), -1) {
		if path == "true" || path == "false" || path == "in" {
			continue
		}
		if name, ok := strings.CutSuffix(path, "("); ok { // a function, or a method of what stands before it
			at := strings.LastIndexByte(name, '.')
			if at < 0 {
				continue
			}
			path = name[:at]
		}
		value, isValue := strings.CutPrefix(path, "values.")
		switch {
		case isValue && slices.Contains(through, value):
			return false
		case isValue && k.decides(k.deployment.Procedure.Values[value], append(through, value)):
		case isValue, !k.knows(path):
			return false
		}
	}
	return true
}

// knows reports whether what a path names is known of the site.
func (k told) knows(path string) bool {
	root, rest, _ := strings.Cut(path, ".")
	switch root {
	case "retailer", "product":
		return k.deployment.Site.Name != ""
	case "environment":
		return k.deployment.Site.Environment != "" && (rest != "namespace" || k.deployment.Place.Namespace != "")
	case "service":
		return len(k.site.Services) == 1 && (rest == "" || rest == "name" || rest == "owner")
	case "vars":
		return true
	case "inputs":
		_, ok := k.site.Inputs[rest]
		return ok
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
