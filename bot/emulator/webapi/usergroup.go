package webapi

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

const groupNoteMax = 140 // characters of a user group's description

var groupHandle = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}._-]{1,80}$`)

func groupList(c *call) (obj, *Failure) {
	all := []obj{}
	for _, g := range c.ws.Groups {
		if g.Disabled != 0 && !c.bool("include_disabled") {
			continue
		}
		o := c.counted(g)
		if c.bool("include_users") {
			o["users"] = g.Members
		}
		all = append(all, o)
	}
	return obj{"usergroups": all}, nil
}

// counted is a user group, with the number of its members where the call asks for it.
func (c *call) counted(g *workspace.Group) obj {
	o := g.Object(c.ws.Config)
	if !c.bool("include_count") {
		delete(o, "user_count")
	}
	return o
}

// withUserGroup does a method with the user group that a call names.
func withUserGroup(do func(*call, *workspace.Group) (obj, *Failure)) run {
	return locked(func(c *call) (obj, *Failure) {
		g := c.ws.Group(c.Str("usergroup"))
		if g == nil || g.ID != c.Str("usergroup") {
			return nil, refuse("no_such_subteam")
		}
		return do(c, g)
	})
}

func groupMembers(c *call, g *workspace.Group) (obj, *Failure) {
	if g.Disabled != 0 && !c.bool("include_disabled") {
		return nil, refuse("no_such_subteam")
	}
	return obj{"users": g.Members}, nil
}

func createGroup(c *call) (obj, *Failure) {
	name := c.Str("name")
	if name == "" {
		return nil, refuse("missing_subteam_name")
	}
	handle := strings.TrimPrefix(c.Str("handle"), "@")
	if handle == "" {
		handle = strings.ReplaceAll(strings.ToLower(name), " ", "-")
	}
	to := workspace.UserGroup{Handle: handle, Name: name, Description: c.Str("description")}
	if word := c.groupFault(nil, to); word != "" {
		return nil, refuse(word)
	}
	to.ID = c.ws.NextID("S")
	return obj{"usergroup": c.counted(c.ws.AddUserGroup(to))}, nil
}

func updateGroup(c *call, g *workspace.Group) (obj, *Failure) {
	to := workspace.UserGroup{Handle: strings.TrimPrefix(c.Str("handle"), "@"), Name: c.Str("name"), Description: c.Str("description")}
	if word := c.groupFault(g, to); word != "" {
		return nil, refuse(word)
	}
	c.ws.AlterGroup(g, to)
	return obj{"usergroup": c.counted(g)}, nil
}

// groupFault is the word that a user group's new name, handle or description is refused with, if it is; g is the group
// that has them already, nil for a new one. The caller holds the workspace's lock.
func (c *call) groupFault(g *workspace.Group, to workspace.UserGroup) string {
	taken := func(same func(*workspace.Group) bool) bool {
		return slices.ContainsFunc(c.ws.Groups, func(o *workspace.Group) bool { return o != g && same(o) })
	}
	free := func(handle string) bool { return c.ws.User(handle) == nil && c.ws.Channel(handle) == nil }
	switch {
	case to.Name != "" && taken(func(o *workspace.Group) bool { return o.Name == to.Name }):
		return "name_already_exists"
	case to.Handle != "" && !groupHandle.MatchString(to.Handle):
		return "bad_handle"
	case to.Handle != "" && (taken(func(o *workspace.Group) bool { return o.Handle == to.Handle }) || !free(to.Handle)):
		return "handle_already_exists"
	case utf8.RuneCountInString(to.Description) > groupNoteMax:
		return "description_too_long"
	}
	return ""
}

// fillGroup is usergroups.users.update: these are the members from now on.
func fillGroup(c *call, g *workspace.Group) (obj, *Failure) {
	ids := c.list("users")
	if len(ids) == 0 {
		return nil, refuse("no_users_provided")
	}
	for _, id := range ids {
		switch u := c.ws.User(id); {
		case u == nil || u.ID != id || u.Deleted:
			return nil, refuse("invalid_users")
		case u.Bot:
			return nil, refuse("invalid_user") // bots are in no group
		}
	}
	c.ws.AlterGroup(g, workspace.UserGroup{Members: ids})
	o := c.counted(g)
	o["users"] = g.Members
	return obj{"usergroup": o}, nil
}

func enableGroup(c *call, g *workspace.Group) (obj, *Failure) {
	return c.setDisabled(g, 0)
}

func disableGroup(c *call, g *workspace.Group) (obj, *Failure) {
	return c.setDisabled(g, time.Now().Unix())
}

// setDisabled disables a user group at a time, or enables it at none.
func (c *call) setDisabled(g *workspace.Group, at int64) (obj, *Failure) {
	g.Disabled = at
	c.ws.AlterGroup(g, workspace.UserGroup{})
	return obj{"usergroup": c.counted(g)}, nil
}
