package webapi

import (
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// person is the person that a call is about: the app's bot where it names nobody. The caller holds the workspace's lock.
func (c *call) person() (*workspace.Account, *Failure) {
	id := c.Str("user")
	if id == "" {
		id = c.cfg.App.BotUserID
	}
	u := c.ws.User(id)
	if u == nil || u.ID != id {
		return nil, refuse("user_not_found")
	}
	return u, nil
}

func userProfile(c *call) (obj, *Failure) {
	u, ref := c.person()
	if ref != nil {
		return nil, ref
	}
	return obj{"profile": u.Profile(c.ws.Config)}, nil
}

func getPresence(c *call) (obj, *Failure) {
	u, ref := c.person()
	if ref != nil {
		return nil, ref
	}
	presence := "active"
	if u.Away {
		presence = "away"
	}
	return obj{"presence": presence}, nil
}

func setPresence(c *call) (obj, *Failure) {
	p := c.Str("presence")
	if p != "auto" && p != "away" {
		return nil, refuse("invalid_presence")
	}
	c.ws.User(c.cfg.App.BotUserID).Away = p == "away"
	return nil, nil
}

func userInfo(c *call) (obj, *Failure) {
	u := c.ws.User(c.Str("user"))
	if u == nil || u.ID != c.Str("user") {
		return nil, refuse("user_not_found")
	}
	return obj{"user": u.Object(c.ws.Config)}, nil
}

func userList(c *call) (obj, *Failure) {
	all := []obj{}
	for _, u := range c.ws.Users {
		all = append(all, u.Object(c.ws.Config))
	}
	body, ref := page(c, "members", all, 1000)
	if ref == nil {
		body["cache_ts"] = c.cfg.Now().Unix()
	}
	return body, ref
}

func userByEmail(c *call) (obj, *Failure) {
	for _, u := range c.ws.Users {
		if u.Email != "" && strings.EqualFold(u.Email, c.Str("email")) {
			return obj{"user": u.Object(c.ws.Config)}, nil
		}
	}
	return nil, refuse("users_not_found")
}

func dndInfo(c *call) (obj, *Failure) {
	u, ref := c.person()
	if ref != nil {
		return nil, ref
	}
	return u.DNDStatus(), nil
}

// dndTeam tells of up to fifty people at once; those whom nobody knows are left out.
func dndTeam(c *call) (obj, *Failure) {
	ids := c.list("users")
	if len(ids) == 0 {
		return nil, refuse("no_users_provided")
	}
	users := obj{}
	for _, id := range ids[:min(len(ids), 50)] {
		if u := c.ws.User(id); u != nil && u.ID == id {
			users[id] = u.DNDStatus()
		}
	}
	return obj{"users": users}, nil
}
