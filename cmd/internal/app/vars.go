package app

import (
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// SiteVars are what the config sets of the vars of procedures at a site, for a service
// or, with "", for none in particular. The nearest level counts: the service in the
// retailer, the service, the retailer's environment, the environment everywhere, the
// retailer, its groups, all.
func (c Config) SiteVars(site deployer.Site, service string) map[string]string {
	retailer := c.Retailers[site.Name]
	levels := []map[string]string{c.Vars}
	for _, g := range retailer.Groups {
		levels = append(levels, c.Groups[g].Vars) // which agree
	}
	levels = append(levels, retailer.Vars, c.VarsIn[site.Environment], retailer.Environments[site.Environment].Vars,
		c.Services[service].Vars, retailer.Services[service])
	out := map[string]string{}
	for _, level := range levels {
		maps.Copy(out, level)
	}
	return out
}

// has are the services that a retailer has, sorted.
func (c Config) has(retailer string) []string {
	r := c.Retailers[retailer]
	if r.Services == nil {
		return sorted(c.Services)
	}
	return sorted(r.Services)
}

// uses calls fn with every procedure that may be followed, and where.
func (c Config) uses(fn func(p deployer.Procedure, site deployer.Site, service string)) {
	for _, retailer := range sorted(c.Retailers) {
		for _, env := range sorted(c.Retailers[retailer].Environments) {
			site := deployer.Site{Name: retailer, Environment: env}
			for _, service := range c.has(retailer) {
				for _, id := range c.followed(c.who(site, service)) {
					if p, ok := c.Procedures[id]; ok {
						fn(p, site, service)
					}
				}
			}
		}
	}
}

var secretIn = regexp.MustCompile(`\{secrets\.([A-Za-z0-9_-]+)\}`)

// needsVars: what a procedure leaves to the config has to be set wherever it is
// followed, and the secrets that it names have to be there.
func (c *checker) needsVars(cfg *Config) {
	for env, e := range c.file.Defaults.Environments {
		cfg.VarsIn[env] = values(e.Vars)
	}
	said := map[string]bool{}
	cfg.uses(func(p deployer.Procedure, site deployer.Site, service string) {
		for _, m := range secretIn.FindAllStringSubmatch(strings.Join(p.Texts(), "\n"), -1) {
			if _, ok := c.file.Secrets[m[1]]; !ok && !said[p.ID+" secret "+m[1]] {
				said[p.ID+" secret "+m[1]] = true
				c.wrong(c.key("services", service), "the procedure %s of %s needs the secret %s, which is not under secrets; add for example secrets: {%[3]s: \"${ENV:NAME}\"}", p.ID, service, m[1])
			}
		}
		set := cfg.SiteVars(site, service)
		for _, name := range sorted(p.Vars) {
			_, ok := set[name]
			if key := p.ID + " " + name; !ok && p.Vars[name] == "" && !said[key] {
				said[key] = true
				c.wrong(c.key("services", service), "the procedure %s needs the var %s for %s in %s, and nothing sets it; add for example vars: {%[2]s: …} at the top", p.ID, name, service, site)
			}
		}
	})
}

// levels are where vars of procedures stand in the config.
func (f file) levels() []map[string]strict.Text {
	out := []map[string]strict.Text{f.Vars}
	for _, g := range f.Groups {
		out = append(out, g.Vars)
	}
	for _, e := range f.Defaults.Environments {
		out = append(out, e.Vars)
	}
	for _, s := range f.Services {
		out = append(out, s.Vars)
	}
	for _, r := range f.Retailers {
		out = append(out, r.Vars)
		for _, e := range r.Environments {
			out = append(out, e.Vars)
		}
		for _, s := range r.Services {
			out = append(out, s.Vars)
		}
	}
	return out
}

// vars says what is wrong with the texts of the config's vars, and which of them none of
// the procedures has, nor is among more: a typing mistake, mostly. Where the procedures
// could not be loaded, the latter is not said.
func (c *checker) vars(procedures map[string]deployer.Procedure, more []string) (unused strict.Problems) {
	by := map[string]deployer.Procedure{}
	for _, name := range more {
		by[name] = deployer.Procedure{}
	}
	for _, id := range sorted(procedures) {
		for name := range procedures[id].Vars {
			by[name] = procedures[id]
		}
	}
	for _, level := range c.file.levels() {
		for name, t := range level {
			if _, ok := by[name]; !ok && procedures != nil {
				unused = append(unused, t.KeyBefore(name).At(c.path, "%s", unknownVar(name, sorted(by))))
			}
			for _, m := range language.NewNames(by[name]).CheckText(t.Value, language.Place{Var: true}) {
				p := t.From(m.At).Wrong("text", m.Why, m.Hint)
				p.File = c.path
				c.problems = append(c.problems, p)
			}
		}
	}
	_ = unused.Err() // which sorts them
	return unused
}

func unknownVar(name string, known []string) string {
	if len(known) == 0 {
		return fmt.Sprintf("no procedure has the var %q", name)
	}
	return strict.Unknown("var in a procedure", name, known)
}

// secrets are where those are that procedures may name.
func (c *checker) secrets() map[string]func() (deployer.Secret, error) {
	out := map[string]func() (deployer.Secret, error){}
	for name, t := range c.file.Secrets {
		if read := c.renewable(t); read != nil {
			out[name] = read
		}
	}
	return out
}
