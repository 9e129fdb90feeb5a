package workspace

import (
	"time"
)

// AddUser takes a person into the workspace (team_join) and gives their id.
func (p *People) AddUser(u User) (id string, err error) {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	if u.Team == "" && w.User(u.Name) != nil || u.ID != "" && w.User(u.ID) != nil {
		return "", Refusal("There is a user " + u.Name + " already.")
	}
	n := w.addUser(u)
	p.ws.Events.Send("team_join", obj{"type": "team_join", "user": n.Object(p.ws.Config), "cache_ts": time.Now().Unix(), "event_ts": w.NextTS()})
	p.ws.DirectoryChanged()
	return n.ID, nil
}

// ChangeUser gives a person a new name, display name, real name, e-mail address or time zone (user_change). What is
// empty in to stays as it is; the id always does.
func (p *People) ChangeUser(key string, to User) error {
	return p.alter(key, func(u *Account) {
		for _, f := range []struct{ old, now *string }{{&u.Name, &to.Name}, {&u.DisplayName, &to.DisplayName},
			{&u.RealName, &to.RealName}, {&u.Email, &to.Email}, {&u.TZ, &to.TZ}} {
			if *f.now != "" {
				*f.old = *f.now
			}
		}
	})
}

// SetDisplayName changes what a person is called, possibly to nothing (user_change).
func (p *People) SetDisplayName(key, name string) error {
	return p.alter(key, func(u *Account) { u.DisplayName = name })
}

// DeactivateUser takes a person's account away, or gives it back (user_change).
func (p *People) DeactivateUser(key string, gone bool) error {
	return p.alter(key, func(u *Account) { u.Deleted = gone })
}

// SetAway says whether a person is away, as users.getPresence tells it. Apps get no event.
func (p *People) SetAway(user string, away bool) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	u := p.ws.User(user)
	if u == nil {
		return Refusal("There is no user " + user + ".")
	}
	u.Away = away
	return nil
}

func (p *People) alter(key string, change func(*Account)) error {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	u := w.User(key)
	if u == nil || u.Bot {
		return Refusal("There is no user " + key + ".")
	}
	change(u)
	u.updated = time.Now().Unix()
	p.ws.Events.Send("user_change", obj{"type": "user_change", "user": u.Object(p.ws.Config), "cache_ts": u.updated, "event_ts": w.NextTS()})
	p.ws.DirectoryChanged()
	return nil
}

// AddUserGroup adds a user group (subteam_created) and gives its id.
func (p *People) AddUserGroup(g UserGroup) (id string, err error) {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	if w.Group(g.Handle) != nil {
		return "", Refusal("There is a user group " + g.Handle + " already.")
	}
	return p.ws.AddUserGroup(g).ID, nil
}

// SetUserGroup gives a user group, named by handle or id, new members (names or ids; nil leaves them), a new handle,
// name or description (empty leaves them). The app gets subteam_updated and, for members, subteam_members_changed.
func (p *People) SetUserGroup(group string, to UserGroup) error {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	g := w.Group(group)
	if g == nil {
		return Refusal("There is no user group " + group + ".")
	}
	p.ws.AlterGroup(g, to)
	return nil
}

// SwitchUserGroup disables a user group, or enables it again (subteam_updated). Its members stay as they are.
func (p *People) SwitchUserGroup(group string, off bool) error {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	g := w.Group(group)
	if g == nil {
		return Refusal("There is no user group " + group + ".")
	}
	g.Disabled = 0
	if off {
		g.Disabled = time.Now().Unix()
	}
	p.ws.AlterGroup(g, UserGroup{})
	return nil
}

// SetGroupMembers replaces the members of a user group, as SetUserGroup does.
func (p *People) SetGroupMembers(group string, members ...string) error {
	return p.SetUserGroup(group, UserGroup{Members: append([]string{}, members...)})
}

// Snooze lets a person's notifications rest until then (dnd_updated_user); a time that has passed wakes them.
func (p *People) Snooze(user string, until time.Time) error {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	u := w.User(user)
	if u == nil || u.Bot {
		return Refusal("There is no user " + user + ".")
	}
	u.snoozedFrom, u.snoozedUntil = time.Now().Unix(), until.Unix()
	p.ws.Events.Send("dnd_updated_user", obj{"type": "dnd_updated_user", "user": u.ID, "dnd_status": u.DNDStatus(), "event_ts": w.NextTS()})
	return nil
}
