package launch

import (
	"maps"
	"regexp"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// The built-in roles of those who own what is deployed, of those among them who are on
// call, and of the technical account manager.
const (
	roleOwner  = "owner"
	roleOnCall = "on-call"
	roleTAM    = "tam"
)

// mention calls somebody of a role who owns what is deployed.
var mention = regexp.MustCompile(`\{@(?:` + roleOwner + `|` + roleOnCall + `)\}`)

// owned is the procedure with the role of the services' owners, or of its own where it
// is about none, wherever it names the built-in one, and that of the site's technical
// account manager. Of several owners the first service's is asked, which is said.
func (f *freezer) owned(p deployer.Procedure) deployer.Procedure {
	role := p.Owner
	var roles []string
	for _, service := range f.services {
		if r := f.cfg.Owners[service].Role; r != "" && !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	if len(f.services) > 0 {
		role = "" // where nobody is known, that is said as of any role that nobody holds
		if len(roles) > 0 {
			role = roles[0]
		}
	}
	owns := func(r string) bool {
		return role != "" && (r == roleOwner || r == roleOnCall) && !slices.Contains(f.cfg.Roles, r) // else the config's own
	}
	named := false
	swap := func(r string) string {
		switch {
		case owns(r):
			named = true
			return role
		case r == roleTAM && !slices.Contains(f.cfg.Roles, r):
			return deployer.TAMRole(f.site.Name)
		}
		return r
	}
	for _, steps := range [][]deployer.Step{p.Steps, p.Rollback, p.Failure.Steps, p.After} {
		for i := range steps {
			steps[i] = f.answered(ownedStep(steps[i], swap))
		}
	}
	p.Failure.Decide = swap(p.Failure.Decide)
	for _, list := range []*[]string{&p.Failure.Roles, &p.Failure.Experts, &p.Failure.People} {
		*list = mapped(*list, swap)
	}
	if escalates(p) {
		p.OnCall, p.BreakGlass = f.known(roleOnCall, role), f.known(f.cfg.BreakGlass, role)
	}
	p.Messages = maps.Clone(p.Messages)
	for name, words := range p.Messages {
		p.Messages[name] = mention.ReplaceAllStringFunc(words, func(called string) string {
			if owns(called[len("{@") : len(called)-len("}")]) {
				return "{@" + role + "}"
			}
			return called
		})
	}
	if named && len(roles) > 1 {
		f.warnings = append(f.warnings, "The services have several owners; where one is asked, it is "+role+".")
	}
	return p
}

// answered is a step whose question somebody can answer: one that is put to a role that the
// house does not have is whoever asked's, as what is done by hand is, but for an approval.
// Where somebody of each of several roles has to be there, it waits for those that there are.
func (f *freezer) answered(s deployer.Step) deployer.Step {
	if s.Kind == nil || s.Kind.Asks == nil || s.Kind.Asks.Subject || f.cfg.Roles == nil {
		return s
	}
	lacks := func(r string) bool {
		always := r == deployer.RoleRequester || r == deployer.RoleApprovers || r == deployer.RoleEveryone
		return !always && !slices.Contains(f.cfg.Roles, r) && (r != deployer.TAMRole(f.site.Name) || !f.place.TAM)
	}
	if all := s.RolesAsked(); len(all) > 0 {
		all = unique(slices.DeleteFunc(slices.Clone(all), lacks)) // an owner may be of a role that is called as well
		if len(all) == 0 {
			all = []string{deployer.RoleRequester}
		}
		s.With = s.With.Set(s.Kind.Asks.Roles, deployer.Value{List: all})
	}
	if role := s.With[s.Kind.Asks.Role].Text; role != "" && lacks(role) {
		s.With = maps.Clone(s.With)
		delete(s.With, s.Kind.Asks.Role)
	}
	return s
}

// unique is a list with each of its words once.
func unique(list []string) []string {
	var out []string
	for _, word := range list {
		if !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// known is a role that is there: one of the config's, or who owns what is deployed, where
// it is built in.
func (f *freezer) known(role, owner string) string {
	switch {
	case slices.Contains(f.cfg.Roles, role):
		return role
	case role == roleOwner || role == roleOnCall:
		return owner
	}
	return ""
}

// escalates reports whether anybody but who is awaited may be called.
func escalates(p deployer.Procedure) bool {
	if p.Failure.Escalate != (deployer.Escalate{}) || p.Failure.Timeout > 0 {
		return true
	}
	for _, steps := range [][]deployer.Step{p.Steps, p.Rollback, p.Failure.Steps, p.After} {
		if slices.ContainsFunc(steps, func(s deployer.Step) bool { return s.Escalate != (deployer.Escalate{}) }) {
			return true
		}
	}
	return false
}

// ownedStep is a step with its roles swapped.
func ownedStep(s deployer.Step, swap func(string) string) deployer.Step {
	s.MaySkip = swap(s.MaySkip)
	if s.Kind == nil {
		return s
	}
	for _, param := range s.Kind.Params {
		v, ok := s.With[param.Name]
		switch {
		case !ok:
			continue
		case param.Type == deployer.TypeRole:
			v.Text = swap(v.Text)
		case param.Type == deployer.TypeRoles:
			v.List = mapped(v.List, swap)
		case param.Type == deployer.TypeCounts:
			counts := map[string]int{}
			for role, n := range v.Counts {
				counts[swap(role)] += n
			}
			v.Counts = counts
		default:
			continue
		}
		s.With = s.With.Set(param.Name, v)
	}
	return s
}

func mapped(list []string, swap func(string) string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = swap(out[i])
	}
	return out
}
