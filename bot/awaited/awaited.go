// Package awaited says whom a deployment waits for: who can answer what it asks now, and who has a part in it at all. It
// is a function of the state, and knows nothing of Slack.
package awaited

import (
	"maps"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// An Ask is something that people are awaited for in a deployment: the answer to
// a question, or a decision.
type Ask struct {
	Step   string   // "": a decision
	Roles  []string // who is awaited: whoever holds one of these
	Person string   // and they; "": nobody
	Except []string // people who are not awaited, though they hold a role
	Since  time.Time
}

// Awaits reports whether somebody is awaited.
func (a Ask) Awaits(person string, roles []string) bool {
	if a.Person != "" && a.Person == person {
		return true
	}
	return !slices.Contains(a.Except, person) && slices.ContainsFunc(a.Roles, func(role string) bool { return slices.Contains(roles, role) })
}

// Of are what people are awaited for now. The requester confirms what names no
// role; whoever decides could, and is not awaited.
func Of(d deployer.Deployment) []Ask {
	var out []Ask
	for _, s := range d.Current() {
		if DecidedAlone(d, s) {
			q, _ := deployer.AwaitingAt(d, s)
			out = append(out, Ask{Step: s.ID, Roles: append(d.Deciders(), deployer.StandIns(d, q)...), Person: d.Requester.ID, Since: deployer.BrokenAt(s)})
		}
		if s.Status != deployer.Active || d.Status == deployer.Halting {
			continue
		}
		a := Ask{Step: s.ID, Roles: []string{s.Role()}, Since: s.Asked()}
		_, _, gated := s.GateOf()
		switch {
		case gated && s.GateRole() == "": // it is answered elsewhere
			continue
		case gated:
			a.Roles = []string{s.GateRole()}
		case CallsRoles(s):
			a.Roles = deployer.Unanswered(d, s)
		case s.Confirms(), s.Reviewed() && d.AwaitsPerson(s):
			if s.Role() == "" {
				a.Roles, a.Person = nil, d.Requester.ID
			}
		case s.Approves() && len(deployer.OpenRequests(s)) > 0 && d.Requester.Kind == deployer.ActorPerson:
			a.Roles, a.Person = nil, d.Requester.ID
		case s.Approves() && len(deployer.OpenRequests(s)) > 0:
			a.Roles = d.Deciders()
		case s.Approves():
			if len(s.RoleCounts()) > 0 {
				a.Roles = slices.Compact(deployer.MissingApprovals(d, s))
			}
			a.Except = []string{d.Requester.ID}
			for _, p := range deployer.Patched(d) {
				a.Except = append(a.Except, p.By.ID)
			}
			for _, given := range s.Approvals {
				a.Except = append(a.Except, given.By.ID)
			}
		default:
			continue
		}
		if q, ok := deployer.AwaitingAt(d, s); ok {
			a.Roles = append(slices.Clone(a.Roles), deployer.StandIns(d, q)...)
		}
		out = append(out, a)
	}
	if s := d.Broken(); d.Status == deployer.Deciding && s != nil && len(d.Open()) == 0 && deployer.Patching(d) == nil {
		q, _ := deployer.DecisionNow(d)
		out = append(out, Ask{Roles: append(d.Deciders(), deployer.StandIns(d, q)...), Person: d.Requester.ID, Since: deployer.BrokenAt(*s)})
	}
	if owed := deployer.ReviewsOwed(d); d.Status.Ended() && len(owed) > 0 {
		out = append(out, Ask{Roles: deployer.ReviewedBy(d, owed[0]), Except: []string{owed[0].By.ID, d.Requester.ID}, Since: owed[0].At})
	}
	if all := d.Untold(); d.Status == deployer.Halting && len(all) > 0 && len(d.Options()) > 0 {
		out = append(out, Ask{Roles: d.Deciders(), Person: d.Requester.ID, Since: all[0].At})
	}
	return out
}

// DecidedAlone reports whether a step did not go well, and people decide about it by
// itself now.
func DecidedAlone(d deployer.Deployment, s deployer.StepState) bool {
	broken := s.Status == deployer.StepFailed || s.Status == deployer.StepInterrupted
	return broken && !DecidedWithAll(d, s) && len(deployer.StepOptions(d, s)) > 0
}

// DecidedWithAll reports whether a broken step is decided about with the deployment.
func DecidedWithAll(d deployer.Deployment, s deployer.StepState) bool {
	b := d.Broken()
	return b != nil && !d.Status.Ended() && s.Part == d.Part && !s.Background
}

// CallsRoles reports whether a step wants somebody of each of several roles to be there.
func CallsRoles(s deployer.StepState) bool {
	return s.Confirms() && s.Kind != nil && s.Kind.Asks != nil && s.Kind.Asks.Roles != ""
}

// Readers are the roles that have a part in a deployment, sorted: whoever holds one
// may see it though its channel is not for all.
func Readers(d deployer.Deployment) []string {
	roles := slices.Clone(d.Deciders())
	for _, s := range d.Steps {
		for _, role := range slices.Concat([]string{s.Role(), s.GateRole()}, s.With["roles"].List, slices.Collect(maps.Keys(s.With["roles"].Counts))) {
			if role != "" {
				roles = append(roles, role)
			}
		}
	}
	for _, role := range slices.Clone(roles) {
		roles = append(roles, deployer.DeputyRole(role))
	}
	if d.Procedure.BreakGlass != "" {
		roles = append(roles, d.Procedure.BreakGlass)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}
