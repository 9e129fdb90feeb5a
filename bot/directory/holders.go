package directory

import (
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// Holders are those who can answer for a role, as far as is known without asking
// Slack. Who may give no orders is not among them, and why is said.
func (d *Directory) Holders(role string) deployer.Holders {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.resolved {
		return deployer.Holders{Unknown: true}
	}
	h := deployer.Holders{Lacks: d.lacking(role)}
	ids := maps.Clone(d.users[role])
	if ids == nil {
		ids = map[string]bool{}
	}
	for _, g := range d.groups[role] {
		switch {
		case g.off:
			h.Lacks = append(h.Lacks, "@"+g.handle+" is switched off")
		case g.askedAt.IsZero():
			h.Unknown = true
		case len(g.members) == 0:
			h.Lacks = append(h.Lacks, "@"+g.handle+" is empty")
		}
		for _, id := range g.members {
			ids[id] = true
		}
	}
	counted := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if standing, heard := d.accounts.heard(id); heard && standing != deployer.Member && !slices.Contains(d.access, standing) {
			h.Lacks = append(h.Lacks, d.accounts.withName(id)+" is "+barred[standing])
			continue
		}
		if counted[id] {
			continue
		}
		human := d.accounts.human(id)
		if human == nil {
			human = []string{id}
		}
		for _, one := range human {
			counted[one] = true
		}
		h.People = append(h.People, human)
	}
	return h
}

// lacking says why the entries of a role that stand for nobody do not. The
// caller holds the lock.
func (d *Directory) lacking(role string) []string {
	var out []string
	for _, e := range d.entries {
		if e.Role == role && e.Why != "" {
			out = append(out, e.Entry+": "+e.Why)
		}
	}
	for _, entry := range d.roles[role].Groups {
		if why := d.lacks[entry]; why != "" {
			out = append(out, entry+": "+why)
		}
	}
	if r, ok := d.roles[role]; ok && len(r.Users)+len(r.Groups) == 0 {
		out = append(out, role+" has no users and no groups")
	}
	return out
}

// barred says why an account gives no orders.
var barred = map[deployer.Standing]string{
	deployer.Guest: "a guest", deployer.Stranger: "of another organization", deployer.OtherTeam: "of another workspace",
	deployer.Machine: "a bot", deployer.Deactivated: "deactivated", deployer.Nobody: "unknown to Slack",
}

// Members are the people who hold a role in a directory and can be told something, each by
// one account, by id; nil where nobody is known.
func Members(d *Directory, role string) []deployer.Actor {
	var out []deployer.Actor
	for _, accounts := range d.Holders(role).People {
		if id := accounts[0]; !slices.ContainsFunc(out, func(p deployer.Actor) bool { return p.ID == id }) {
			out = append(out, deployer.Actor{ID: id, Name: d.Person(deployer.Actor{ID: id})})
		}
	}
	return out
}
