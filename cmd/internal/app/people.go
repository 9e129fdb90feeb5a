package app

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/stationmaster/stationmaster/deployer"
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
