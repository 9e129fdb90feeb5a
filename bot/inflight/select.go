package inflight

import (
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/deployer"
)

// A Reader is somebody who looks at what is under way.
type Reader struct {
	ID     string
	Roles  []string
	Public func(channel string) bool // whether everybody may see what is posted there
}

// sees reports whether the deployments of a group are shown to somebody who has
// not asked for them.
func (r Reader) sees(g *group) bool {
	return r.Public(g.channel) || slices.ContainsFunc(g.roles, func(role string) bool { return slices.Contains(r.Roles, role) })
}

// MayRead reports whether a deployment is shown to somebody who has not asked for
// it: what is posted to a private channel only to those who have a part in it.
func (r Reader) MayRead(d deployer.Deployment) bool {
	return d.Requester.ID == r.ID || r.sees(&group{channel: d.Channels[deployer.ChannelDeploys], roles: awaited.Readers(d)})
}

// A Part is what is shown of a part of a list, by id, and how many more there are.
type Part struct {
	Shown []string
	More  int
}

// A Selection is what somebody's home tab shows.
type Selection struct {
	Pending    Part     // in which they are awaited, the longest first; More counts questions
	Mine       Part     // that they started, and in which they are not awaited; the newest first
	Others     Part     // that they may see, the newest first
	Unread     int      // not read yet: they are in no part
	Unreadable []string // sorted
}

// Select returns what somebody's home tab shows: at most so many of each part.
func (x *Index) Select(r Reader, pendingMax, linesMax int) Selection {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.need()
	out := Selection{Unread: x.unread, Unreadable: sortedKeys(x.broken)}
	awaited := x.pending(r, pendingMax, &out.Pending)
	taken := map[*entry]bool{}
	visible := map[*group]bool{}
	total := 0
	for _, g := range x.groups {
		if visible[g] = r.sees(g); visible[g] {
			total += g.n
		}
	}
	for e := range awaited {
		taken[e] = true
		if visible[e.group] {
			total--
		}
	}
	for _, e := range x.byPerson[r.ID] {
		if taken[e] {
			continue
		}
		taken[e] = true
		out.Mine.add(e, linesMax)
		if visible[e.group] {
			total--
		}
	}
	for _, e := range x.newest {
		if len(out.Others.Shown) == min(linesMax, total) {
			break
		}
		if visible[e.group] && !taken[e] {
			out.Others.add(e, linesMax)
		}
	}
	out.Others.More = total - len(out.Others.Shown)
	return out
}

// pending selects what somebody is awaited in, and returns all of that.
func (x *Index) pending(r Reader, most int, p *Part) map[*entry]bool {
	lists := [][]*ask{x.asks[asked{person: r.ID}]}
	for _, role := range r.Roles {
		lists = append(lists, x.asks[asked{role: role}])
	}
	var all []*ask
	seen := map[*ask]bool{}
	for _, list := range lists {
		for _, a := range list {
			if !seen[a] && a.Awaits(r.ID, r.Roles) {
				seen[a] = true
				all = append(all, a)
			}
		}
	}
	slices.SortFunc(all, longestFirst)
	entries, shown := map[*entry]bool{}, map[*entry]bool{}
	for _, a := range all {
		if len(shown) < most && !entries[a.of] {
			shown[a.of] = true
			p.Shown = append(p.Shown, a.of.id)
		}
		if entries[a.of] = true; !shown[a.of] {
			p.More++
		}
	}
	return entries
}

func (p *Part) add(e *entry, most int) {
	if len(p.Shown) < most {
		p.Shown = append(p.Shown, e.id)
	} else {
		p.More++
	}
}

// A Line is a deployment in a list.
type Line struct {
	ID          string
	Environment string // "": it was not read, or can't be
	Unreadable  bool
}

// Of returns what is under way on a site, by number.
func (x *Index) Of(site string) []Line {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]Line, len(x.bySite[site]))
	for i, e := range x.bySite[site] {
		out[i] = Line{e.id, e.environment, x.broken[e.id]}
	}
	return out
}

// IDs are those of all that is under way, by site and number.
func (x *Index) IDs() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []string
	for _, site := range slices.Sorted(maps.Keys(x.bySite)) {
		for _, e := range x.bySite[site] {
			out = append(out, e.id)
		}
	}
	return out
}

// Naming returns the newest of those whose cards name a person, or ask a role of
// theirs: at most so many, of those that were read.
func (x *Index) Naming(person string, roles []string, most int) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []string
	for _, e := range x.newest {
		if len(out) == most {
			break
		}
		if slices.Contains(e.people, person) || slices.ContainsFunc(e.asks, func(a *ask) bool {
			return slices.ContainsFunc(a.Roles, func(role string) bool { return slices.Contains(roles, role) })
		}) {
			out = append(out, e.id)
		}
	}
	return out
}

// Ended returns those that have ended last, the last one first: of those that were
// told, and those that were remembered.
func (x *Index) Ended() []deployer.Deployment {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.ended)
}

// Remember notes a deployment that has ended before the index was made.
func (x *Index) Remember(d deployer.Deployment) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remember(d)
}

func sortedKeys(m map[string]bool) []string {
	var out []string
	for key := range m {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}
