package app

import (
	"regexp"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// accountID is an id of Slack's for a person.
var accountID = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)

// people checks who is one human: every account by its id, and in one place.
func (c *checker) people() map[string]Person {
	out, of := map[string]Person{}, map[string]string{} // of: whose account each id is
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
		if len(p.Accounts) == 0 {
			c.wrong(c.key("people", id), "%s has no other accounts; write {accounts: [U…]}, or remove the line", id)
		}
		out[id] = p
	}
	return out
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
