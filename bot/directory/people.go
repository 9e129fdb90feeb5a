package directory

import (
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// How old what is known of a name may be, and how often Slack is asked for one.
const (
	nameFreshWithin = time.Hour              // older: asked again when they do something
	nameEvery       = 700 * time.Millisecond // users.info is tier 4: a hundred a minute
	nameBurst       = 15
)

// Person returns how somebody is called, with their handle where somebody else of
// the workspace bears the same name, as their name or as their handle.
func (d *Directory) Person(p deployer.Actor) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.told(p.ID, p.Name); name != "" {
		return name
	}
	return p.ID
}

// PersonOf returns somebody who has just done something, by the name that is known
// or by their handle. What is written down with that name tells them from others.
func (d *Directory) PersonOf(id, handle string) deployer.Actor {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.handleOf[id] == "" {
		d.handleOf[id] = handle
	}
	return deployer.Actor{ID: id, Name: d.told(id, handle)}
}

// Renamed returns how somebody is called now, where the name that was written
// down was another of theirs; else "".
func (d *Directory) Renamed(p deployer.Actor) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	name, handle := d.names[p.ID], d.handleOf[p.ID]
	if name == "" || handle != "" && p.Name == handle {
		return ""
	}
	for _, suffix := range []string{"", called(handle), called(p.ID)} {
		if p.Name == name+suffix {
			return ""
		}
	}
	return d.told(p.ID, p.Name)
}

// told is the name that is known of somebody, or the one that is given, so that
// it can be told from that of others, whether these have ever done anything here
// or not. A name that has an @ itself could pass for one with a handle behind it.
// The caller holds the lock.
func (d *Directory) told(id, given string) string {
	name := d.names[id]
	if name == "" {
		name = given
	}
	if name == "" || id == "" {
		return name
	}
	if !strings.ContainsAny(name, "@＠﹫") && !d.accounts.namesake(id, name) {
		return name
	}
	if handle := d.handleOf[id]; handle != "" {
		return name + called(handle)
	}
	return name + called(id)
}

// called is what tells people of one name apart, behind it.
func called(handle string) string { return " (@" + handle + ")" }

// LearnName finds out how somebody is called, unless that is known, and reports
// whether it is news. It may fail: then what they were called before, or their
// handle, has to do.
func (d *Directory) LearnName(ctx context.Context, id string) bool {
	if d.KnowsName(id) || d.nameAsks.Wait(ctx) != nil {
		return false
	}
	u, err := d.api.GetUserInfoContext(ctx, id)
	if err != nil {
		d.log.Info("how somebody is called can't be asked", "user", id, "err", err)
		return false
	}
	d.accounts.learn(*u)
	return d.name(*u)
}

// KnowsName reports whether Slack said not long ago how somebody is called.
func (d *Directory) KnowsName(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.namedAt[id]
	return ok && d.now().Sub(at) < nameFreshWithin
}

// name notes what Slack says of somebody, and reports whether it is news.
func (d *Directory) name(u slack.User) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.names[u.ID]
	d.names[u.ID], d.handleOf[u.ID], d.namedAt[u.ID] = nameOf(u), u.Name, d.now()
	return d.names[u.ID] != before
}

// UserChanged takes in what an event tells of somebody: what they are counts at
// once, and so does whom a name of the roles stands for.
func (d *Directory) UserChanged(u slack.User) {
	before, now := d.accounts.learn(u)
	d.mu.Lock()
	_, known := d.names[u.ID]
	changed := reading{pins: d.pins}.concerns(d.entries, before, now) && d.assign()
	d.mu.Unlock()
	if known {
		d.name(u)
	}
	if changed {
		d.wake() // whom a name stands for is said, and kept
	}
}

// nameOf is how somebody wants to be called.
func nameOf(u slack.User) string {
	for _, name := range []string{u.Profile.DisplayName, u.Profile.RealName, u.RealName, u.Name} {
		if !deployer.Blank(name) {
			return name
		}
	}
	return u.ID
}
