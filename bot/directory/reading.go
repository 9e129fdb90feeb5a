package directory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// bearers are those who bear a name: the full members of the workspace, and of what
// kind the others are, who are never meant.
type bearers struct {
	members []account
	others  []deployer.Standing
}

// bearersOf are those who bear each of these names, found in one pass.
func (a *accounts) bearersOf(names []string) map[string]*bearers {
	all := map[string]*bearers{}
	for _, name := range names {
		all[name] = &bearers{}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range a.byID {
		for _, name := range []string{one.handle, one.email} {
			b := all[name]
			switch {
			case b == nil || name == "":
			case one.standing == deployer.Member:
				b.members = append(b.members, one)
			default:
				b.others = append(b.others, one.standing)
			}
		}
	}
	for _, b := range all {
		slices.SortFunc(b.members, func(a, b account) int { return strings.Compare(a.id, b.id) })
		slices.Sort(b.others)
	}
	return all
}

// A reading is what entries of roles come to, with what is known at one moment.
type reading struct {
	*accounts
	pins map[string]string
	by   map[string]*bearers
}

// standsFor is the id that a name stands for, or why it stands for nobody.
func (r reading) standsFor(name string) (id, why string) {
	members, others := r.by[name].members, r.by[name].others
	pinned := r.pins[name]
	switch {
	case len(members) > 1:
		return "", "several people bear it, so nobody holds the role by it: " + withNames(members) + "; " + settle(name)
	case pinned != "" && len(members) == 1 && members[0].id != pinned:
		return "", fmt.Sprintf("it stood for %s, and %s bears it now, so nobody holds the role by it; %s", r.withName(pinned), withNames(members), settle(name))
	case len(members) == 1:
		return members[0].id, ""
	case pinned != "" && r.get(pinned).id != "" && r.get(pinned).standing == deployer.Member:
		return pinned, "" // who was renamed is still who was meant
	case pinned != "":
		return "", "it stood for " + r.withName(pinned) + ", who is no member any more; " + settle(name)
	case len(others) > 0:
		return "", notMeant[others[0]]
	case strings.Contains(name, "@"):
		return "", "Slack knows no such user"
	}
	return "", "Slack has no user with that name; the name is the one under Account settings, not the display name (an id or an e-mail address will do as well)"
}

// settle says how a person says whom a name stands for.
func settle(name string) string {
	return "write the id of who is meant into the config, or run stationmaster roles pin " + name + "=ID"
}

// notMeant says why a name never means an account of such a kind.
var notMeant = map[deployer.Standing]string{
	deployer.Deactivated: "that account is deactivated",
	deployer.Machine:     "that is an app, not a person",
	deployer.Guest:       "that is a guest, who is never meant by a name",
	deployer.OtherTeam:   "that is somebody of another workspace, who is never meant by a name",
	deployer.Stranger:    "that is somebody of another organization, who is never meant by a name",
}

// withNames are people with their names, for whoever reads the log.
func withNames(all []account) string {
	var out []string
	for _, one := range all {
		out = append(out, one.id+" ("+nameOf(one.user())+")")
	}
	return strings.Join(out, ", ")
}

// withName is an id with the name that is known of it.
func (a *accounts) withName(id string) string {
	if one := a.get(id); one.id != "" {
		return withNames([]account{one})
	}
	return id
}

// judge finds out whom an entry stands for.
func (r reading) judge(role, entry string) Entry {
	e := Entry{Role: role, Entry: entry}
	if name := PinName(entry); name != "" {
		e.ID, e.Why = r.standsFor(name)
		e.Contested = e.Why != "" && (len(r.by[name].members) > 1 || r.pins[name] != "")
	} else {
		e.ID = handle(entry)
		switch standing, heard := r.heard(e.ID); {
		case !heard, standing == deployer.Nobody:
			e.Why = "Slack knows no such user"
		case standing == deployer.Deactivated, standing == deployer.Machine:
			e.Why = notMeant[standing]
		}
	}
	if one := r.get(e.ID); one.id != "" {
		e.Name, e.Standing = nameOf(one.user()), one.standing
	}
	return e
}

// concerns reports whether entries name somebody, by what they are called or were.
func (r reading) concerns(entries []Entry, all ...account) bool {
	for _, e := range entries {
		name := PinName(e.Entry)
		for _, one := range all {
			if one.id != "" && (one.id == e.ID || one.id == handle(e.Entry) || name != "" && (name == one.handle || name == one.email || r.pins[name] == one.id)) {
				return true
			}
		}
	}
	return false
}
