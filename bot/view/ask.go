package view

import (
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

// Asks are what people are awaited for now. The requester confirms what names no
// role; whoever decides could, and is not awaited.
func Asks(d deployer.Deployment) []Ask {
	var out []Ask
	for _, s := range d.Current() {
		if s.Status != deployer.Active || d.Status == deployer.Halting {
			continue
		}
		a := Ask{Step: s.ID, Roles: []string{s.Role}, Since: s.Began}
		switch {
		case s.Uses == deployer.KindConfirm, s.ForClients() && d.AwaitsPerson(s):
			if s.Role == "" {
				a.Roles, a.Person = nil, d.Requester.ID
			}
		case s.Uses == deployer.KindApprove:
			a.Except = []string{d.Requester.ID}
			for _, given := range s.Approvals {
				a.Except = append(a.Except, given.By.ID)
			}
		default:
			continue
		}
		out = append(out, a)
	}
	if s := d.Broken(); d.Status == deployer.Deciding && s != nil && len(d.Open()) == 0 {
		out = append(out, Ask{Roles: d.Deciders(), Person: d.Requester.ID, Since: s.Finished})
	}
	return out
}

// Readers are the roles that have a part in a deployment, sorted: whoever holds one
// may see it though its channel is not for all.
func Readers(d deployer.Deployment) []string {
	roles := slices.Clone(d.Deciders())
	for _, s := range d.Steps {
		if s.Role != "" {
			roles = append(roles, s.Role)
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}
