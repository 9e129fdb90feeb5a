package trial

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A cast is who and what is there in a test.
type cast struct {
	people   []string // whom the test names, sorted
	others   []string // whom it does not name
	services []string // sorted
}

// castOf is that of a start.
func castOf(p deployer.Procedure, roles map[string][]string, began start) cast {
	people, others := []string{cmp.Or(began.By, "requester")}, []string{"somebody"} // of everyone
	for _, held := range roles {
		people = append(people, held...)
	}
	for _, role := range rolesOf(p) {
		if _, ok := roles[role]; !ok {
			others = append(others, namedLike(role)...)
		}
	}
	slices.Sort(people)
	return cast{slices.Compact(people), others, slices.Sorted(maps.Keys(began.Services))}
}

// namedLike are the people of a role that a test does not name.
func namedLike(role string) []string {
	out := []string{role}
	for i := range peopleOfRole - 1 {
		out = append(out, role+"-"+strconv.Itoa(i+2))
	}
	return out
}

var called = regexp.MustCompile(`\{@([a-z][A-Za-z0-9_.-]*)\}`)

// rolesOf are the roles that a procedure names, sorted.
func rolesOf(p deployer.Procedure) []string {
	out := slices.Concat([]string{p.Failure.Decide}, p.Failure.Roles, p.Failure.Experts, p.Failure.People)
	if p.Services == deployer.ServicesNone {
		out = append(out, p.Owner) // who is on call for it, and who owns what it is about
	}
	for _, w := range p.Windows {
		out = append(out, w.Override)
	}
	for _, words := range p.Messages {
		for _, m := range called.FindAllStringSubmatch(words, -1) {
			out = append(out, m[1])
		}
	}
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		if out = append(out, s.MaySkip); s.Kind == nil {
			continue
		}
		for _, param := range s.Kind.Params {
			switch v := s.With[param.Name]; param.Type {
			case deployer.TypeRole:
				out = append(out, v.Text)
			case deployer.TypeRoles:
				out = append(out, v.List...)
			case deployer.TypeCounts:
				out = append(out, slices.Collect(maps.Keys(v.Counts))...)
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(role string) bool { return role == "" || role == deployer.MaySkipNobody })
}

// held checks the roles that are given people: what the procedure asks is answered by
// people who are called like the role, if that is misspelt here.
func (r *reader) held(data []byte, roles map[string][]string) {
	known := rolesOf(r.procedure)
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		if !slices.Contains(known, role) && !slices.Contains(language.BuiltInRoles, role) {
			r.at(strict.Find(data, "roles", role), "role in "+r.procedure.ID, known)
		}
	}
}

// happensTo checks for what of a step, or to whom there, something happens.
func (r *reader) happensTo(key *yaml.Node) (ok bool) {
	s := r.step
	if spelling.SuggestAs("%q", key.Value, outcomeKeys) != "" {
		r.wrong(key, "%s", strict.Unknown("key", key.Value, outcomeKeys))
		return false
	}
	known, told := r.members()
	what := "member"
	if s.Work() != deployer.WorkSystem || r.people(*s) || s.GateRole() != "" {
		if slices.Contains(r.cast.others, key.Value) {
			return true
		}
		known, what = append(known, r.cast.people...), "member or person"
	}
	switch {
	case !told || slices.Contains(known, key.Value):
		return true
	case len(known) == 0:
		r.wrong(key, "%s is done once, so that nothing of it happens to %q by itself; write %s: {fails: timeout}, for one", s.ID, key.Value, s.ID)
	default:
		r.wrong(key, "%s", strict.Unknown(what+" of "+s.ID, key.Value, known))
	}
	return false
}

// people reports whether people do a step, if need be since its system is not there.
func (r *reader) people(s deployer.Step) bool {
	byHand := func(t strict.Text) bool { return t.Value == systemOf(s.Uses) }
	return s.Work() == deployer.WorkPeople || s.Work() == deployer.WorkSystem && slices.ContainsFunc(r.hand, byHand)
}

// person checks that somebody is there.
func (r *reader) person(t strict.Text) {
	if !slices.Contains(r.cast.others, t.Value) {
		r.at(t, "person here", r.cast.people)
	}
}

// members are those that the step is done for; ok is false where that is found out on
// the way.
func (r *reader) members() (out []string, ok bool) {
	s := r.step
	switch {
	case s.Kind == nil || s.EachOf != "" && s.EachOf != deployer.EachService:
		return nil, false
	case s.EachOf == deployer.EachService, len(s.Each) == 0 && s.Kind.Scope == deployer.ScopeServices:
		return slices.Clone(r.cast.services), true
	case len(s.Each) == 0 && s.Kind.Scope == deployer.ScopeMembers:
		return nil, false
	}
	return append(slices.Clone(s.Each), s.With["roles"].List...), true
}
