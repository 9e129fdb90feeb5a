package directory

import (
	"cmp"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// An Entry is what one entry of a role has come to.
type Entry struct {
	Role, Entry string
	Group       bool              // it is one of the role's groups
	ID          string            // whom, or which group, it stands for; "": nobody
	Name        string            // how that is called
	Standing    deployer.Standing // what they are to the workspace
	Members     int               // of a group
	Why         string            // why it stands for nobody; "": it stands
	Contested   bool              // it did stand for somebody, or there are two: a person has to say who is meant
}

// An UnknownEntry is an entry of a role that stands for nobody.
type UnknownEntry struct{ Role, Entry, Why string }

func (s *UnknownEntry) Error() string {
	return "roles." + s.Role + ": " + quote(s.Entry) + ": " + s.Why
}

func quote(s string) string { return `"` + s + `"` }

// Entries are what the entries of all roles have come to, by role, as of the last
// Resolve and the events since; none before there was one.
func (d *Directory) Entries() []Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.resolved {
		return nil
	}
	out := slices.Clone(d.entries)
	for _, role := range slices.Sorted(maps.Keys(d.roles)) {
		for _, entry := range d.roles[role].Groups {
			e := Entry{Role: role, Entry: entry, Group: true, Why: d.lacks[entry]}
			if g := groupNamed(d.groups[role], entry, d.pins[GroupPinName(entry)]); g != nil {
				e.ID, e.Name, e.Members = g.id, "@"+g.handle, len(g.members)
			}
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return cmp.Compare(a.Role, b.Role) })
	return out
}

// assign works out anew who holds which role by being named, and reports whether
// that differs from before. The caller holds the lock.
func (d *Directory) assign() (changed bool) {
	var entries []Entry
	var names []string
	for _, r := range d.roles {
		for _, entry := range r.Users {
			names = append(names, PinName(entry))
		}
	}
	users := map[string]map[string]bool{}
	now := reading{d.accounts, d.pins, d.accounts.bearersOf(names)}
	for _, role := range slices.Sorted(maps.Keys(d.roles)) {
		users[role] = map[string]bool{}
		for _, entry := range d.roles[role].Users {
			e := now.judge(role, entry)
			entries = append(entries, e)
			if e.Why == "" && (PinName(entry) == "" || d.pins[PinName(entry)] == e.ID) {
				users[role][e.ID] = true
			}
		}
	}
	changed = !slices.EqualFunc(entries, d.entries, func(a, b Entry) bool { b.Name = a.Name; return a == b })
	d.users, d.entries = users, entries
	return changed
}

// Contested says of which names of a role a person has to say who is meant: for
// whoever is refused because of it.
func (d *Directory) Contested(role string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, e := range d.entries {
		if e.Role == role && e.Contested {
			out = append(out, quote(e.Entry)+": "+e.Why)
		}
	}
	return out
}
