package webapi

import (
	"strings"
	"time"
)

func userInfo(c *call) (obj, *refusal) {
	u := c.ws.User(c.Str("user"))
	if u == nil || u.ID != c.Str("user") {
		return nil, refuse("user_not_found")
	}
	return obj{"user": c.ws.UserObject(u)}, nil
}

func userList(c *call) (obj, *refusal) {
	all := []obj{}
	for _, u := range c.ws.Users {
		all = append(all, c.ws.UserObject(u))
	}
	body, ref := page(c, "members", all, 1000)
	if ref == nil {
		body["cache_ts"] = time.Now().Unix()
	}
	return body, ref
}

func userByEmail(c *call) (obj, *refusal) {
	for _, u := range c.ws.Users {
		if u.Email != "" && strings.EqualFold(u.Email, c.Str("email")) {
			return obj{"user": c.ws.UserObject(u)}, nil
		}
	}
	return nil, refuse("users_not_found")
}

func teamInfo(c *call) (obj, *refusal) {
	t := c.cfg.Team
	if id := c.Str("team"); id != "" && id != t.ID {
		return nil, refuse("team_not_found")
	}
	return obj{"team": obj{"id": t.ID, "name": t.Name, "domain": t.Domain, "email_domain": "",
		"icon": obj{"image_default": true}}}, nil
}

func botInfo(c *call) (obj, *refusal) {
	a := c.cfg.App
	if id := c.Str("bot"); id != "" && id != a.BotID {
		return nil, refuse("bot_not_found")
	}
	return obj{"bot": obj{"id": a.BotID, "deleted": false, "name": a.Name, "updated": 0, "app_id": a.ID,
		"user_id": a.BotUserID, "icons": obj{}}}, nil
}
