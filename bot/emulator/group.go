package emulator

import (
	"slices"
	"time"
)

// group is a user group with its history.
type group struct {
	UserGroup
	created, updated int64
	disabled         int64 // when it was disabled, as a Unix time; 0 where it is not
}

// addGroup takes a user group into the workspace.
func (w *workspace) addGroup(g UserGroup) *group {
	if g.ID == "" {
		g.ID = idFor("S", g.Handle)
	}
	if g.Name == "" {
		g.Name = g.Handle
	}
	g.Members = w.userIDs(g.Members)
	now := time.Now().Unix()
	w.groups = append(w.groups, &group{UserGroup: g, created: now, updated: now})
	return w.groups[len(w.groups)-1]
}

// group finds a user group by id or handle; nil when there is none.
func (w *workspace) group(key string) *group {
	i := slices.IndexFunc(w.groups, func(g *group) bool { return g.ID == key || g.Handle == key })
	if i < 0 {
		return nil
	}
	return w.groups[i]
}

// subteam is a user group as Slack describes it.
func (w *workspace) subteam(g *group) obj {
	return obj{"id": g.ID, "team_id": w.cfg.Team.ID, "is_usergroup": true, "is_subteam": true, "name": g.Name,
		"handle": g.Handle, "description": g.Description, "is_external": false, "date_create": g.created,
		"date_update": g.updated, "date_delete": g.disabled, "auto_type": nil, "auto_provision": false, "created_by": slackbotID,
		"updated_by": slackbotID, "deleted_by": nil, "prefs": obj{"channels": []string{}, "groups": []string{}},
		"user_count": len(g.Members), "channel_count": 0}
}
