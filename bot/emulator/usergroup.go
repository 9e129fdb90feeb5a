package emulator

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const maxGroupNote = 140 // characters of a user group's description

var groupHandle = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}._-]{1,80}$`)

func groupList(c *call) (obj, *refusal) {
	all := []obj{}
	for _, g := range c.ws.groups {
		if g.disabled != 0 && !c.bool("include_disabled") {
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
func (c *call) counted(g *group) obj {
	o := c.ws.subteam(g)
	if !c.bool("include_count") {
		delete(o, "user_count")
	}
	return o
}

// usergroup does a method with the user group that a call names.
func usergroup(do func(*call, *group) (obj, *refusal)) run {
	return held(func(c *call) (obj, *refusal) {
		g := c.ws.group(c.str("usergroup"))
		if g == nil || g.ID != c.str("usergroup") {
			return nil, refuse("no_such_subteam")
		}
		return do(c, g)
	})
}

func groupMembers(c *call, g *group) (obj, *refusal) {
	if g.disabled != 0 && !c.bool("include_disabled") {
		return nil, refuse("no_such_subteam")
	}
	return obj{"users": g.Members}, nil
}

func createGroup(c *call) (obj, *refusal) {
	name := c.str("name")
	if name == "" {
		return nil, refuse("missing_subteam_name")
	}
	handle := strings.TrimPrefix(c.str("handle"), "@")
	if handle == "" {
		handle = strings.ReplaceAll(strings.ToLower(name), " ", "-")
	}
	to := UserGroup{Handle: handle, Name: name, Description: c.str("description")}
	if word := c.groupFault(nil, to); word != "" {
		return nil, refuse(word)
	}
	to.ID = c.ws.nextID("S")
	return obj{"usergroup": c.counted(c.ws.addUserGroup(to))}, nil
}

func updateGroup(c *call, g *group) (obj, *refusal) {
	to := UserGroup{Handle: strings.TrimPrefix(c.str("handle"), "@"), Name: c.str("name"), Description: c.str("description")}
	if word := c.groupFault(g, to); word != "" {
		return nil, refuse(word)
	}
	c.ws.alterGroup(g, to)
	return obj{"usergroup": c.counted(g)}, nil
}

// groupFault is the word that a user group's new name, handle or description is refused with, if it is; g is the group
// that has them already, nil for a new one. The caller holds the workspace's lock.
func (c *call) groupFault(g *group, to UserGroup) string {
	taken := func(same func(*group) bool) bool {
		return slices.ContainsFunc(c.ws.groups, func(o *group) bool { return o != g && same(o) })
	}
	free := func(handle string) bool { return c.ws.user(handle) == nil && c.ws.channel(handle) == nil }
	switch {
	case to.Name != "" && taken(func(o *group) bool { return o.Name == to.Name }):
		return "name_already_exists"
	case to.Handle != "" && !groupHandle.MatchString(to.Handle):
		return "bad_handle"
	case to.Handle != "" && (taken(func(o *group) bool { return o.Handle == to.Handle }) || !free(to.Handle)):
		return "handle_already_exists"
	case utf8.RuneCountInString(to.Description) > maxGroupNote:
		return "description_too_long"
	}
	return ""
}

// fillGroup is usergroups.users.update: these are the members from now on.
func fillGroup(c *call, g *group) (obj, *refusal) {
	ids := c.list("users")
	if len(ids) == 0 {
		return nil, refuse("no_users_provided")
	}
	for _, id := range ids {
		switch u := c.ws.user(id); {
		case u == nil || u.ID != id || u.deleted:
			return nil, refuse("invalid_users")
		case u.bot:
			return nil, refuse("invalid_user") // bots are in no group
		}
	}
	c.ws.alterGroup(g, UserGroup{Members: ids})
	o := c.counted(g)
	o["users"] = g.Members
	return obj{"usergroup": o}, nil
}

func enableGroup(c *call, g *group) (obj, *refusal) { return c.setDisabled(g, 0) }

func disableGroup(c *call, g *group) (obj, *refusal) {
	return c.setDisabled(g, time.Now().Unix())
}

// setDisabled disables a user group at a time, or enables it at none.
func (c *call) setDisabled(g *group, at int64) (obj, *refusal) {
	g.disabled = at
	c.ws.alterGroup(g, UserGroup{})
	return obj{"usergroup": c.counted(g)}, nil
}
