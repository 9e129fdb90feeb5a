package app

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// accountID is an id of Slack's for a person.
var accountID = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)

// people checks who is one human: every account by its id, and in one place.
func (c *checker) people() map[string]Person {
	out, of, logins := map[string]Person{}, map[string]string{}, map[string]string{} // of: whose account each id is
	claim := func(at strict.Text, id, human string) {
		switch other, taken := of[id]; {
		case !accountID.MatchString(id):
			c.wrong(at, "%q is no id of a person, such as U012AB3CD; `stationmaster check` prints the ids", id)
		case other == id:
			c.wrong(at, "%s has a line of its own; keep one of the two", id)
		case taken:
			c.wrong(at, "%s is an account of %s already", id, other)
		}
		of[id] = human
	}
	for _, id := range sorted(c.file.People) {
		claim(c.key("people", id), id, id)
	}
	for _, id := range sorted(c.file.People) {
		p := Person{}
		for _, at := range c.file.People[id].Accounts {
			claim(at, at.Value, id)
			p.Accounts = append(p.Accounts, at.Value)
		}
		p.Login = login(c, id, logins)
		if len(p.Accounts) == 0 && p.Login == "" {
			c.wrong(c.key("people", id), "%s has no other accounts and no login; write {accounts: [U…]} or {login: ana}, or remove the line", id)
		}
		out[id] = p
	}
	return out
}

// login checks the login of a person; taken are those of the others, by login.
func login(c *checker, id string, taken map[string]string) string {
	at := c.file.People[id].Login
	switch other := taken[at.Value]; {
	case at.Line == 0: // it was not written
		return ""
	case at.Value == "" || strings.ContainsFunc(at.Value, unicode.IsSpace):
		c.wrong(at, "a login is the name or the number of a user of the system, such as ana or 1000, not %q", at.Value)
	case at.Value == "nobody" || at.Value == "65534":
		c.wrong(at, "the login %s is no person: the system names it where it does not know who somebody is", at.Value)
	case other != "":
		c.wrong(at, "%s is the login of %s already: one login is one person", at.Value, other)
	}
	taken[at.Value] = id
	return at.Value
}

// access checks who is let in besides the members of the workspace.
func (c *checker) access() []deployer.Standing {
	var known []string
	for _, s := range deployer.Admissible {
		known = append(known, string(s))
	}
	var out []deployer.Standing
	for _, at := range c.file.Access {
		s := deployer.Standing(at.Value)
		if !slices.Contains(deployer.Admissible, s) {
			c.wrong(at, "%s", strict.Unknown("kind of people to let in", at.Value, known))
		}
		out = append(out, s)
	}
	return out
}

// unattended says to whom procedures escalate who is not there: roles without deputies,
// nobody who is on call or may break the glass.
func (c Config) unattended() []string {
	seen := map[string]bool{}
	note := func(format string, args ...any) { seen[fmt.Sprintf(format, args...)] = true }
	c.uses(func(p deployer.Procedure, _ deployer.Site, service string) {
		p.Bind()
		for _, w := range escalations(p) {
			for _, role := range w.roles {
				r, ok := c.Roles[role]
				if d := r.Deputies; w.Deputies > 0 && ok && len(d.Users)+len(d.Groups) == 0 {
					note("the procedure %s escalates to the deputies of %s, and it has none: add deputies to it under roles", p.ID, role)
				}
			}
			if w.Page > 0 && !c.onCall(service) {
				note("the procedure %s pages whoever is on call, and nobody is known for %s: add its owner, or a role on-call; those who are awaited are paged until then", p.ID, service)
			}
			if w.BreakGlass > 0 && c.BreakGlass == "" {
				note("the procedure %s lets the glass be broken, and nobody may: add break_glass with a role", p.ID)
			}
		}
	})
	return sorted(seen)
}

// unheld are the roles that a procedure asks anything but an approval at a site, and that
// nobody has there.
func (c Config) unheld(p deployer.Procedure, retailer, service string) []string {
	var out []string
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		if s.Work() == deployer.WorkPeople && !s.Approves() {
			out = append(append(out, s.Role()), s.RolesAsked()...)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(role string) bool { return role == "" || c.held(role, retailer, service) })
}

// held reports whether a role is one of the config's, or a built-in one that stands for
// somebody there.
func (c Config) held(role, retailer, service string) bool {
	_, own := c.Roles[role]
	switch {
	case own:
		return true
	case role == roleOwner || role == roleOnCall:
		return c.Owners[service].Role != ""
	case role == "tam":
		return c.Retailers[retailer].TAM != ""
	}
	return slices.Contains(language.BuiltInRoles, role)
}

// onCall reports whether somebody is known who is on call for a service.
func (c Config) onCall(service string) bool {
	_, own := c.Roles[roleOnCall]
	return own || c.Owners[service].Role != ""
}

// An escalation says what comes where some roles don't.
type escalation struct {
	deployer.Escalate
	roles []string
}

// escalations are those of all questions of a procedure.
func escalations(p deployer.Procedure) []escalation {
	out := []escalation{{p.Failure.Escalate, append([]string{p.Failure.Decide}, p.Failure.Roles...)}}
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		if s.Work() == deployer.WorkPeople || s.Announces() && len(s.Roles()) > 0 || s.GateRole() != "" {
			out = append(out, escalation{s.Escalate, append(s.Roles(), s.GateRole())})
		}
	}
	return out
}

// A pager has whoever holds a role paged, until a paging system says who is on call.
type pager struct{ people *directory.Directory }

// OnCall implements deployer.Pager.
func (p pager) OnCall(role string) []deployer.Actor { return p.people.Role(role) }
