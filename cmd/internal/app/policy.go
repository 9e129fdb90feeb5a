package app

import (
	"cmp"
	"slices"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// usualProcedure is what a service follows where the config names nothing.
const usualProcedure = "deployment"

// Who is what one level of the config says of who may do what. What it leaves out
// is the next level's to say.
type Who struct {
	Procedure string            // the id of the one that is followed
	Also      map[string]string // others that may be chosen, by id: by which role; nil: it says nothing
	Start     []string          // the roles that may start; nil: it says nothing; empty: everybody
	Lock      string            // the role that may lock
}

func (f whoFile) who() Who {
	w := Who{Procedure: f.Procedure.Value, Lock: f.Lock.Value}
	if f.Also != nil {
		w.Also = map[string]string{}
		for id, role := range f.Also {
			w.Also[id] = role.Value
		}
	}
	if f.Start != nil {
		w.Start = []string{}
		for _, role := range f.Start {
			w.Start = append(w.Start, role.Value)
		}
	}
	return w
}

// over is what holds where one level lies over another.
func (w Who) over(other Who) Who {
	if w.Also == nil {
		w.Also = other.Also
	}
	if w.Start == nil {
		w.Start = other.Start
	}
	w.Procedure, w.Lock = cmp.Or(w.Procedure, other.Procedure), cmp.Or(w.Lock, other.Lock)
	return w
}

// who is what holds at a site, for a service or, with "", for none in particular.
// The nearest level counts: the service in the environment, the service, the
// retailer's environment, the retailer, the environment everywhere, all.
func (c Config) who(site deployer.Site, service string) Who {
	retailer, svc := c.Retailers[site.Name], c.Services[service]
	w := svc.Environments[site.Environment].over(svc.Who).over(retailer.Environments[site.Environment].Who).over(retailer.Who).
		over(c.Everywhere[site.Environment]).over(c.Defaults)
	w.Procedure = cmp.Or(w.Procedure, usualProcedure)
	return w
}

// follows are the services that follow another procedure at a site than without
// one: its id.
func (c Config) follows(site deployer.Site) map[string]string {
	out := map[string]string{}
	for name := range c.Services {
		if id := c.who(site, name).Procedure; id != c.who(deployer.Site{}, name).Procedure {
			out[name] = id
		}
	}
	return out
}

// Policy is who may do what at a site.
func (c Config) Policy(site deployer.Site) deployer.Policy {
	var tam []string
	if c.Retailers[site.Name].TAM != "" {
		tam = []string{view.TAMRole(site.Name)}
	}
	p := deployer.Policy{Access: c.Access, Services: map[string]deployer.ServicePolicy{}}
	for name := range c.Retailers {
		if name != site.Name {
			p.Elsewhere = append(p.Elsewhere, view.TAMRole(name))
		}
	}
	for _, name := range c.has(site.Name) {
		w := c.who(site, name)
		s := deployer.ServicePolicy{Procedure: w.Procedure, Also: w.Also, Start: w.Start, Lock: c.lockers(w, tam)}
		p.Services[name] = s
	}
	all := c.who(site, "")
	p.Site = deployer.ServicePolicy{Procedure: all.Procedure, Also: all.Also, Start: all.Start}
	if w := all; w.Lock != "" {
		p.Lock = append([]string{w.Lock}, tam...)
	} else {
		p.Lock = lockersOfAll(p.Services)
	}
	slices.Sort(p.Lock)
	p.Lock = slices.Compact(p.Lock)
	return p
}

// lockersOfAll are the roles that may lock each of the services, and so all of them:
// whoever may lock one alone has no say in the others.
func lockersOfAll(services map[string]deployer.ServicePolicy) []string {
	var roles []string
	for i, name := range sorted(services) {
		may := services[name].Lock
		if i == 0 {
			roles = slices.Clone(may)
		}
		roles = slices.DeleteFunc(roles, func(role string) bool { return !slices.Contains(may, role) })
	}
	return roles
}

// lockers are the roles that may lock: the one that is named or, where none is,
// those that decide in the procedure; and the retailer's own account manager.
func (c Config) lockers(w Who, tam []string) []string {
	roles := []string{w.Lock}
	if w.Lock == "" {
		roles = deciders(c.Procedures[w.Procedure])
	}
	return append(roles, tam...)
}

// deciders are the roles of a procedure that approve or decide.
func deciders(p deployer.Procedure) []string {
	var roles []string
	add := func(role string) {
		if role != "" && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	add(p.Failure.Decide)
	for _, role := range p.Failure.Roles {
		add(role)
	}
	for _, s := range p.Steps {
		if s.Approves() {
			add(s.Role()) // of several roles none
			for _, role := range sorted(s.With["roles"].Counts) {
				add(role)
			}
		}
	}
	return roles
}

// whoMay checks who may do what, at every level.
func (c *checker) whoMay(cfg *Config) {
	for env, w := range c.file.Defaults.Environments {
		cfg.Everywhere[env] = w.Who.who()
		c.whoFile(cfg, w.Who, "defaults", "environments", env)
		c.somewhere(cfg, env, "defaults", "environments", env)
	}
	c.whoFile(cfg, c.file.Defaults.Who, "defaults")
	for name, r := range c.file.Retailers {
		c.whoFile(cfg, r.Who, c.under(name), name)
		for env, e := range r.Environments {
			c.whoFile(cfg, e.Who, c.under(name), name, "environments", env)
		}
	}
	for name, s := range c.file.Services {
		c.whoFile(cfg, s.Who, "services", name)
		for env, w := range s.Environments {
			c.whoFile(cfg, w, "services", name, "environments", env)
			c.somewhere(cfg, env, "services", name, "environments", env)
		}
		c.asked(cfg, name)
	}
}

// somewhere checks that an environment is one of a retailer's.
func (c *checker) somewhere(cfg *Config, env string, path ...string) {
	known := map[string]bool{}
	for _, r := range cfg.Retailers {
		for e := range r.Environments {
			known[e] = true
		}
	}
	if !known[env] {
		c.wrong(c.key(path...), "%s", strict.Unknown("environment of a retailer", env, sorted(known)))
	}
}

// whoFile checks that the procedures and roles of one level exist.
func (c *checker) whoFile(cfg *Config, w whoFile, path ...string) {
	procedure := func(at strict.Text, id string) {
		if _, ok := cfg.Procedures[id]; cfg.Procedures != nil && !ok {
			c.wrong(at, "%s: %s", path[len(path)-1], strict.Unknown("procedure", id, sorted(cfg.allProcedures())))
		}
	}
	role := func(at strict.Text) {
		if _, ok := cfg.Roles[at.Value]; !ok {
			c.wrong(at, "%s: %s", path[len(path)-1], strict.Unknown("role", at.Value, sorted(cfg.Roles)))
		}
	}
	if w.Procedure.Value != "" {
		procedure(w.Procedure, w.Procedure.Value)
	}
	for id, by := range w.Also {
		procedure(c.key(append(slices.Clone(path), "also", id)...), id)
		role(by)
	}
	for _, r := range w.Start {
		role(r)
	}
	if w.Lock.Value != "" {
		role(w.Lock)
	}
}

// The built-in roles of those who own what is deployed, and are on call for it.
const (
	roleOwner  = "owner"
	roleOnCall = "on-call"
)

// breakGlass is the role whose people may answer where nobody comes.
func breakGlass(c *checker, cfg *Config) string {
	at := c.file.BreakGlass
	if _, ok := cfg.Roles[at.Value]; at.Value != "" && !ok && at.Value != roleOwner && at.Value != roleOnCall {
		c.wrong(at, "break_glass: %s", strict.Unknown("role", at.Value, append(sorted(cfg.Roles), roleOwner, roleOnCall)))
	}
	return at.Value
}

// ownerless reports whether nobody is known to own a service.
func (c *checker) ownerless(cfg *Config, service string) bool { return cfg.Owners[service].Role == "" }

// asked: whom the procedures ask that a service may follow must exist.
func (c *checker) asked(cfg *Config, service string) {
	seen := map[string]bool{}
	for _, retailer := range sorted(cfg.Retailers) {
		for _, env := range sorted(cfg.Retailers[retailer].Environments) {
			for _, id := range cfg.followed(cfg.who(deployer.Site{Name: retailer, Environment: env}, service)) {
				if !seen[id] {
					c.roles(cfg, cfg.Procedures[id], service)
				}
				seen[id] = true
			}
		}
	}
}

// Asks are the roles that a procedure asks: whose answers, decisions or presence it waits
// for, whom it pages, and whom its words call. Whoever is only told or invited is none.
func Asks(p deployer.Procedure) []string {
	asked := slices.Concat(templates.RolesCalled(p), []string{p.Failure.Decide}, p.Failure.Roles)
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		asked = append(append(append(asked, s.Role(), s.With["role"].Text), sorted(s.With["roles"].Counts)...), s.With["roles"].List...)
		if s.MaySkip != deployer.MaySkipNobody {
			asked = append(asked, s.MaySkip)
		}
	}
	slices.Sort(asked)
	return slices.DeleteFunc(slices.Compact(asked), func(role string) bool { return role == "" })
}

// wants are the roles that the config has to have for a procedure. A house begins with the
// usual one before it has named all its people: what that asks besides approvals and
// decisions is asked of whoever asked for the deployment, where nobody has the role.
func (c *Config) wants(p deployer.Procedure) []string {
	if c.Usual[p.ID] {
		for _, part := range []*[]deployer.Step{&p.Steps, &p.Rollback, &p.Failure.Steps, &p.After} {
			*part = slices.DeleteFunc(slices.Clone(*part), func(s deployer.Step) bool { return !s.Approves() })
		}
	}
	return Asks(p)
}

// roles: whom a service's procedure asks must exist.
func (c *checker) roles(cfg *Config, p deployer.Procedure, service string) {
	for _, role := range cfg.wants(p) {
		if _, own := c.file.Roles[role]; own {
			continue
		}
		if p.Services == deployer.ServicesNone && (role == roleOwner || role == roleOnCall) {
			role = p.Owner // who stands for both where it is about no service
		}
		_, known := c.file.Roles[role]
		switch {
		case role == roleOwner && c.ownerless(cfg, service):
			c.wrong(c.key("services", service), "the procedure %s of %s asks its owner, and none is known; add its role under owners, or call owner like a role", p.ID, service)
		case !known && !slices.Contains(language.BuiltInRoles, role):
			c.wrong(c.key("services", service), "the procedure %s of %s asks the role %s, which is not under roles", p.ID, service, role)
		}
	}
}
