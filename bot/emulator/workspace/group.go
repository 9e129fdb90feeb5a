package workspace

import (
	"slices"
	"time"
)

// Group is a user group with its history.
type Group struct {
	UserGroup
	created, updated int64
	Disabled         int64 // when it was disabled, as a Unix time; 0 where it is not
}

// AddUserGroup adds a user group and tells everybody. The caller holds the workspace's lock.
func (w *Workspace) AddUserGroup(g UserGroup) *Group {
	n := w.addGroup(g)
	w.Events.Send("subteam_created", obj{"type": "subteam_created", "subteam": n.objectWithUsers(w.Config), "event_ts": w.NextTS()})
	w.DirectoryChanged()
	return n
}

// AlterGroup changes a user group as SetUserGroup promises. The caller holds the workspace's lock.
func (w *Workspace) AlterGroup(g *Group, to UserGroup) {
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
	w.Events.Send("subteam_updated", obj{"type": "subteam_updated", "subteam": g.objectWithUsers(w.Config), "event_ts": w.NextTS()})
	added, removed := without(g.Members, before), without(before, g.Members)
	if len(added)+len(removed) > 0 {
		w.Events.Send("subteam_members_changed", obj{"type": "subteam_members_changed", "subteam_id": g.ID,
			"team_id": w.Config.Team.ID, "date_previous_update": old, "date_update": g.updated, "added_users": added,
			"added_users_count": len(added), "removed_users": removed, "removed_users_count": len(removed),
			"event_ts": w.NextTS()})
	}
	w.DirectoryChanged()
}

// objectWithUsers is a user group with its members, as events have it.
func (g *Group) objectWithUsers(cfg Config) obj {
	o := g.Object(cfg)
	o["users"] = g.Members
	return o
}

// without is list less what other has.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(id string) bool { return slices.Contains(other, id) })
}

// addGroup takes a user group into the workspace.
func (w *Workspace) addGroup(g UserGroup) *Group {
	if g.ID == "" {
		g.ID = idFor("S", g.Handle)
	}
	if g.Name == "" {
		g.Name = g.Handle
	}
	g.Members = w.userIDs(g.Members)
	now := time.Now().Unix()
	w.Groups = append(w.Groups, &Group{UserGroup: g, created: now, updated: now})
	return w.Groups[len(w.Groups)-1]
}

// Group finds a user group by id or handle; nil when there is none.
func (w *Workspace) Group(key string) *Group {
	i := slices.IndexFunc(w.Groups, func(g *Group) bool { return g.ID == key || g.Handle == key })
	if i < 0 {
		return nil
	}
	return w.Groups[i]
}

// Object is a user group as Slack describes it.
func (g *Group) Object(cfg Config) map[string]any {
	return obj{"id": g.ID, "team_id": cfg.Team.ID, "is_usergroup": true, "is_subteam": true, "name": g.Name,
		"handle": g.Handle, "description": g.Description, "is_external": false, "date_create": g.created,
		"date_update": g.updated, "date_delete": g.Disabled, "auto_type": nil, "auto_provision": false, "created_by": SlackbotID,
		"updated_by": SlackbotID, "deleted_by": nil, "prefs": obj{"channels": []string{}, "groups": []string{}},
		"user_count": len(g.Members), "channel_count": 0}
}
