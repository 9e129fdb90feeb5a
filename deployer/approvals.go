package deployer

import (
	"maps"
	"slices"
	"strings"
)

// fieldRoles are the roles by which somebody approves, where each of several has to.
const fieldRoles = "roles"

// roles are those that may answer a step, in their order; none: the requester and the
// deciders. Of a step where somebody of each has to be there, Unanswered says which are
// still awaited.
func (s Step) roles() []string {
	switch counts := s.counts(); {
	case len(counts) > 0:
		return slices.Sorted(maps.Keys(counts))
	case len(s.rolesAsked()) > 0:
		return s.rolesAsked()
	case s.Role() != "":
		return []string{s.Role()}
	}
	return nil
}

// counts are how many different people of each role have to answer, where these are
// several roles.
func (s Step) counts() map[string]int {
	if asks := s.kind().Asks; asks != nil && asks.Roles != "" {
		return s.With[asks.Roles].Counts
	}
	return nil
}

// approvesAs is the first role by which somebody approves a step, and what of their
// roles is kept: whoever holds several counts once, for whichever is left.
func (s StepState) approvesAs(who Person) (role string, values map[string]string) {
	if len(s.counts()) == 0 {
		return s.Role(), nil
	}
	held := slices.DeleteFunc(s.roles(), func(role string) bool { return !who.holds(role) })
	if len(held) == 0 {
		return "", nil
	}
	return held[0], map[string]string{fieldRoles: strings.Join(held, "\n")}
}

// MissingApprovals are the roles that still have to approve a step, each as often as it
// is awaited. Approvals of another Subject count for nothing.
func MissingApprovals(d Deployment, s StepState) []string {
	var places []string
	if counts := s.counts(); len(counts) > 0 {
		for _, role := range s.roles() {
			places = append(places, slices.Repeat([]string{role}, max(counts[role], 1))...)
		}
	} else {
		places = slices.Repeat([]string{s.Role()}, max(s.Count(), 1))
	}
	hash := d.Subject().Hash()
	var given [][]string
	for _, a := range s.Approvals {
		if a.Subject == hash {
			given = append(given, s.rolesOf(a))
		}
	}
	taken := assign(places, given)
	var missing []string
	for i, place := range places {
		if taken[i] < 0 {
			missing = append(missing, place)
		}
	}
	return missing
}

// rolesOf are those for which an approval may count.
func (s StepState) rolesOf(a Approval) []string {
	if len(s.counts()) == 0 {
		return []string{s.Role()}
	}
	return strings.Split(a.Roles, "\n")
}

// assign gives as many places as can be to those who hold their roles, each to one, and
// says by place to whom; -1: to nobody.
func assign(places []string, given [][]string) []int {
	taken := slices.Repeat([]int{-1}, len(places))
	var seat func(person int, tried []bool) bool
	seat = func(person int, tried []bool) bool {
		for i, place := range places {
			if tried[i] || !slices.Contains(given[person], place) {
				continue
			}
			tried[i] = true
			if taken[i] < 0 || seat(taken[i], tried) {
				taken[i] = person
				return true
			}
		}
		return false
	}
	for person := range given {
		seat(person, make([]bool, len(places)))
	}
	return taken
}
