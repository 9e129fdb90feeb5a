package inflight

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/deployer"
)

// endedMax is how many are remembered of those that have ended last.
const endedMax = 32

// An entry is what is known of a deployment under way. Of one that was not read, or
// that can't be, it is the id alone.
type entry struct {
	id          string
	site        string // what its number counts
	number      int
	seq         int
	created     time.Time
	environment string
	requester   string
	group       *group // nil: it was not read, or can't be
	asks        []*ask
	people      []string // whom its card names
}

// A group is what deployments have in common that the same people may see: all,
// where its channel is for all, else whoever holds one of the roles.
type group struct {
	key     string
	channel string
	roles   []string
	n       int
}

// An asked is who is awaited: a role, or a person.
type asked struct{ role, person string }

// An ask is something that people are awaited for.
type ask struct {
	awaited.Ask
	of *entry
}

// A sorted list of entries. An order is given to each of its methods, always the
// same.
type sorted []*entry

type order func(a, b *entry) int

func newestFirst(a, b *entry) int {
	return cmp.Or(b.created.Compare(a.created), cmp.Compare(b.number, a.number), strings.Compare(a.id, b.id))
}

func byNumber(a, b *entry) int {
	return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.id, b.id))
}

func (s sorted) with(e *entry, by order) sorted {
	i, _ := slices.BinarySearchFunc(s, e, by)
	return slices.Insert(s, i, e)
}

func (s sorted) without(e *entry, by order) sorted {
	if i, ok := slices.BinarySearchFunc(s, e, by); ok {
		return slices.Delete(s, i, i+1)
	}
	return s
}

func longestFirst(a, b *ask) int {
	return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.of.id, b.of.id), strings.Compare(a.Step, b.Step))
}

// enter makes an entry of which the id is known. The caller holds the lock, as of
// all that follows.
func (x *Index) enter(id string) *entry {
	e := &entry{id: id, site: id}
	if i := strings.LastIndexByte(id, '-'); i >= 0 {
		e.site = id[:i]
		e.number, _ = strconv.Atoi(id[i+1:])
	}
	x.entries[id] = e
	x.bySite[e.site] = x.bySite[e.site].with(e, byNumber)
	x.unread++
	return e
}

// put takes over a state of a deployment, unless a newer one is known.
func (x *Index) put(d deployer.Deployment) {
	e := x.entries[d.ID]
	if e != nil && e.seq > d.Seq {
		return
	}
	if d.Status.Ended() {
		x.remember(d)
	}
	if !deployer.Lives(d) {
		x.remove(d.ID)
		return
	}
	if e == nil {
		e = x.enter(d.ID)
	}
	x.forget(e)
	e.seq, e.created, e.environment, e.requester = d.Seq, d.Created, d.Site.Environment, d.Requester.ID
	e.group, e.people = x.groupOf(d), peopleOf(d)
	e.group.n++
	x.newest = x.newest.with(e, newestFirst)
	x.byPerson[e.requester] = x.byPerson[e.requester].with(e, newestFirst)
	for _, a := range awaited.Of(d) {
		e.asks = append(e.asks, &ask{a, e})
	}
	for _, a := range e.asks {
		for _, who := range a.whom() {
			i, _ := slices.BinarySearchFunc(x.asks[who], a, longestFirst)
			x.asks[who] = slices.Insert(x.asks[who], i, a)
		}
	}
}

// forget takes an entry out of everything but the list of ids.
func (x *Index) forget(e *entry) {
	delete(x.broken, e.id)
	if e.group == nil {
		if e.seq == 0 {
			x.unread--
		}
		return
	}
	x.newest = x.newest.without(e, newestFirst)
	setOrDelete(x.byPerson, e.requester, x.byPerson[e.requester].without(e, newestFirst))
	for _, a := range e.asks {
		for _, who := range a.whom() {
			rest := x.asks[who]
			if i, ok := slices.BinarySearchFunc(rest, a, longestFirst); ok {
				rest = slices.Delete(rest, i, i+1)
			}
			setOrDelete(x.asks, who, rest)
		}
	}
	if e.group.n--; e.group.n == 0 {
		delete(x.groups, e.group.key)
	}
	e.group, e.asks, e.people = nil, nil, nil
}

// setOrDelete keeps no empty list.
func setOrDelete[K comparable, E any, L ~[]E](m map[K]L, key K, rest L) {
	if m[key] = rest; len(rest) == 0 {
		delete(m, key)
	}
}

// remove forgets a deployment.
func (x *Index) remove(id string) {
	if e := x.entries[id]; e != nil {
		x.forget(e)
		setOrDelete(x.bySite, e.site, x.bySite[e.site].without(e, byNumber))
		delete(x.entries, id)
	}
}

// spoil notes that a deployment can't be read.
func (x *Index) spoil(id string) {
	e := x.entries[id]
	if e == nil {
		e = x.enter(id)
	}
	x.forget(e)
	e.seq = max(e.seq, 1) // it was tried: it is not waited for
	x.broken[id] = true
}

// remember keeps a deployment among those that have ended last.
func (x *Index) remember(d deployer.Deployment) {
	x.ended = slices.DeleteFunc(x.ended, func(o deployer.Deployment) bool { return o.ID == d.ID })
	i, _ := slices.BinarySearchFunc(x.ended, d, func(a, b deployer.Deployment) int { return b.Ended.Compare(a.Ended) })
	x.ended = slices.Insert(x.ended, i, d)
	x.ended = x.ended[:min(len(x.ended), endedMax)]
}

// groupOf is the group that a deployment belongs to.
func (x *Index) groupOf(d deployer.Deployment) *group {
	roles := awaited.Readers(d)
	key := d.Channels[deployer.ChannelDeploys] + "\x00" + strings.Join(roles, "\x00")
	g := x.groups[key]
	if g == nil {
		g = &group{key: key, channel: d.Channels[deployer.ChannelDeploys], roles: roles}
		x.groups[key] = g
	}
	return g
}

// whom is who is awaited.
func (a *ask) whom() []asked {
	var out []asked
	for _, role := range a.Roles {
		out = append(out, asked{role: role})
	}
	if a.Person != "" {
		out = append(out, asked{person: a.Person})
	}
	return out
}

// peopleOf is whom the card of a deployment names.
func peopleOf(d deployer.Deployment) []string {
	out := []string{d.Requester.ID}
	for _, s := range d.Steps {
		out = append(out, s.By.ID, s.Skipped.By.ID)
		for _, a := range s.Approvals {
			out = append(out, a.By.ID)
		}
	}
	slices.Sort(out)
	return slices.Clip(slices.DeleteFunc(slices.Compact(out), func(id string) bool { return id == "" }))
}
