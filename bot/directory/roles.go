package directory

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
)

// Who returns somebody as they are now: what they are to the workspace, the roles
// that they hold, and all accounts of theirs. An error means that Slack can't be
// asked who they are, and has not said so for minutes: better refused than guessed.
func (d *Directory) Who(ctx context.Context, id string) (deployer.Person, error) {
	if id == "" {
		return deployer.Person{Standing: deployer.Nobody}, nil
	}
	if ctx.Value(lastKnownKey{}) != nil {
		return lastKnown(d, id)
	}
	var a account
	var err error
	var asked sync.WaitGroup
	asked.Go(func() { a, err = d.accounts.lookUp(ctx, id) })
	roles, err2 := d.Roles(ctx, id)
	asked.Wait()
	if err := errors.Join(err, err2); err != nil {
		return deployer.Person{}, err
	}
	return deployer.Person{Roles: roles, Standing: d.accounts.standing(a), Accounts: d.accounts.human(id)}, nil
}

// Noticed takes in of which workspace somebody is, by what they have just done.
func (d *Directory) Noticed(id, team string) { d.accounts.noticed(id, team) }

// Roles returns the roles that somebody holds now. A group that Slack could
// not be asked about for minutes has no members: better refused than guessed.
func (d *Directory) Roles(ctx context.Context, id string) ([]string, error) {
	holds := map[string]bool{}
	d.mu.Lock()
	for role := range d.roles {
		holds[role] = d.users[role][id]
	}
	d.mu.Unlock()
	for _, m := range d.byAge() {
		if !holds[m.role] {
			holds[m.role] = slices.Contains(d.membersOf(ctx, m.group), id)
		}
	}
	maps.DeleteFunc(holds, func(_ string, held bool) bool { return !held })
	return slices.Sorted(maps.Keys(holds)), ctx.Err()
}

// Known is somebody as far as is known, without asking Slack: enough to show, and
// never to decide. Who was never heard of is taken for a member.
func (d *Directory) Known(id string) deployer.Person {
	standing, _ := d.accounts.heard(id)
	return deployer.Person{Roles: d.Held(id), Standing: standing, Accounts: d.accounts.human(id)}
}

// Held are the roles that somebody holds as far as is known, without asking
// Slack: enough to show, and never to decide.
func (d *Directory) Held(id string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var roles []string
	for role := range d.roles {
		in := func(g *group) bool { return slices.Contains(g.members, id) }
		if d.users[role][id] || slices.ContainsFunc(d.groups[role], in) {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	return roles
}

// Role returns those who hold the role, as far as their names are known, in the
// order of these.
func (d *Directory) Role(role string) []deployer.Actor {
	d.mu.Lock()
	defer d.mu.Unlock()
	ids := maps.Clone(d.users[role])
	if ids == nil {
		ids = map[string]bool{}
	}
	for _, g := range d.groups[role] {
		for _, id := range g.members {
			ids[id] = true
		}
	}
	var out []deployer.Actor
	for id := range ids {
		if d.names[id] != "" {
			out = append(out, deployer.Actor{ID: id, Name: d.told(id, "")})
		}
	}
	slices.SortFunc(out, func(a, b deployer.Actor) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return out
}

// Mention calls those who hold the role.
func (d *Directory) Mention(role string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, g := range d.groups[role] {
		out = append(out, "<!subteam^"+g.id+">")
	}
	for _, id := range slices.Sorted(maps.Keys(d.users[role])) {
		out = append(out, "<@"+id+">")
	}
	return strings.Join(out, " ")
}

// callMax is how many people are called one by one.
const callMax = 8

// Call mentions those who hold the role and are not among but: each by name
// where they are few and known, else their groups as a whole.
func (d *Directory) Call(role string, but []string) string {
	d.mu.Lock()
	ids, known := maps.Clone(d.users[role]), true
	for _, g := range d.groups[role] {
		known = known && len(g.members) > 0
		for _, id := range g.members {
			if ids == nil {
				ids = map[string]bool{}
			}
			ids[id] = true
		}
	}
	d.mu.Unlock()
	for _, id := range but {
		delete(ids, id)
	}
	if !known || len(ids) == 0 || len(ids) > callMax {
		return d.Mention(role)
	}
	var out []string
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		out = append(out, "<@"+id+">")
	}
	return strings.Join(out, " ")
}

// A Role is held by the users and by the members of the groups.
type Role struct {
	Users  []string // Slack names, ids, e-mail addresses
	Groups []string // handles or ids of user groups
}
