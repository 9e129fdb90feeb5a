package launch

import (
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// suits refuses a procedure that is not for this.
func suits(p deployer.Procedure, env string, releases []deployer.Release) error {
	switch {
	case p.Abstract:
		return deployer.Refuse("Choose one that extends or includes it.", "The procedure %s only serves others, and is never started itself.", p.ID)
	case len(p.Environments) > 0 && !slices.Contains(p.Environments, env):
		return FieldError{Field: FieldEnvironment, Err: deployer.Refuse("", "The procedure %s is for %s, and not for %s.", p.ID, enumerate(p.Environments), env)}
	case p.Services == deployer.ServicesNone && len(releases) > 0:
		return deployer.Refuse("Leave the services out.", "The procedure %s is about no service.", p.ID).Hint("Say for example", VerbStart, p.ID)
	case p.Services == deployer.ServicesOne && len(releases) > 1:
		return deployer.Refuse("Deploy them one by one.", "The procedure %s is about one service, and you named %s.", p.ID, enumerate(servicesOf(releases)))
	case p.Services != deployer.ServicesNone && len(releases) == 0:
		return deployer.Refuse("", "The procedure %s is about services, and none was named.", p.ID).Hint("Say for example", VerbStart, p.ID, "SERVICE", "TAG")
	}
	return nil
}

// failing refuses steps that are to fail in a drill and are none that it can have fail:
// those that no system does, and those that it leaves to another procedure.
func failing(p deployer.Procedure, r deployer.Drill) error {
	if len(r.Fail) > 0 && !r.On {
		return deployer.Refuse("Add --drill, or leave --fail out.", "Steps are made to fail in a drill alone.")
	}
	var all []string
	can := map[string]bool{}
	for _, steps := range [][]deployer.Step{p.Steps, p.Rollback, p.Failure.Steps, p.After} {
		for _, s := range steps {
			all = append(all, s.ID)
			can[s.ID] = s.Work() == deployer.WorkFact || s.Work() == deployer.WorkSystem && s.Uses != deployer.KindRun
		}
	}
	for _, id := range r.Fail {
		switch {
		case !slices.Contains(all, id):
			hint := spelling.Suggest(id, all)
			if hint == "" {
				hint = "It has " + strings.TrimSpace(enumerate(all)) + "."
			}
			return deployer.Refuse(hint, "The procedure %s has no step %q.", p.ID, id)
		case !can[id]:
			return deployer.Refuse("Name a step that a system does.", "The step %s can’t be made to fail: people do it, or another procedure.", id)
		}
	}
	return nil
}

// VerbStart starts a procedure by its name.
const VerbStart deployer.Verb = "start"

func servicesOf(releases []deployer.Release) []string {
	var out []string
	for _, w := range releases {
		out = append(out, w.Service)
	}
	return out
}

// locale is what texts and conditions may say of a site.
func (l Launcher) locale(site deployer.Site, p Place, releases []deployer.Release) deployer.Locale {
	out := deployer.Locale{Title: p.Title, Namespace: p.Namespace, Groups: p.Groups}
	if zone := p.Zone.String(); zone != "UTC" {
		out.Zone = zone
	}
	services := servicesOf(releases)
	for _, name := range slices.Sorted(maps.Keys(l.cfg.Sites)) {
		if l.has(deployer.Site{Name: name, Environment: site.Environment}, services) {
			out.Retailers = append(out.Retailers, name)
		}
	}
	for _, service := range services {
		if owner := l.cfg.Owners[service].Name; owner != "" {
			if out.Owners == nil {
				out.Owners = map[string]string{}
			}
			out.Owners[service] = owner
		}
	}
	return out
}

// has reports whether a site is there and has all of some services.
func (l Launcher) has(site deployer.Site, services []string) bool {
	if _, ok := l.cfg.Sites[site.Name].Environments[site.Environment]; !ok {
		return false
	}
	has := l.place(site).Services
	return has == nil || !slices.ContainsFunc(services, func(s string) bool { return !slices.Contains(has, s) })
}

// lacks is the first of some services that a site does not have; "": it has all.
func (l Launcher) lacks(site deployer.Site, releases []deployer.Release) error {
	has := l.place(site).Services
	for _, w := range releases {
		if has != nil && !slices.Contains(has, w.Service) {
			return deployer.Refuse("It has "+strings.TrimSpace(enumerate(has))+".", "%s has no service %s.", Capital(site.Name), w.Service)
		}
	}
	return nil
}
