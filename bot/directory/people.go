package directory

import (
	"context"
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

// Person returns how somebody is called.
func (d *Directory) Person(p deployer.Actor) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.names[p.ID]; name != "" {
		return name
	}
	if p.Name != "" {
		return p.Name
	}
	return p.ID
}

// PersonOf returns somebody who has just done something, by the name that is known
// or by their handle.
func (d *Directory) PersonOf(id, handle string) deployer.Actor {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := d.names[id]; name != "" {
		handle = name
	}
	return deployer.Actor{ID: id, Name: handle}
}

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
	d.names[u.ID], d.namedAt[u.ID] = nameOf(u), d.now()
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
		if name != "" {
			return name
		}
	}
	return u.ID
}
