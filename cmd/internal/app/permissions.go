package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// Permissions say in a line each who may do what, as the core decides it: places
// where the same holds are in one line. After them come the procedures that may
// roll something out without anybody's approval, with who may choose them.
func Permissions(cfg Config) []string {
	rows, choices := map[string][]string{}, map[string]map[string]bool{}
	for _, retailer := range sorted(cfg.Retailers) {
		for _, env := range sorted(cfg.Retailers[retailer].Environments) {
			site := deployer.Site{Name: retailer, Environment: env}
			p := cfg.Policy(site)
			for _, service := range sorted(p.Services) {
				s := p.Services[service]
				rows[permission(s)] = append(rows[permission(s)], service+" in "+site.String())
				who := orElse(s.Start, "everybody in the channel")
				note(choices, s.Procedure, who+", for "+service+" in "+site.String())
				for id, role := range s.Also {
					note(choices, id, role+", for "+service+" in "+site.String())
				}
			}
			everything := "everything is locked by " + orElse(p.Lock, "nobody")
			rows[everything] = append(rows[everything], site.String())
		}
	}
	var out []string
	for _, row := range slices.Sorted(maps.Keys(rows)) {
		out = append(out, places(rows[row])+": "+row)
	}
	for _, id := range sorted(choices) {
		if why := unapproved(cfg.Procedures[id]); why != "" {
			out = append(out, fmt.Sprintf("the procedure %s %s; it may be chosen by %s", id, why, places(sorted(choices[id]))))
		}
	}
	return out
}

// permission is what holds for a service, in words.
func permission(s deployer.ServicePolicy) string {
	line := "follows " + s.Procedure
	for _, id := range slices.DeleteFunc(sorted(s.Also), func(id string) bool { return id == s.Procedure }) {
		line += ", or " + id + " if " + s.Also[id] + " chooses it"
	}
	return line + "; started by " + orElse(s.Start, "everybody in the channel") + ", locked by " + orElse(s.Lock, "nobody")
}

// unapproved says why a procedure may roll something out that nobody has approved;
// "" where it can't.
func unapproved(p deployer.Procedure) string {
	if p.Unapproved != "" {
		return fmt.Sprintf("needs no approval (%s)", p.Unapproved)
	}
	if !slices.ContainsFunc(p.Steps, deployer.Step.Deploys) {
		return ""
	}
	var conditions []string
	for _, s := range p.Steps {
		if s.Approves() && s.When == "" {
			return ""
		}
		if s.Approves() {
			conditions = append(conditions, s.When)
		}
	}
	return "is approved only where " + strings.Join(conditions, " or ")
}

func note(choices map[string]map[string]bool, id, who string) {
	if choices[id] == nil {
		choices[id] = map[string]bool{}
	}
	choices[id][who] = true
}

func orElse(roles []string, none string) string {
	if len(roles) == 0 {
		return none
	}
	return strings.Join(roles, " or ")
}

// placesMax is how many places a line names.
const placesMax = 3

func places(all []string) string {
	if extra := len(all) - placesMax; extra > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(all[:placesMax], ", "), extra)
	}
	return strings.Join(all, ", ")
}
