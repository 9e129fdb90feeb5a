package emulator

import (
	"slices"
	"time"
)

// AddUser takes a person into the workspace (team_join) and gives their id.
func (s *Server) AddUser(u User) (id string, err error) {
	w := s.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.user(u.Name) != nil || u.ID != "" && w.user(u.ID) != nil {
		return "", Refusal("There is a user " + u.Name + " already.")
	}
	n := w.addUser(u)
	s.event("team_join", obj{"type": "team_join", "user": s.profile(n), "cache_ts": time.Now().Unix(), "event_ts": w.nextTS()})
	s.peopleChanged()
	return n.ID, nil
}

// ChangeUser gives a person a new name, display name, real name, e-mail address or time zone (user_change). What is
// empty in to stays as it is; the id always does.
func (s *Server) ChangeUser(key string, to User) error {
	return s.alter(key, func(u *user) {
		for _, f := range []struct{ old, now *string }{{&u.Name, &to.Name}, {&u.DisplayName, &to.DisplayName},
			{&u.RealName, &to.RealName}, {&u.Email, &to.Email}, {&u.TZ, &to.TZ}} {
			if *f.now != "" {
				*f.old = *f.now
			}
		}
	})
}

// SetDisplayName changes what a person is called, possibly to nothing (user_change).
func (s *Server) SetDisplayName(key, name string) error {
	return s.alter(key, func(u *user) { u.DisplayName = name })
}

// DeactivateUser takes a person's account away, or gives it back (user_change).
func (s *Server) DeactivateUser(key string, gone bool) error {
	return s.alter(key, func(u *user) { u.deleted = gone })
}

// SetAway says whether a person is away, as users.getPresence tells it. Apps get no event.
func (s *Server) SetAway(user string, away bool) error {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	u := s.ws.user(user)
	if u == nil {
		return Refusal("There is no user " + user + ".")
	}
	u.away = away
	return nil
}

func (s *Server) alter(key string, change func(*user)) error {
	w := s.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.user(key)
	if u == nil || u.bot {
		return Refusal("There is no user " + key + ".")
	}
	change(u)
	u.updated = time.Now().Unix()
	s.event("user_change", obj{"type": "user_change", "user": s.profile(u), "cache_ts": u.updated, "event_ts": w.nextTS()})
	s.peopleChanged()
	return nil
}

// AddUserGroup adds a user group (subteam_created) and gives its id.
func (s *Server) AddUserGroup(g UserGroup) (id string, err error) {
	w := s.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.group(g.Handle) != nil {
		return "", Refusal("There is a user group " + g.Handle + " already.")
	}
	return s.addUserGroup(g).ID, nil
}

// addUserGroup adds a user group and tells everybody. The caller holds the workspace's lock.
func (s *Server) addUserGroup(g UserGroup) *group {
	n := s.ws.addGroup(g)
	s.event("subteam_created", obj{"type": "subteam_created", "subteam": s.full(n), "event_ts": s.ws.nextTS()})
	s.peopleChanged()
	return n
}

// SetUserGroup gives a user group, named by handle or id, new members (names or ids; nil leaves them), a new handle,
// name or description (empty leaves them). The app gets subteam_updated and, for members, subteam_members_changed.
func (s *Server) SetUserGroup(group string, to UserGroup) error {
	w := s.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	g := w.group(group)
	if g == nil {
		return Refusal("There is no user group " + group + ".")
	}
	s.alterGroup(g, to)
	return nil
}

// alterGroup changes a user group as SetUserGroup promises. The caller holds the workspace's lock.
func (s *Server) alterGroup(g *group, to UserGroup) {
	w := s.ws
	before, old := g.Members, g.updated
	if to.Members != nil {
		g.Members = w.userIDs(to.Members)
	}
	for _, f := range []struct{ old, now *string }{{&g.Handle, &to.Handle}, {&g.Name, &to.Name}, {&g.Description, &to.Description}} {
		if *f.now != "" {
			*f.old = *f.now
		}
	}
	g.updated = time.Now().Unix()
	s.event("subteam_updated", obj{"type": "subteam_updated", "subteam": s.full(g), "event_ts": w.nextTS()})
	added, removed := without(g.Members, before), without(before, g.Members)
	if len(added)+len(removed) > 0 {
		s.event("subteam_members_changed", obj{"type": "subteam_members_changed", "subteam_id": g.ID,
			"team_id": s.cfg.Team.ID, "date_previous_update": old, "date_update": g.updated, "added_users": added,
			"added_users_count": len(added), "removed_users": removed, "removed_users_count": len(removed),
			"event_ts": w.nextTS()})
	}
	s.peopleChanged()
}

// SetGroupMembers replaces the members of a user group, as SetUserGroup does.
func (s *Server) SetGroupMembers(group string, members ...string) error {
	return s.SetUserGroup(group, UserGroup{Members: append([]string{}, members...)})
}

// full is a user group with its members, as events have it.
func (s *Server) full(g *group) obj {
	o := s.subteam(g)
	o["users"] = g.Members
	return o
}

// without is list less what other has.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(id string) bool { return slices.Contains(other, id) })
}
