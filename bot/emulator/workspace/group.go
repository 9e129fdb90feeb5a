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

// Subteam is a user group as Slack describes it.
func (w *Workspace) Subteam(g *Group) obj {
	return obj{"id": g.ID, "team_id": w.Config.Team.ID, "is_usergroup": true, "is_subteam": true, "name": g.Name,
		"handle": g.Handle, "description": g.Description, "is_external": false, "date_create": g.created,
		"date_update": g.updated, "date_delete": g.Disabled, "auto_type": nil, "auto_provision": false, "created_by": SlackbotID,
		"updated_by": SlackbotID, "deleted_by": nil, "prefs": obj{"channels": []string{}, "groups": []string{}},
		"user_count": len(g.Members), "channel_count": 0}
}
