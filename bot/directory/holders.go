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
	h := deployer.Holders{Lacks: d.lackingEntries(role)}
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
		if why := d.barred(id); why != "" {
			h.Lacks = append(h.Lacks, d.calledID(id)+" is "+why)
			continue
		}
		if counted[id] {
			continue
		}
		human := d.accountsOf(id)
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

// lackingEntries says why the entries of a role that stand for nobody do not. The
// caller holds the lock.
func (d *Directory) lackingEntries(role string) []string {
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

// barred says why an account gives no orders; "": it does, or nothing is known of
// it. The caller holds the lock.
func (d *Directory) barred(id string) string {
	a, ok := d.accounts[id]
	if !ok || a.standing == deployer.Member || slices.Contains(d.access, a.standing) {
		return ""
	}
	return map[deployer.Standing]string{
		deployer.Guest: "a guest", deployer.Stranger: "of another organization", deployer.OtherTeam: "of another workspace",
		deployer.Machine: "a bot", deployer.Deactivated: "deactivated", deployer.Nobody: "unknown to Slack",
	}[a.standing]
}
